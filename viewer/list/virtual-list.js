// Rows of the same height, any number of them, with the browser's own scroll bar. Only rows in view
// and a few more are in the page, and their nodes are used again.

import { LitElement, css, html, nothing, render } from "lit";

import { controls } from "../app/tokens.js";
import { Scrolling } from "./scrolling.js";

/** @import { CSSResult, TemplateResult } from "lit" */

/** Rows that are in the page before and after those in view, so that a wheel shows no gap. */
const OVERSCAN = 12;

/** How long nothing is scrolled before the scroll bar is set, in milliseconds. */
const PAUSE = 150;

/** How long after a movement the place is said to screen readers, in milliseconds. */
const SAID_AFTER = 300;

/** How many rows away from the slice's first row others are placed, before the slice moves. */
const SLICE = 10_000;

/**
 * A list that scrolls any number of rows.
 *
 * Fires `active-change` with `{ at }` when a person moves to a row, `row-open` with `{ at }` for a
 * click and the Enter key, and `rows-in-view` with `{ start, end }` after rows came into view.
 */
export class VirtualList extends LitElement {
  static properties = {
    count: { type: Number },
    rowHeight: { type: Number },
    renderRow: { attribute: false },
    active: { type: Number },
    kind: {},
    label: {},
    header: { attribute: false },
    columns: { type: Number },
    rowStyles: { attribute: false },
    unit: {},
  };

  static styles = [
    controls,
    css`
      :host { display: block; position: relative; min-height: 0; overflow: hidden; }
      .scroller { position: absolute; inset: 0; overflow: auto; overflow-anchor: none; outline: none; }
      :host(:focus-within) .scroller:focus-visible {
        outline: 2px solid var(--focus); outline-offset: -2px;
      }
      .header { position: sticky; top: 0; z-index: 1; min-width: var(--rows-width, 0); }
      .spacer { position: relative; contain: strict; min-width: var(--rows-width, 0); }
      .slice { position: absolute; left: 0; right: 0; top: 0; height: 0; }
      .row {
        position: absolute; left: 0; right: 0; height: var(--row-height); overflow: clip;
        contain: strict;
      }
    `,
  ];

  #scrolling = new Scrolling();
  /** @type {Map<number, HTMLElement>} by row */
  #nodes = new Map();
  /** @type {HTMLElement[]} those without a row */
  #free = [];
  /** The row that stands at the top of the slice. */
  #first = 0;
  /** Whether only rows in view are in the page, because there was no time for more. */
  #isBare = true;
  /** Whether a wheel or a finger scrolls. */
  #isFine = false;
  #touches = 0;
  #said = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #pause;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #saying;
  #sizes = new ResizeObserver(() => {
    // The first rows are made in a task of their own: the browser laid out all of the page in this.
    if (this.#isMeasured) this.#measured();
    else setTimeout(() => this.#measured());
  });
  /**
   * Whether the browser has laid the list out. To ask for its size before would make the browser do
   * that at once, in the same task.
   */
  #isMeasured = false;
  /** Scrolls to where the list was told to when the sizes were unknown. */
  #goesOn = () => {};
  /** Whether drawing waits until the place is known. */
  #isHeld = false;

  constructor() {
    super();
    this.count = 0;
    this.rowHeight = 30;
    /** @type {(at: number) => TemplateResult} what a row shows */
    this.renderRow = () => html``;
    /** The row that keys move from; -1: none. */
    this.active = -1;
    /** @type {"listbox" | "grid"} what the list is to screen readers */
    this.kind = "listbox";
    /** The list's name for screen readers. */
    this.label = "";
    /** @type {TemplateResult | null} stays above the rows: of a grid, its `columnheader`s */
    this.header = null;
    /** How many columns a grid has. */
    this.columns = 0;
    /** @type {readonly CSSResult[]} the styles of rows and header */
    this.rowStyles = [];
    /** What a row is, for screen readers. */
    this.unit = "Row";
  }

  /** The rows that are at least partly in view; `end` is excluded. */
  get inView() {
    return this.#scrolling.rows();
  }

  /** Whether the list knows its height, and so which rows are in view. */
  get isMeasured() {
    return this.#isMeasured;
  }

  /** Whether the last row is in view as far as it can be. */
  get isAtEnd() {
    return this.#scrolling.lastTop - this.#scrolling.top < 2;
  }

