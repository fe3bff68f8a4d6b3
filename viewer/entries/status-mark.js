// A status as a picture and a word, so that its colour is not needed.

import { html, svg } from "lit";

import { toneOf } from "../app/tones.js";

/** @import { Tone } from "../app/tones.js" */

/** @type {Record<Tone, import("lit").TemplateResult>} */
const pictures = {
  good: svg`<path d="m3.500 8.500 3 3 6-7"/>`,
  bad: svg`<path d="m4.500 4.500 7 7M11.500 4.500l-7 7"/>`,
  warn: svg`<path d="M8 3.500v5.500M8 12v.100"/>`,
  plain: svg`<circle cx="8" cy="8" r="2.500"/>`,
};

/** @param {string} status */
export function statusGlyph(status) {
  return svg`<svg class="glyph" viewBox="0 0 16 16" aria-hidden="true">${pictures[toneOf(status)]}</svg>`;
}

/** @param {string} status */
export function statusMark(status) {
  return html`<span class="status ${toneOf(status)}" title=${status}
    >${statusGlyph(status)}<span class="word">${status === "" ? "no status" : status}</span></span
  >`;
}
