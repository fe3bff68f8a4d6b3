// A status as a picture and a word, so that its colour is not needed.

import { html, svg } from "lit";

import { toneOf } from "../app/tones.js";

/** @import { Tone } from "../app/tones.js" */

/**
 * Paths of one element, so that a row which gets another status keeps its elements.
 *
 * @type {Record<Tone, string>}
 */
const paths = {
  good: "m3.500 8.500 3 3 6-7",
  bad: "m4.500 4.500 7 7M11.500 4.500l-7 7",
  warn: "M8 3.500v5.500M8 12v.100",
  plain: "M5.500 8a2.500 2.500 0 1 1 5 0a2.500 2.500 0 1 1-5 0z",
};

/** @param {string} status */
export function statusGlyph(status) {
  return svg`<svg class="glyph" viewBox="0 0 16 16" aria-hidden="true"><path d=${paths[toneOf(status)]} /></svg>`;
}

/** @param {string} status */
export function statusMark(status) {
  return html`<span class="status ${toneOf(status)}" title=${status}
    >${statusGlyph(status)}<span class="word">${status === "" ? "no status" : status}</span></span
  >`;
}