  /**
   * Scrolls until a row is whole in view.
   *
   * @param {number} at
   * @param {"nearest" | "center" | "start" | "end"} [where] default: as little as possible
   */
  reveal(at, where) {
    if (!this.#isMeasured) {
      this.#goesOn = () => this.reveal(at, where);
      return;
    }
    this.#resize();
    this.#goTo(this.#scrolling.topOf(at, where));
  }

  /**
   * Returns how far below the upper edge of the view a row starts, in CSS pixels.
   *
   * @param {number} at
   */
  placeOf(at) {
    return at * this.#scrolling.rowHeight - this.#scrolling.top;
  }

  /**
   * Scrolls until a row starts as far below the upper edge of the view as it can.
   *
   * @param {number} at
   * @param {number} y in CSS pixels
   */
  place(at, y) {
    if (!this.#isMeasured) {
      this.#goesOn = () => this.place(at, y);
      return;
    }
    this.#resize();
    this.#goTo(at * this.rowHeight - y);
  }

  /**
   * Makes another row the active one, and shows it.
   *
   * @param {number} at brought into the list's range
   * @param {"nearest" | "center"} [where]
   */
  moveTo(at, where) {
    if (this.count === 0) return;
    this.active = Math.min(Math.max(0, at), this.count - 1);
    this.reveal(this.active, where);
    this.#fire("active-change", { at: this.active });
  }

  /** Draws the rows in the page again, because what they show has changed. */
  redraw() {
    this.requestUpdate();
  }

  focus() {
    this.#scroller.focus({ preventScroll: true });
  }

