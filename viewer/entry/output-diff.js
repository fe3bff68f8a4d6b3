// What changed from one text to another: two columns, or one where there is no room.

import { LitElement, css, html, nothing } from "lit";

import { OwnSize } from "../app/own-size.js";
import { controls } from "../app/tokens.js";
import { drawn, drawnStyles } from "./drawn-text.js";
import { asked, TookTooLong } from "./entry-work.js";

/** @import { PropertyValues } from "lit" */
/** @import { ChangeBlock, Difference, SameBlock, Word } from "./diff-blocks.js" */

/** How many lines are shown around changes. */
const AROUND = 3;

/** How many rows of changes are shown at first, and added on request. */
const PAGE = 300;

/** From this width on, in CSS pixels, there are two columns. */
const TWO_COLUMNS = 680;

/** Longer texts are not sent to the worker as a whole. */
const MOST_COMPARED = 8_000_000;

/**
 * A row of the table.
 *
 * @typedef {object} Line
 * @property {"same" | "changed" | "gap" | "removed" | "added"} kind
 * @property {number} [leftNumber]
 * @property {number} [rightNumber]
 * @property {Word[]} [left]
 * @property {Word[]} [right]
 * @property {number} [block] of a gap
 * @property {string} [text] of a gap
 */

/**
 * `<output-diff .left .right .leftName .rightName>`
 */
export class OutputDiff extends LitElement {
  static properties = {
    left: { attribute: false },
    right: { attribute: false },
    leftName: { attribute: false },
    rightName: { attribute: false },
    ignoresNumbers: { attribute: false },
    difference: { state: true },
    problem: { state: true },
    most: { state: true },
    isWide: { state: true },
  };

  static styles = [
    controls,
    drawnStyles,
    css`
      :host { display: block; position: relative; }
      .summary { display: flex; flex-wrap: wrap; gap: var(--space-1) var(--space-3);
        padding: var(--space-2) var(--space-3); font-size: var(--text-small);
        color: var(--text-soft); border-bottom: 1px solid var(--line); }
      table { width: 100%; border-collapse: collapse; table-layout: fixed;
        font: 12px / 1.55 var(--font-mono); }
      th { font: 600 var(--text-small) / 1.4 var(--font-ui); text-align: start;
        padding: var(--space-1) var(--space-3); color: var(--text-soft);
        border-bottom: 1px solid var(--line); background: var(--surface); }
      td { padding: 0 var(--space-2); vertical-align: top; white-space: pre-wrap;
        overflow-wrap: anywhere; tab-size: 4; }
      col.number { width: 46px; }
      col.sign { width: 18px; }
      td.number { color: var(--text-soft); text-align: end; user-select: none; padding: 0 6px;
        white-space: nowrap; overflow: hidden; font-size: 11px; }
      td.sign { user-select: none; padding: 0; text-align: center; }
      td.text { unicode-bidi: isolate; direction: ltr; }
      .two td.number:nth-of-type(3) { border-inline-start: 1px solid var(--line); }
      td.removed { background: var(--bad-soft); }
      td.added { background: var(--good-soft); }
      td.number.removed { color: var(--bad); }
      td.number.added { color: var(--good); }
      td.none { background: repeating-linear-gradient(-45deg, transparent 0 5px, var(--hover) 5px 6px); }
      del, ins { text-decoration: none; border-radius: 2px; }
      del { background: color-mix(in srgb, var(--bad) 26%, transparent);
        box-shadow: inset 0 -1px var(--bad); }
      ins { background: color-mix(in srgb, var(--good) 26%, transparent);
        box-shadow: inset 0 -1px var(--good); }
      td.gap { padding: 0; background: var(--hover); border-block: 1px dashed var(--line); }
      td.gap button { width: 100%; height: 24px; border-radius: 0; justify-content: start;
        font: var(--text-small) var(--font-ui); color: var(--text-soft); }
      td.gap span { display: block; padding: 4px 10px; font: var(--text-small) var(--font-ui);
        color: var(--text-soft); }
      .message { padding: var(--space-3); color: var(--text-soft); }
      .more { margin: var(--space-2); }
      @media (forced-colors: active) { del { text-decoration: line-through; } ins { text-decoration: underline; } }
    `,
  ];

  #work = new AbortController();
  /** Blocks that are shown whole. @type {Set<number>} */
  #opened = new Set();

