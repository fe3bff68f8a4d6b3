// A text of any length: its start and its end, and more on request.

import { LitElement, css, html } from "lit";
import { repeat } from "lit/directives/repeat.js";

import { controls } from "../app/tokens.js";
import { drawn, drawnStyles } from "./drawn-text.js";
import { firstParts, gapsIn, linesIn, MOST_AT_ONCE, withPage, withPlace } from "./text-parts.js";

/** @import { PropertyValues } from "lit" */
/** @import { Mark } from "./drawn-text.js" */
/** @import { Part } from "./text-parts.js" */

/** @type {readonly Mark[]} */
const NO_MARKS = [];

/**
 * `<long-text .text .marks .current .isRaw>`
 */
export class LongText extends LitElement {
  static properties = {
    text: { attribute: false },
    marks: { attribute: false },
    current: { attribute: false },
    isRaw: { attribute: false },
    parts: { state: true },
  };

  static styles = [
    controls,
    drawnStyles,
    css`
      :host { display: block; min-width: 0; }
      .part {
        white-space: pre-wrap; overflow-wrap: anywhere; tab-size: 4;
        unicode-bidi: isolate; direction: ltr;
      }
      .gap {
        display: flex; flex-wrap: wrap; align-items: center; gap: 0 var(--space-1);
        margin: var(--space-1) calc(-1 * var(--space-2)); padding: 2px var(--space-2);
        border-block: 1px dashed var(--line); background: var(--hover);
        font: var(--text-small) / 1.4 var(--font-ui); color: var(--text-soft);
      }
      .gap .what { flex: 1 1 auto; padding: 4px 0; }
      .gap button { height: 24px; padding: 0 8px; font-size: var(--text-small); color: var(--accent); }
    `,
  ];

  /** What was drawn of each part. @type {Map<number, HTMLElement>} */
  #drawn = new Map();

  constructor() {
    super();
    this.text = "";
    /** Places that are marked, in order. */
    this.marks = NO_MARKS;
    /** The one that is looked at. @type {Mark | null} */
    this.current = null;
    this.isRaw = false;
    /** @type {readonly Part[]} */
    this.parts = [];
  }

  /** @param {PropertyValues<this>} changed */
  willUpdate(changed) {
    if (changed.has("text")) this.parts = firstParts(this.text);
    if (this.current && (changed.has("current") || changed.has("text")))
      this.parts = withPlace(this.text, this.parts, this.current.start);
    if (
      ["text", "marks", "current", "isRaw"].some((name) => changed.has(/** @type {any} */ (name)))
    )
      this.#drawn.clear();
  }

  render() {
    const gaps = gapsIn(this.text, this.parts).map((gap) => ({ ...gap, isGap: true }));
    const all = [...this.parts.map((part) => ({ ...part, isGap: false })), ...gaps].sort(
      (one, other) => one.from - other.from,
    );
    return repeat(
      all,
      ({ from, isGap }) => `${isGap}${from}`,
      (part) => (part.isGap ? this.#gap(part) : this.#part(part)),
    );
  }

  /** @param {Part} part */
  #part({ from, to }) {
    let element = this.#drawn.get(from);
    if (!element) {
      element = document.createElement("div");
      element.className = "part";
      const { marks, current, isRaw } = this;
      // A line feed at the end of a block would be an empty line before a gap.
      const end = to < this.text.length && this.text[to - 1] === "\n" ? to - 1 : to;
      element.append(drawn(this.text.slice(from, end), { marks, current, isRaw, start: from }));
      this.#drawn.set(from, element);
    }
    return element;
  }

  /** @param {Part} gap */
  #gap(gap) {
    const lines = linesIn(this.text, gap.from, gap.to);
    const hits = this.marks.filter(({ start }) => gap.from <= start && start < gap.to).length;
    const add = (/** @type {"start" | "end" | "all"} */ where) => () => {
      this.parts = withPage(this.text, this.parts, gap, where);
    };
    return html`<div class="gap">
      <span class="what">${hiddenText(lines, gap.to - gap.from)}${
        hits > 0 ? html` · <span class="warn">${hits} ${hits === 1 ? "hit" : "hits"}</span>` : ""
      }</span>
      ${
        gap.to - gap.from <= MOST_AT_ONCE
          ? html`<button class="quiet" @click=${add("all")}>Show all</button>`
          : ""
      }
      <button class="quiet" @click=${add("start")}>Next lines</button>
      ${
        gap.to < this.text.length
          ? html`<button class="quiet" @click=${add("end")}>Previous lines</button>`
          : ""
      }
    </div>`;
  }

  /** Scrolls to the mark that is looked at. */
  async showCurrent() {
    await this.updateComplete;
    this.renderRoot.querySelector("mark.current")?.scrollIntoView({ block: "center" });
  }
}
customElements.define("long-text", LongText);

/**
 * @param {number | null} lines
 * @param {number} units
 */
function hiddenText(lines, units) {
  const count =
    lines === null ? "" : `${lines.toLocaleString("en")} ${lines === 1 ? "line" : "lines"}, `;
  return `${count}${lengthText(units)} hidden`;
}

/**
 * Returns a length in UTF-16 units as people read it.
 *
 * @param {number} units
 */
export function lengthText(units) {
  if (units < 10_000) return `${units.toLocaleString("en")} characters`;
  if (units < 1_000_000) return `${Math.round(units / 1000)} thousand characters`;
  return `${(units / 1_000_000).toFixed(1)} million characters`;
}
