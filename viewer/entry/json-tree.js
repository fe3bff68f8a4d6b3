// `input` as a tree of which only the opened levels are read and drawn.

import { LitElement, css, html, nothing, svg } from "lit";
import { repeat } from "lit/directives/repeat.js";

import { controls } from "../app/tokens.js";
import { copyText } from "./copy-button.js";
import { drawn, drawnStyles } from "./drawn-text.js";
import { plainly } from "./hidden-characters.js";
import { lengthText } from "./long-text.js";
import { isContainer, Tree } from "./tree-nodes.js";

/** @import { PropertyValues } from "lit" */
/** @import { Place } from "skill-log" */
/** @import { TreeNode } from "./tree-nodes.js" */

/** How many rows are opened by themselves. */
const FIRST_ROWS = 24;

/** The most rows that are drawn: those around the active one. */
const MOST_DRAWN = 400;

/** Up to this level rows are indented further and further. */
const DEEPEST_INDENT = 12;

/** Up to this level hits are marked: the path of each row has a step for each level. */
const DEEPEST_MARKED = 200;

/** @type {readonly Place[]} */
const NO_PLACES = [];

/**
 * `<json-tree .bytes .places .current>`: `bytes` are valid JSON, `places` those in `input`.
 */
export class JsonTree extends LitElement {
  static properties = {
    bytes: { attribute: false },
    places: { attribute: false },
    current: { attribute: false },
    active: { state: true },
    first: { state: true },
    problem: { state: true },
  };

  static styles = [
    controls,
    drawnStyles,
    css`
      :host { display: block; }
      [role="tree"] { font: 12px / 22px var(--font-mono); border-radius: var(--radius); }
      .row {
        display: flex; align-items: baseline; gap: 6px; min-width: 0;
        padding: 0 var(--space-2); border-radius: 4px;
      }
      .row:hover { background: var(--hover); }
      [role="tree"]:focus-visible { outline: none; }
      [role="tree"]:focus-visible .active { outline: 2px solid var(--focus); outline-offset: -2px; }
      .active { background: var(--hover); }
      .twisty {
        flex: none; width: 12px; height: 12px; align-self: center; color: var(--text-soft);
        transition: transform var(--quick);
      }
      .open > .twisty { transform: rotate(90deg); }
      .can-open { cursor: pointer; }
      .key { flex: none; max-width: 60%; color: var(--accent); overflow: hidden;
        text-overflow: ellipsis; white-space: pre; unicode-bidi: isolate; }
      .index, .group { color: var(--text-soft); flex: none; }
      .value { min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: pre;
        unicode-bidi: isolate; direction: ltr; }
      .string { color: var(--good); }
      .numeric { color: var(--warn); }
      .word { color: var(--ansi-magenta); }
      .count { color: var(--text-soft); font-family: var(--font-ui); font-size: var(--text-small); }
      .depth { flex: none; color: var(--text-soft); font-size: var(--text-small); }
      .actions { display: none; flex: none; margin-inline-start: auto; gap: 2px; }
      .row:hover .actions, .row.active .actions { display: flex; }
      .actions button, .more {
        height: 20px; padding: 0 6px; font: var(--text-small) var(--font-ui); color: var(--text-soft);
      }
      .actions button:hover { color: var(--text); }
      .more { margin: 2px var(--space-2); color: var(--accent); }
      .long { padding: 2px var(--space-2) var(--space-2); }
      long-text { padding: var(--space-2) var(--space-3); border-radius: var(--radius);
        background: var(--surface); border: 1px solid var(--line); line-height: 1.5; }
      .l1 { padding-inline-start: 8px; } .l2 { padding-inline-start: 24px; }
      .l3 { padding-inline-start: 40px; } .l4 { padding-inline-start: 56px; }
      .l5 { padding-inline-start: 72px; } .l6 { padding-inline-start: 88px; }
      .l7 { padding-inline-start: 104px; } .l8 { padding-inline-start: 120px; }
      .l9 { padding-inline-start: 136px; } .l10 { padding-inline-start: 152px; }
      .l11 { padding-inline-start: 168px; } .l12 { padding-inline-start: 184px; }
      @container (width < 480px) {
        .l4, .l5, .l6, .l7, .l8, .l9, .l10, .l11, .l12 { padding-inline-start: 48px; }
        .actions { display: none !important; }
      }
    `,
  ];