  constructor() {
    super();
    new OwnSize(this, (width) => {
      this.isWide = width >= TWO_COLUMNS;
    });
    this.left = "";
    this.right = "";
    this.leftName = "";
    this.rightName = "";
    /** Whether lines are alike that differ in numbers alone. */
    this.ignoresNumbers = false;
    /** @type {Difference | null} */
    this.difference = null;
    this.problem = "";
    this.most = PAGE;
    this.isWide = true;
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#work.abort();
  }

  /** @param {PropertyValues<this>} changed */
  willUpdate(changed) {
    if (changed.has("left") || changed.has("right") || changed.has("ignoresNumbers"))
      this.#compare();
  }

  async #compare() {
    this.#work.abort();
    const { signal } = (this.#work = new AbortController());
    this.difference = null;
    this.problem = "";
    this.most = PAGE;
    this.#opened.clear();
    const [left, right] = [this.left, this.right].map((text) => text.slice(0, MOST_COMPARED));
    try {
      const difference = await asked(
        "difference",
        { left, right, ignoresNumbers: this.ignoresNumbers },
        signal,
      );
      if (!signal.aborted) this.difference = difference;
    } catch (error) {
      if (signal.aborted) return;
      this.problem =
        error instanceof TookTooLong
          ? "Comparing these outputs takes too long. They are below, one beside the other."
          : `The outputs cannot be compared: ${error instanceof Error ? error.message : error}`;
    }
  }