  get #scroller() {
    return this.#part("scroller");
  }

  /** @param {string} name */
  #part(name) {
    return /** @type {HTMLElement} */ (this.renderRoot.querySelector(`.${name}`));
  }

  render() {
    const isGrid = this.kind === "grid";
    return html`
      <div
        class="scroller"
        tabindex="0"
        role=${this.kind}
        aria-label=${this.label}
        aria-rowcount=${isGrid ? this.count + (this.header ? 1 : 0) : nothing}
        aria-colcount=${isGrid && this.columns ? this.columns : nothing}
        @scroll=${this.#onScroll}
        @wheel=${{ handleEvent: () => this.#setFine(true), passive: true }}
        @touchstart=${{ handleEvent: this.#onTouch, passive: true }}
        @touchend=${this.#onTouch}
        @touchcancel=${this.#onTouch}
        @pointerdown=${this.#onPointer}
        @keydown=${this.#onKey}
        @focus=${this.#onFocus}
        @click=${this.#onClick}
      >
        <div
          class="header"
          role=${isGrid && this.header ? "row" : "presentation"}
          aria-rowindex=${isGrid && this.header ? 1 : nothing}
        >${this.header}</div>
        <div class="spacer" role="presentation"><div class="slice" role="presentation"></div></div>
      </div>
      <div class="said for-readers" role="status"></div>
    `;
  }

  firstUpdated() {
    this.#sizes.observe(this.#scroller);
    this.#sizes.observe(this.#part("header"));
  }

  connectedCallback() {
    super.connectedCallback();
    // The browser forgets the place of what leaves the page.
    if (this.#isMeasured) this.#settle();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this.#pause);
    clearTimeout(this.#saying);
  }

  /** @param {Map<string, unknown>} changed */
  updated(changed) {
    if (changed.has("rowStyles")) this.#adopt();
    if (!this.#resize(true, this.#scrolling.viewport)) this.#draw(true);
    if (changed.has("active") && changed.get("active") !== undefined) this.#saySoon();
  }

  #adopt() {
    const root = /** @type {ShadowRoot} */ (this.renderRoot);
    const own = /** @type {CSSResult[]} */ (VirtualList.elementStyles);
    root.adoptedStyleSheets = [...own, ...this.rowStyles].flatMap(
      ({ styleSheet }) => styleSheet ?? [],
    );
  }

  #measured() {
    if (this.#isMeasured) {
      this.#resize();
      return;
    }
    this.#isMeasured = true;
    // Scrolling makes the browser lay out what was drawn before.
    this.#isHeld = true;
    this.#resize();
    this.#goesOn();
    this.#isHeld = false;
    this.#draw(true);
    this.#settleSoon();
  }

  /**
   * Takes over the sizes of the element and its rows, and draws them if the sizes are others.
   *
   * @param {boolean} [isAll] whether to draw those again that are in the page
   * @param {number} [viewport] its height. Default: measured, for which the browser lays the page out
   *   at once
   * @returns {boolean} whether the rows were drawn
   */
  #resize(
    isAll = false,
    viewport = Math.max(0, this.#scroller.clientHeight - this.#part("header").offsetHeight),
  ) {
    if (!this.#isMeasured) return false;
    const list = this.#scrolling;
    const sizes = {
      count: this.count,
      rowHeight: this.rowHeight,
      viewport,
      pixelRatio: devicePixelRatio,
    };
    if (Object.entries(sizes).every(([name, size]) => Reflect.get(list, name) === size))
      return false;
    const isOther = list.rowHeight !== sizes.rowHeight;
    list.resize(sizes);
    this.#part("spacer").style.height = `${list.spacer}px`;
    // More rows change where the scroll bar belongs. That can wait, so that no wheel is stopped.
    if (isOther || list.mustSettle || (list.offset === 0 && list.bar > 0)) this.#settle();
    else this.#settleSoon();
    this.#draw(isAll || isOther);
    return true;
  }

  /** @param {number} top */
  #goTo(top) {
    this.#scrolling.goTo(top);
    this.#settle();
    // What moves often changes what rows show, too. Both are drawn at once.
    if (!this.#isHeld) this.requestUpdate();
  }

  /** Sets the scroll bar to where it belongs. */
  #settle() {
    const list = this.#scrolling;
    if (this.#scroller.scrollTop !== list.bar || !list.isSettled) {
      this.#scroller.scrollTop = Math.round(list.barAt(list.top));
      list.settle(this.#scroller.scrollTop);
    }
    this.#placeSlice();
  }

  #settleSoon() {
    clearTimeout(this.#pause);
    if (this.#touches > 0) return;
    this.#pause = setTimeout(() => {
      this.#isFine = false;
      this.#isBare = false;
      if (!this.#scrolling.isSettled) this.#settle();
      if (this.#isMeasured) this.#place();
    }, PAUSE);
  }

  #onScroll() {
    const { scrollTop } = this.#scroller;
    if (scrollTop === this.#scrolling.bar) return;
    this.#scrolling.scrolled(scrollTop, this.#isFine);
    if (this.#scrolling.mustSettle) this.#settle();
    this.#settleSoon();
    // The scroll bar may be dragged past all that is in the page.
    const { start, end } = this.inView;
    this.#isBare = !this.#nodes.has(start) && !this.#nodes.has(end - 1);
    this.#draw(false, false);
  }

  /** @param {boolean} isFine */
  #setFine(isFine) {
    this.#isFine = isFine;
    this.#settleSoon();
  }

  /** @param {TouchEvent} event */
  #onTouch(event) {
    this.#touches = event.touches.length;
    this.#setFine(true);
  }

  /** @param {PointerEvent} event */
  #onPointer({ pointerType }) {
    // A mouse may take the scroll bar.
    if (pointerType === "mouse") this.#isFine = false;
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.altKey || event.shiftKey || event.defaultPrevented) return;
    const isJump = event.key === "Home" || event.key === "End";
    if ((event.ctrlKey || event.metaKey) && !isJump) return;
    const page = Math.max(1, Math.floor(this.#scrolling.viewport / this.rowHeight) - 1);
    const from = this.active < 0 ? this.inView.start : this.active;
    switch (event.key) {
      case "ArrowDown":
        this.moveTo(this.active < 0 ? from : from + 1);
        break;
      case "ArrowUp":
        this.moveTo(from - 1);
        break;
      case "PageDown":
        this.moveTo(from + page);
        break;
      case "PageUp":
        this.moveTo(from - page);
        break;
      case "Home":
        this.moveTo(0);
        break;
      case "End":
        this.moveTo(this.count - 1);
        break;
      case "Enter":
      case " ":
        if (this.active < 0 || event.target !== this.#scroller) return;
        this.#fire("row-open", { at: this.active });
        break;
      default:
        return;
    }
    event.preventDefault();
  }

  #onFocus() {
    // A pointer chooses a row itself.
    if (this.active < 0 && this.count > 0 && this.#scroller.matches(":focus-visible")) {
      this.active = this.inView.start;
      this.#fire("active-change", { at: this.active });
    }
    this.#saySoon();
  }

  /** @param {MouseEvent} event */
  #onClick(event) {
    for (const node of event.composedPath()) {
      const at = this.#rowOf(node);
      if (at === undefined) continue;
      // Someone selects text in order to copy it.
      if (getSelection()?.type === "Range") return;
      this.active = at;
      this.#fire("active-change", { at });
      this.#fire("row-open", { at });
      return;
    }
  }

  /** @param {EventTarget} node */
  #rowOf(node) {
    for (const [at, row] of this.#nodes) if (row === node) return at;
  }

  /**
   * Puts the rows in view into the page, and says so.
   *
   * @param {boolean} [isAll] see `#place`
   * @param {boolean} [isOrdered] see `#place`
   */
  #draw(isAll, isOrdered) {
    if (!this.#isMeasured || this.#isHeld) return;
    this.#place(isAll, isOrdered);
    this.#fire("rows-in-view", this.inView);
  }

  /**
   * Puts the rows in view into the page.
   *
   * @param {boolean} [isAll] whether to draw those again that are in the page
   * @param {boolean} [isOrdered] whether the nodes stand in the order of the rows, which matters to
   *   screen readers. While a wheel turns, moving nodes would cost time that it does not have.
   */
  #place(isAll = false, isOrdered = true) {
    const { start, end } = this.#scrolling.rows(this.#isBare ? 0 : OVERSCAN);
    for (const [at, node] of this.#nodes) {
      if (at >= start && at < end) continue;
      this.#nodes.delete(at);
      this.#free.push(node);
    }
    if (Math.abs(start - this.#first) > SLICE) {
      this.#first = start;
      isAll = true;
    }
    for (let at = start; at < end; at += 1) {
      const node = this.#nodes.get(at);
      if (node && !isAll) continue;
      this.#drawRow(node ?? this.#newNode(at), at);
    }
    // Only while a list scrolls, others may take their place soon.
    for (const node of this.#free.splice(isOrdered ? 0 : OVERSCAN)) node.remove();
    for (const node of this.#free) node.hidden = true;
    if (isOrdered) this.#order();
    this.#placeSlice();
    this.#setActive();
  }

  /** Puts the nodes into the order of the rows. */
  #order() {
    /** @type {HTMLElement | null} */
    let next = null;
    for (const at of [...this.#nodes.keys()].sort((a, b) => b - a)) {
      const node = /** @type {HTMLElement} */ (this.#nodes.get(at));
      if (node.nextElementSibling !== next) this.#part("slice").insertBefore(node, next);
      next = node;
    }
  }

  /** @param {number} at */
  #newNode(at) {
    let node = this.#free.pop();
    if (!node) {
      node = document.createElement("div");
      node.className = "row";
      node.role = this.kind === "grid" ? "row" : "option";
      this.#part("slice").append(node);
    }
    if (node.hidden) node.hidden = false;
    this.#nodes.set(at, node);
    return node;
  }

  /**
   * @param {HTMLElement} node
   * @param {number} at
   */
  #drawRow(node, at) {
    node.id = `row-${at}`;
    // Not a transform, whose 32-bit floats leave gaps this far down.
    node.style.top = `${(at - this.#first) * this.rowHeight}px`;
    if (this.kind === "grid") node.ariaRowIndex = String(at + (this.header ? 2 : 1));
    else {
      node.ariaSetSize = String(this.count);
      node.ariaPosInSet = String(at + 1);
    }
    render(this.renderRow(at), node);
  }

  #placeSlice() {
    const top = this.#first * this.rowHeight + this.#scrolling.offset;
    const { style } = this.#part("slice");
    style.top = `${top}px`;
    style.setProperty("--row-height", `${this.rowHeight}px`);
  }

  /** Says which row is active, where it is in the page. */
  #setActive() {
    const scroller = this.#scroller;
    for (const [at, node] of this.#nodes) {
      const isActive = String(at === this.active);
      // To set what is set already costs time in each frame.
      if (node.ariaSelected !== isActive) node.ariaSelected = isActive;
    }
    if (this.#nodes.has(this.active))
      scroller.setAttribute("aria-activedescendant", `row-${this.active}`);
    else scroller.removeAttribute("aria-activedescendant");
  }

  #saySoon() {
    clearTimeout(this.#saying);
    this.#saying = setTimeout(() => {
      const isOn = this.active >= 0 && this.renderRoot.querySelector(":focus");
      const said = isOn
        ? `${this.unit} ${(this.active + 1).toLocaleString("en")} of ${this.count.toLocaleString("en")}`
        : "";
      if (said === this.#said) return;
      this.#said = said;
      this.#part("said").textContent = said;
    }, SAID_AFTER);
  }

  /**
   * @param {string} name
   * @param {object} detail
   */
  #fire(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
customElements.define("virtual-list", VirtualList);