  /** @type {Tree | null} */
  #tree = null;
  #work = new AbortController();
  /** @type {Map<string, Place[]>} */
  #placesByPath = new Map();

  constructor() {
    super();
    this.bytes = new Uint8Array();
    this.places = NO_PLACES;
    /** @type {Place | null} */
    this.current = null;
    /** @type {TreeNode | null} */
    this.active = null;
    /** The first row that is drawn. */
    this.first = 0;
    this.problem = "";
  }

  /** @param {PropertyValues<this>} changed */
  willUpdate(changed) {
    if (changed.has("bytes")) this.#begin();
    if (changed.has("places")) {
      this.#placesByPath = new Map();
      for (const place of this.places) {
        const path = `${place.field}${place.key ? "\0" : ""}`;
        this.#placesByPath.set(path, [...(this.#placesByPath.get(path) ?? []), place]);
      }
    }
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#work.abort();
  }

  async #begin() {
    this.#work.abort();
    const { signal } = (this.#work = new AbortController());
    const tree = (this.#tree = new Tree(this.bytes));
    this.active = null;
    this.first = 0;
    await this.#try(async () => {
      await tree.start(signal);
      this.active = tree.root;
      await tree.openFirst(FIRST_ROWS, signal);
    });
  }

  /** @param {() => Promise<void>} work */
  async #try(work) {
    const { signal } = this.#work;
    try {
      await work();
      this.problem = "";
    } catch (error) {
      if (!signal.aborted) this.problem = error instanceof Error ? error.message : String(error);
    }
    this.requestUpdate();
  }

  /**
   * Shows a place, and opens what leads to it.
   *
   * @param {Place} place
   */
  async showPlace(place) {
    const { signal } = this.#work;
    await this.#try(async () => {
      const tree = this.#tree;
      if (!tree?.root) return;
      let node = await tree.reveal(place.field, signal);
      // The place of a key is that of its object; the key itself may be in any of its groups.
      if (node && place.key) {
        await tree.open(node, signal);
        const text = place.excerpt.text.slice(place.excerpt.start, place.excerpt.end);
        node = (await this.#rowWithKey(node, text, signal)) ?? node;
      } else if (node?.value.kind === "string" && canOpen(tree, node)) {
        await tree.open(node, signal);
      }
      if (node) this.#moveTo(node);
    });
    await this.updateComplete;
    const shown = this.renderRoot.querySelector(".active");
    shown?.scrollIntoView({ block: "center" });
    const long = shown?.nextElementSibling?.querySelector("long-text");
    if (long) await /** @type {import("./long-text.js").LongText} */ (long).showCurrent();
  }

  /**
   * @param {TreeNode} node
   * @param {string} text
   * @param {AbortSignal} signal
   * @returns {Promise<TreeNode | null>}
   */
  async #rowWithKey(node, text, signal) {
    for (const child of node.children ?? []) {
      if (child.group) {
        const wasOpen = child.isOpen;
        await this.#tree?.open(child, signal);
        const found = await this.#rowWithKey(child, text, signal);
        if (found) return found;
        child.isOpen = wasOpen;
      } else if (this.#tree?.keyOf(child)?.includes(text)) return child;
    }
    return null;
  }

  render() {
    const tree = this.#tree;
    if (this.problem) return html`<p class="bad">${plainly(this.problem)}</p>`;
    if (!tree?.root) return html`<p class="soft">Reading…</p>`;
    const rows = tree.rows();
    const drawnRows = rows.slice(this.first, this.first + MOST_DRAWN);
    const before = this.first;
    const after = rows.length - before - drawnRows.length;
    const { active } = this;
    return html`
      <div role="tree" tabindex="0" aria-label="input" aria-activedescendant=${active && drawnRows.includes(active) ? `row-${active.id}` : nothing}
        @keydown=${this.#keyDown}>
        ${
          before > 0
            ? html`<button class="quiet more" tabindex="-1" @click=${() => this.#page(-1)}>
              ${before.toLocaleString("en")} rows above</button>`
            : nothing
        }
        ${repeat(
          drawnRows,
          ({ id }) => id,
          (node) => this.#row(tree, node),
        )}
        ${
          after > 0
            ? html`<button class="quiet more" tabindex="-1" @click=${() => this.#page(1)}>
              ${after.toLocaleString("en")} rows below</button>`
            : nothing
        }
      </div>`;
  }

  /**
   * @param {Tree} tree
   * @param {TreeNode} node
   */
  #row(tree, node) {
    const opens = canOpen(tree, node);
    const level = Math.min(node.level, DEEPEST_INDENT);
    const isActive = node === this.active;
    return html`<div id="row-${node.id}" role="treeitem" aria-level=${node.level}
        aria-setsize=${node.siblings} aria-posinset=${node.at + 1}
        aria-expanded=${opens ? node.isOpen : nothing} aria-selected=${isActive}
        class="row l${level} ${isActive ? "active" : ""} ${node.isOpen ? "open" : ""} ${opens ? "can-open" : ""}"
        @click=${() => this.#click(node)}>
        <svg class="glyph twisty" viewBox="0 0 16 16" aria-hidden="true">
          ${opens ? svg`<path d="M6 3.5 10.5 8 6 12.5"/>` : nothing}
        </svg>
        ${node.level > DEEPEST_INDENT ? html`<span class="depth">level ${node.level}</span>` : nothing}
        ${this.#label(tree, node)}${this.#value(tree, node)}
        ${node.group ? nothing : this.#actions(tree, node)}
      </div>
      ${
        node.isOpen && node.text !== null
          ? html`<div class="long l${level}"><long-text .text=${node.text}
            .marks=${this.#placesAt(tree, node, false)} .current=${this.current}></long-text></div>`
          : nothing
      }`;
  }

  /**
   * @param {Tree} tree
   * @param {TreeNode} node
   */
  #label(tree, node) {
    if (node.group)
      return html`<span class="group">[${node.group.from.toLocaleString("en")} … ${(node.group.to - 1).toLocaleString("en")}]</span>`;
    if (node.key) {
      const { text, isWhole } = tree.preview(node.key);
      const marks = this.#placesAt(tree, node, true);
      return html`<span class="key">${drawn(text, { marks, isRaw: true })}${isWhole ? "" : "…"}</span>`;
    }
    return node.parent ? html`<span class="index">${node.index}</span>` : nothing;
  }

  /**
   * @param {Tree} tree
   * @param {TreeNode} node
   */
  #value(tree, node) {
    const { value, group } = node;
    if (group) return nothing;
    if (value.kind === "object" || value.kind === "array") {
      const [open, close] = value.kind === "object" ? "{}" : "[]";
      const noun = value.kind === "object" ? "member" : "item";
      if (value.count === 0) return html`<span class="value soft">${open}${close}</span>`;
      return html`<span class="value soft">${open}${node.isOpen ? "" : `…${close}`}</span>
        <span class="count">${value.count.toLocaleString("en")} ${noun}${value.count === 1 ? "" : "s"}</span>`;
    }
    const { text, isWhole } = tree.preview(value);
    if (value.kind !== "string")
      return html`<span class="value ${value.kind === "number" ? "numeric" : "word"}">${text}${isWhole ? "" : "…"}</span>`;
    const marks = this.#placesAt(tree, node, false);
    if (node.isOpen) return html`<span class="count">${lengthText(node.text?.length ?? 0)}</span>`;
    const [line] = text.split("\n", 1);
    return html`<span class="value string">"${drawn(line, { marks, isRaw: true })}${isWhole && line === text ? '"' : "…"}</span>
      ${isWhole ? nothing : html`<span class="count">${((value.end - value.start) / 1000).toLocaleString("en", { maximumFractionDigits: 1 })} kB</span>`}
      ${marks.length > 0 && !isWhole ? html`<span class="tag warn">${marks.length} ${marks.length === 1 ? "hit" : "hits"}</span>` : nothing}`;
  }

  /**
   * @param {Tree} tree
   * @param {TreeNode} node
   */
  #actions(tree, node) {
    const copy = (/** @type {() => string} */ text) => async (/** @type {Event} */ event) => {
      event.stopPropagation();
      const button = /** @type {HTMLButtonElement} */ (event.currentTarget);
      const label = button.textContent;
      button.textContent = (await copyText(text())) ? "Copied" : "Not copied";
      setTimeout(() => (button.textContent = label), 1200);
    };
    const json = () =>
      new TextDecoder().decode(tree.bytes.subarray(node.value.start, node.value.end));
    // Keys do the same in the tree, so that Tab leaves it.
    return html`<span class="actions">
      <button class="quiet" tabindex="-1" title="Copy its path (p)" @click=${copy(() => tree.pathOf(node))}>Path</button>
      <button class="quiet" tabindex="-1" title="Copy its JSON (c)" @click=${copy(json)}>JSON</button>
    </span>`;
  }

  /**
   * @param {Tree} tree
   * @param {TreeNode} node
   * @param {boolean} isKey
   * @returns {readonly Place[]}
   */
  #placesAt(tree, node, isKey) {
    if (this.#placesByPath.size === 0 || node.level > DEEPEST_MARKED) return NO_PLACES;
    if (!isKey) return this.#placesByPath.get(tree.pathOf(node)) ?? NO_PLACES;
    let object = node.parent;
    while (object?.group) object = object.parent;
    if (!object) return NO_PLACES;
    const places = this.#placesByPath.get(`${tree.pathOf(object)}\0`) ?? NO_PLACES;
    const key = places.length > 0 ? (tree.keyOf(node) ?? "") : "";
    // Places name the object alone. The excerpt says which key it is, as far as it goes.
    return places.filter(
      ({ length, start, excerpt }) =>
        key.length === length && key.startsWith(excerpt.text, start - excerpt.start),
    );
  }

  /** @param {TreeNode} node */
  async #click(node) {
    this.active = node;
    await this.#toggle(node, !node.isOpen);
  }

  /**
   * @param {TreeNode} node
   * @param {boolean} isOpen
   */
  async #toggle(node, isOpen) {
    const tree = this.#tree;
    if (!tree || !canOpen(tree, node)) return;
    if (isOpen) await this.#try(() => tree.open(node, this.#work.signal));
    else node.isOpen = false;
    this.requestUpdate();
  }

  /** @param {TreeNode | undefined} node */
  #moveTo(node) {
    const tree = this.#tree;
    if (!tree || !node) return;
    this.active = node;
    const at = tree.rows().indexOf(node);
    if (at < this.first || at >= this.first + MOST_DRAWN)
      this.first = Math.max(0, at - MOST_DRAWN / 2);
  }

  /** @param {number} pages */
  #page(pages) {
    const last = Math.max(0, (this.#tree?.rows().length ?? 0) - MOST_DRAWN);
    this.first = Math.min(last, Math.max(0, this.first + (pages * MOST_DRAWN) / 2));
  }

  #keyDown = async (/** @type {KeyboardEvent} */ event) => {
    const tree = this.#tree;
    const node = this.active;
    if (!tree || !node || event.ctrlKey || event.metaKey || event.altKey) return;
    const rows = tree.rows();
    const at = rows.indexOf(node);
    const json = () => tree.bytes.subarray(node.value.start, node.value.end);
    /** @type {Record<string, () => unknown>} */
    const actions = {
      ArrowDown: () => this.#moveTo(rows[at + 1]),
      ArrowUp: () => this.#moveTo(rows[at - 1]),
      Home: () => this.#moveTo(rows[0]),
      End: () => this.#moveTo(rows.at(-1)),
      ArrowRight: () =>
        node.isOpen ? node.children && this.#moveTo(rows[at + 1]) : this.#toggle(node, true),
      ArrowLeft: () =>
        node.isOpen ? this.#toggle(node, false) : this.#moveTo(node.parent ?? undefined),
      Enter: () => this.#toggle(node, !node.isOpen),
      " ": () => this.#toggle(node, !node.isOpen),
      c: () => copyText(new TextDecoder().decode(json())),
      p: () => copyText(tree.pathOf(node)),
    };
    if (!Object.hasOwn(actions, event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    await actions[event.key]();
    await this.updateComplete;
    this.renderRoot.querySelector(".active")?.scrollIntoView({ block: "nearest" });
  };
}
customElements.define("json-tree", JsonTree);

/**
 * @param {Tree} tree
 * @param {TreeNode} node
 */
function canOpen(tree, node) {
  if (isContainer(node)) return true;
  if (node.value.kind !== "string") return false;
  if (node.isOpen || node.value.end - node.value.start > 80) return true;
  return tree.preview(node.value).text.includes("\n");
}