  render() {
    const { difference } = this;
    if (this.problem) return html`<p class="message">${this.problem}</p>`;
    if (!difference) return html`<p class="message" role="status">Comparing…</p>`;
    const { removed, added, isAligned } = difference;
    const isCut = Math.max(this.left.length, this.right.length) > MOST_COMPARED;
    if (removed + added === 0)
      return html`<p class="message">Both outputs are the same${this.ignoresNumbers ? ", numbers and colours aside" : ", colours aside"}${isCut ? " (as far as they were compared)" : ""}.</p>`;
    const all = linesOf(difference, this.#opened);
    const shown = all.slice(0, this.most);
    return html`
      <div class="summary">
        <span><span class="bad">− ${count(removed, "line")}</span> only in ${this.leftName}</span>
        <span><span class="good">+ ${count(added, "line")}</span> only in ${this.rightName}</span>
        ${isAligned ? nothing : html`<span class="warn">They differ too much to align: only their starts and ends were compared.</span>`}
        ${isCut ? html`<span class="warn">Only the first ${MOST_COMPARED / 1e6} million characters were compared.</span>` : nothing}
      </div>
      ${this.isWide ? this.#twoColumns(shown) : this.#oneColumn(shown)}
      ${
        all.length > shown.length
          ? html`<button class="more" @click=${() => (this.most += PAGE)}>
            ${count(all.length - shown.length, "more row")}</button>`
          : nothing
      }`;
  }

  /** @param {Line[]} lines */
  #twoColumns(lines) {
    return html`<table class="two">
      <colgroup><col class="number"><col><col class="number"><col></colgroup>
      <thead><tr><th colspan="2" scope="col">${this.leftName}</th><th colspan="2" scope="col">${this.rightName}</th></tr></thead>
      <tbody>${lines.map((line) => {
        if (line.kind === "gap") return html`<tr>${this.#gap(line, 4)}</tr>`;
        const isSame = line.kind === "same";
        return html`<tr>
          ${side(line.left, line.leftNumber, isSame ? "" : "removed")}
          ${side(line.right, line.rightNumber, isSame ? "" : "added")}
        </tr>`;
      })}</tbody>
    </table>`;
  }

  /** @param {Line[]} lines */
  #oneColumn(lines) {
    return html`<table>
      <colgroup><col class="sign"><col></colgroup>
      <thead class="for-readers"><tr><th scope="col">Change</th><th scope="col">Line</th></tr></thead>
      <tbody>${grouped(lines).map((line) => {
        if (line.kind === "gap") return html`<tr>${this.#gap(line, 2)}</tr>`;
        const isLeft = line.kind === "removed";
        const kind = line.kind === "same" ? "" : line.kind;
        const sign = kind === "removed" ? "−" : kind === "added" ? "+" : "";
        const words = (isLeft ? line.left : line.right) ?? [];
        return html`<tr><td class="sign ${kind}">${sign}</td><td class="text ${kind}">${wordsOf(words, isLeft ? "removed" : "added")}</td></tr>`;
      })}</tbody>
    </table>`;
  }

  /**
   * @param {Line} line
   * @param {number} columns
   */
  #gap({ block, text }, columns) {
    const open = () => {
      this.#opened.add(/** @type {number} */ (block));
      this.requestUpdate();
    };
    return html`<td class="gap" colspan=${columns}>${
      block === undefined
        ? html`<span>${text}</span>`
        : html`<button class="quiet" @click=${open}>⋯ ${text}</button>`
    }</td>`;
  }
}
customElements.define("output-diff", OutputDiff);

/**
 * @param {Word[] | undefined} words
 * @param {number | undefined} number
 * @param {"removed" | "added" | ""} kind
 */
function side(words, number, kind) {
  if (!words) return html`<td class="number none"></td><td class="none"></td>`;
  return html`<td class="number ${kind}">${number}</td><td class="text ${kind}">${wordsOf(words, kind)}</td>`;
}

/**
 * @param {Word[]} words
 * @param {"removed" | "added" | ""} kind
 */
function wordsOf(words, kind) {
  // In tables of lines, colours are those of the changes.
  return words.map(([text, isChanged]) => {
    const nodes = drawn(text, { isRaw: true });
    if (!isChanged) return nodes;
    return kind === "removed" ? html`<del>${nodes}</del>` : html`<ins>${nodes}</ins>`;
  });
}

/**
 * Returns the rows of a table in two columns.
 *
 * @param {Difference} difference
 * @param {ReadonlySet<number>} opened
 * @returns {Line[]}
 */
function linesOf({ blocks }, opened) {
  return blocks.flatMap((block, at) =>
    block.kind === "change"
      ? changedLines(block)
      : sameLines(block, at, opened.has(at), at === 0, at === blocks.length - 1),
  );
}

/** @param {ChangeBlock} block @returns {Line[]} */
function changedLines({ left, right, rows, hidden }) {
  let [leftNumber, rightNumber] = [left, right];
  /** @type {Line[]} */
  const lines = rows.map((row) => ({
    kind: "changed",
    ...row,
    ...(row.left && { leftNumber: leftNumber++ }),
    ...(row.right && { rightNumber: rightNumber++ }),
  }));
  if (hidden > 0) lines.push({ kind: "gap", text: `${count(hidden, "more changed line")}` });
  return lines;
}

/**
 * @param {SameBlock} block
 * @param {number} at
 * @param {boolean} isOpen
 * @param {boolean} isFirst
 * @param {boolean} isLast
 * @returns {Line[]}
 */
function sameLines({ left, right, lines, head, tail }, at, isOpen, isFirst, isLast) {
  const line = (/** @type {string} */ text, /** @type {number} */ index) =>
    /** @type {Line} */ ({
      kind: "same",
      left: [[text, false]],
      right: [[text, false]],
      leftNumber: left + index,
      rightNumber: right + index,
    });
  const known = [...head, ...tail];
  const place = (/** @type {number} */ index) =>
    index < head.length ? index : lines - known.length + index;
  const all = known.map((text, index) => line(text, place(index)));
  const leftOut = lines - known.length;
  const first = isFirst ? 0 : AROUND;
  const last = isLast ? 0 : AROUND;
  if (isOpen || lines <= first + last + 1) {
    if (leftOut > 0)
      all.splice(head.length, 0, {
        kind: "gap",
        text: `${count(leftOut, "line")} alike, not shown`,
      });
    return all;
  }
  return [
    ...all.slice(0, first),
    { kind: "gap", block: at, text: `${count(lines - first - last, "line")} alike` },
    ...all.slice(all.length - last),
  ];
}

/**
 * Returns the rows for one column: of each change what was removed, then what was added.
 *
 * @param {Line[]} lines
 * @returns {Line[]}
 */
function grouped(lines) {
  /** @type {Line[]} */
  const all = [];
  /** @type {Line[]} */
  let added = [];
  for (const line of lines) {
    if (line.kind !== "changed") {
      all.push(...added, line);
      added = [];
      continue;
    }
    if (line.left) all.push({ kind: "removed", left: line.left });
    if (line.right) added.push({ kind: "added", right: line.right });
  }
  return [...all, ...added];
}

/**
 * @param {number} number
 * @param {string} noun
 */
function count(number, noun) {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}
