// The columns of the table of entries: their names, widths, and what their cells show.

import { html, nothing } from "lit";

import { countText } from "../app/figures.js";
import { gapBetween } from "../time/runs.js";
import { instantText, lengthText } from "../time/times.js";
import { statusMark } from "./status-mark.js";

/** @import { ColumnName, LogIndex, Row } from "skill-log" */
/** @import { TemplateResult } from "lit" */
/** @import { Zone } from "../time/times.js" */
/** @import { Excerpt } from "./excerpts.js" */

/**
 * What cells are made of.
 *
 * @typedef {object} Shown
 * @property {Row} row
 * @property {number} gap milliseconds from the end of the run before it in its log to the start of its
 *   own; NaN where that is not known
 * @property {Excerpt | undefined} excerpt undefined: not read yet
 * @property {Zone} zone
 * @property {boolean} hasDays whether times need their days
 *
 * @typedef {object} Column
 * @property {string} id
 * @property {string} title
 * @property {ColumnName | null} by what its header sorts by
 * @property {(widths: Widths) => string} width a track of a CSS grid
 * @property {boolean} [isNumber]
 * @property {(shown: Shown) => unknown} cell
 *
 * @typedef {object} Widths
 * @property {boolean} hasDays
 * @property {(column: "skill" | "phase" | "final_status" | "model_used" | "session") => number}
 *   lettersOf how long the longest texts are
 */

/** @param {number} letters @param {number} [more] pixels beside the text */
const letters = (letters, more = 0) =>
  `${Math.round(Math.min(Math.max(letters, 5), 20) * 7.1 + 18 + more)}px`;

/** @type {readonly Column[]} */
export const COLUMNS = [
  {
    id: "time",
    title: "Time",
    by: "timestamp",
    width: ({ hasDays }) => (hasDays ? "128px" : "100px"),
    cell: timeCell,
  },
  {
    id: "session",
    title: "Session",
    by: "session",
    width: ({ lettersOf }) => letters(lettersOf("session")),
    cell: ({ row }) => text(row.session),
  },
  {
    id: "status",
    title: "Status",
    by: "final_status",
    width: ({ lettersOf }) => letters(Math.min(lettersOf("final_status"), 14), 22),
    cell: ({ row }) => statusMark(row.final_status),
  },
  {
    id: "skill",
    title: "Skill",
    by: "skill",
    width: ({ lettersOf }) => letters(lettersOf("skill")),
    cell: ({ row }) => text(row.skill),
  },
  {
    id: "phase",
    title: "Phase",
    by: "phase",
    width: ({ lettersOf }) => letters(lettersOf("phase")),
    cell: ({ row }) => text(row.phase),
  },
  {
    id: "model",
    title: "Model",
    by: "model_used",
    width: ({ lettersOf }) => letters(lettersOf("model_used")),
    cell: ({ row }) => text(row.model_used),
  },
  {
    id: "attempts",
    title: "Attempts",
    by: "attempts",
    width: () => "76px",
    isNumber: true,
    cell: ({ row }) => attemptsCell(row),
  },
  {
    id: "duration",
    title: "Duration",
    by: "duration_ms",
    width: () => "84px",
    isNumber: true,
    cell: ({ row }) => (row.duration_ms === undefined ? "" : lengthText(Number(row.duration_ms))),
  },
  {
    id: "gap",
    title: "Gap before",
    by: null,
    width: () => "90px",
    isNumber: true,
    cell: ({ gap }) => gapText(gap),
  },
  {
    id: "size",
    title: "Size",
    by: "length",
    width: () => "80px",
    isNumber: true,
    cell: ({ row }) => countText(row.length),
  },
  {
    id: "offset",
    title: "Byte",
    by: "offset",
    width: () => "104px",
    isNumber: true,
    cell: ({ row }) => countText(row.offset),
  },
  {
    id: "message",
    title: "Message",
    by: null,
    width: () => "minmax(200px, 1fr)",
    cell: messageCell,
  },
];

/** Those that are shown until a person chooses others. `session` is left out where there is one. */
export const USUAL_COLUMNS = [
  "time",
  "session",
  "status",
  "skill",
  "phase",
  "attempts",
  "duration",
  "gap",
  "message",
];

/**
 * Returns how long nothing ran before the entry of a row.
 *
 * @param {LogIndex} index
 * @param {number} i
 * @param {Row} row
 * @param {Row | null} known the row before it, where that is known
 * @returns {number} in milliseconds, as `gapBetween` has it; NaN where the row before is of another
 *   log
 */
export function gapBefore(index, i, row, known) {
  if (i === 0) return NaN;
  try {
    const before = known ?? index.row(i - 1);
    if (before.session !== row.session) return NaN;
    return gapBetween(before, row);
  } catch {
    return NaN; // It was removed.
  }
}

/** @param {string | undefined} words */
function text(words) {
  return words === undefined ? "" : html`<span class="text" title=${words}>${words}</span>`;
}

/** @param {Shown} shown */
export function timeCell({ row, zone, hasDays }) {
  const { day, time, fraction, full } = instantText(row.timestamp, zone);
  return html`<time datetime=${row.timestamp} title=${full}
    >${hasDays ? html`<span class="soft">${day}</span> ` : nothing}${time}<span class="soft"
      >${fraction}</span
    ></time
  >`;
}

/** @param {Row} row */
function attemptsCell({ attempts, verified }) {
  if (attempts === 0) return "";
  const word = verified ? "the last one is verified" : "the last one is not verified";
  return html`<span class=${verified ? "good" : "soft"} title=${word}
    >${attempts}<span class="for-readers">, ${word}</span
    ><span aria-hidden="true">${verified ? " ✓" : " ·"}</span></span
  >`;
}

/** @param {number} gap */
function gapText(gap) {
  if (Number.isNaN(gap) || gap < 1) return "";
  return html`<span class=${gap >= 60_000 ? "" : "soft"}>${lengthText(gap)}</span>`;
}

/** @param {Pick<Shown, "row" | "excerpt">} shown @returns {TemplateResult} */
export function messageCell({ row, excerpt }) {
  const tags = html`${row.recovered ? html`<span class="tag warn">recovered</span> ` : nothing}${
    row.foreign ? html`<span class="tag">foreign</span> ` : nothing
  }`;
  if (!excerpt) return html`${tags}<span class="unread" aria-hidden="true"></span>`;
  return html`${tags}${
    excerpt.field ? html`<span class="field">${excerpt.field}</span> ` : nothing
  }<span class="message ${excerpt.field && excerpt.marks.length === 0 ? "soft" : ""}"
    >${marked(excerpt)}</span
  >`;
}

/** @param {Excerpt} excerpt */
function marked({ text, marks }) {
  if (marks.length === 0) return text;
  /** @type {unknown[]} */
  const parts = [];
  let from = 0;
  for (const { start, end } of marks) {
    parts.push(text.slice(from, start), html`<mark>${text.slice(start, end)}</mark>`);
    from = end;
  }
  parts.push(text.slice(from));
  return parts;
}
