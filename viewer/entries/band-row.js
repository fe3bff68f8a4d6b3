// Damage as a row of the table, at its place in the log.

import { html } from "lit";

import { counted, countText } from "../app/figures.js";
import { glyphs } from "../app/glyphs.js";

/** @import { Band } from "./bands.js" */

/** What each kind of damage is, for people. */
const KINDS = {
  corrupt: "Changed bytes",
  fused: "Entries that run together",
  nul: "Zero bytes",
  torn: "A torn write",
  too_long: "A line that is too long",
};

/**
 * Returns what a band says: what it is, where, why, and what was saved from it.
 *
 * @param {Band} band
 * @returns {{ what: string, where: string, why: string, notes: string[] }}
 */
export function bandText({ damage, pending }) {
  if (pending)
    return {
      what: pending.unfinished ? "Unfinished entry" : "Entry without an end yet",
      where: placeText(pending),
      why: pending.unfinished
        ? "The last line has no end, and nothing was written for more than a minute."
        : "The last line has no end yet: a write may be going on.",
      notes: pending.unfinished ? [] : ["pending"],
    };
  if (!damage) return { what: "", where: "", why: "", notes: [] };
  const line = damage.line === undefined ? "" : `line ${countText(damage.line)}, `;
  const lines = damage.lines === undefined ? "" : `${counted(damage.lines, "line", "lines")}, `;
  const doubtful = damage.doubtful?.length ?? 0;
  return {
    what: KINDS[damage.kind],
    where: line + lines + placeText(damage),
    why: damage.reason,
    notes: [
      ...(damage.recovered > 0
        ? [`${counted(damage.recovered, "entry", "entries")} recovered`]
        : []),
      ...(doubtful > 0 ? [`${countText(doubtful)} doubtful`] : []),
    ],
  };
}

/**
 * Returns the part of the file that a band is about.
 *
 * @param {Band} band
 * @returns {{ offset: number, length: number }}
 */
export function stretchOf({ damage, pending }) {
  return damage ?? pending ?? { offset: 0, length: 0 };
}

/** @param {{ offset: number, length: number }} stretch */
function placeText({ offset, length }) {
  return `bytes ${countText(offset)} to ${countText(offset + length)}`;
}

/**
 * @param {Band} band
 * @param {number} columns
 * @param {boolean} isNarrow
 */
export function bandRow(band, columns, isNarrow) {
  if (band.news)
    return html`<div class="news" role="gridcell" aria-colspan=${columns}>
      <span>${countText(band.news)} new since you looked</span>
    </div>`;
  const { what, where, why, notes } = bandText(band);
  return html`<div class="band ${isNarrow ? "card" : ""}" role="gridcell" aria-colspan=${columns} title="${what}: ${why}">
    ${glyphs.warning}<strong>${what}</strong>
    ${notes.map((note) => html`<span class="tag warn">${note}</span>`)}
    <span class="where number">${where}</span>
    <span class="why">${why}</span>
  </div>`;
}
