// The bytes of a file, line by line, each in the colour of its writer.

import { LitElement, css, html, nothing } from "lit";

import { controls } from "../viewer/app/tokens.js";

/** @import { FileState, Step } from "./simulate.js" */

const LINE_END = 10;

/**
 * Bytes of one append within a line.
 *
 * @typedef {object} Part
 * @property {number} number of the append
 * @property {string} text
 * @property {boolean} isStart whether the append started here
 */

/**
 * @typedef {object} Line
 * @property {Part[]} parts
 * @property {number | null} end the append that wrote its line end; null where there is none
 * @property {boolean} isGuard whether that append wrote its line end to end the line of another
 */

/**
 * Returns the lines of a file.
 *
 * @param {FileState} file
 * @returns {Line[]}
 */
export function linesOf({ bytes, pieces }) {
  const decoder = new TextDecoder();
  /** @type {Line[]} */
  const lines = [{ parts: [], end: null, isGuard: false }];
  for (const { number, from, to } of pieces) {
    let isStart = true;
    for (let at = from; at < to; ) {
      const line = lines[lines.length - 1];
      if (bytes[at] === LINE_END) {
        line.end = number;
        line.isGuard = at === from;
        lines.push({ parts: [], end: null, isGuard: false });
        at += 1;
        continue;
      }
      const found = bytes.subarray(at, to).indexOf(LINE_END);
      const end = found < 0 ? to : at + found;
      line.parts.push({ number, text: decoder.decode(bytes.subarray(at, end)), isStart });
      isStart = false;
      at = end;
    }
  }
  if (lines[lines.length - 1].parts.length === 0) lines.pop();
  return lines;
}

export class FileView extends LitElement {
  static properties = {
    file: { attribute: false },
    steps: { attribute: false },
    current: { type: Number },
  };

  static styles = [
    controls,
    css`
      :host { display: block; min-width: 0; }
      ol { margin: 0; padding: 0 0 0 var(--space-5); font: 12px / 1.7 var(--font-mono); }
      li { padding: 3px 0 3px var(--space-1); overflow-wrap: anywhere; }
      li::marker { color: var(--text-soft); font-size: var(--text-small); }
      .part { border-bottom: 2px solid var(--of); background: color-mix(in srgb, var(--of) 13%, transparent); }
      .torn { border-bottom-style: dashed; }
      .new { outline: 1px solid var(--of); outline-offset: 1px; }
      .name { font: 600 var(--text-small) var(--font-ui); padding: 0 4px; margin-inline-end: 3px; border-radius: 3px;
        color: var(--background); background: var(--of); }
      .writer-0 { --of: var(--series-1); }
      .writer-1 { --of: var(--series-2); }
      .writer-2 { --of: var(--series-4); }
      .end { color: var(--text-soft); }
      .guard { font-weight: 700; padding: 0 4px; border-radius: 3px; color: var(--on-accent); background: var(--accent); }
      .empty { color: var(--text-soft); font-style: italic; }
    `,
  ];

  constructor() {
    super();
    /** @type {FileState | null} */
    this.file = null;
    /** @type {readonly Step[]} */
    this.steps = [];
    /** The append whose bytes are new. */
    this.current = -1;
  }

  render() {
    if (!this.file || this.file.bytes.length === 0)
      return html`<p class="empty">The file is empty.</p>`;
    return html`<ol>${linesOf(this.file).map((line) => this.#line(line))}</ol>`;
  }

  /** @param {Line} line */
  #line({ parts, end, isGuard }) {
    return html`<li>${parts.map((part) => this.#part(part))}${
      end === null
        ? nothing
        : isGuard
          ? html` <span class="guard" title="a line end that ends the line of another write">⏎ guard</span>`
          : html`<span class="end" aria-label="line end">⏎</span>`
    }</li>`;
  }

  /** @param {Part} part */
  #part({ number, text, isStart }) {
    const { writer, end, phase } = this.steps[number];
    const classes = [
      "part",
      `writer-${writer}`,
      ...(end === "whole" ? [] : ["torn"]),
      ...(number === this.current ? ["new"] : []),
    ];
    return html`<span class=${classes.join(" ")}>${
      isStart ? html`<span class="name">${phase}</span>` : nothing
    }${text}</span>`;
  }
}

customElements.define("file-view", FileView);
