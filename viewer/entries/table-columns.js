// Which columns the table has, and how wide they are.

import { COLUMNS, USUAL_COLUMNS } from "./columns.js";

/** @import { LogIndex } from "skill-log" */
/** @import { Column } from "./columns.js" */

/** The columns that are left out first where the table is too wide, unless a person chose them. */
const LESS_WANTED = ["gap", "phase", "attempts", "duration"];

/** How many rows at the start and at the end of an index tell how wide columns are. */
const SAMPLE = 2000;

/**
 * @typedef {object} TableColumns
 * @property {boolean} hasDays whether times need their day
 * @property {readonly Column[]} wanted
 * @property {readonly Column[]} columns those that are shown: not all where there is no room
 * @property {string} grid as `grid-template-columns`
 * @property {number} width in CSS pixels
 */

/** @type {TableColumns} */
export const NO_COLUMNS = { hasDays: false, wanted: [], columns: [], grid: "", width: 0 };

/**
 * Returns the columns that are wanted.
 *
 * @param {readonly string[] | null} chosen null: a person chose none
 * @param {boolean} isMany whether the entries are of many sessions
 */
export function wantedColumns(chosen, isMany) {
  const ids = chosen ?? USUAL_COLUMNS;
  return COLUMNS.filter(({ id }) => ids.includes(id) && (id !== "session" || isMany));
}

/**
 * Returns how the columns of an index are shown.
 *
 * @param {LogIndex} index
 * @param {readonly Column[]} columns those that are wanted
 * @param {object} options
 * @param {boolean} options.isChosen whether a person chose them
 * @param {boolean} options.isMany whether the entries are of many sessions
 * @param {number} options.room for the table, in CSS pixels
 * @returns {TableColumns}
 */
export function columnsOf(index, columns, { isChosen, isMany, room }) {
  const { length } = index;
  // Where sessions are many, their descriptions take a while.
  const days = new Set(
    [
      index.column("timestamp", { start: 0, end: Math.min(1, length) }),
      index.column("timestamp", { start: Math.max(0, length - 1), end: length }),
    ].flatMap(([instant]) => (instant === undefined ? [] : new Date(instant).toDateString())),
  );
  const hasDays = days.size > 1 || isMany;
  /** @param {"skill" | "phase" | "final_status" | "model_used" | "session"} name */
  const lettersOf = (name) => {
    const parts = [
      { start: 0, end: Math.min(SAMPLE, length) },
      { start: Math.max(0, length - SAMPLE), end: length },
    ];
    const texts = parts.flatMap((part) => index.column(name, part).texts);
    return Math.max(0, ...texts.map((text) => text.length));
  };
  const tracks = columns.map(({ width }) => width({ hasDays, lettersOf }));
  const pixels = tracks.map((track) => Number(/\d+/.exec(track)?.[0]) + 12);
  const total = () => pixels.reduce((sum, own) => sum + own, 24);
  const shown = [...columns];
  // Who chose no columns wants to see what entries say, without a step to the side.
  for (const id of isChosen ? [] : LESS_WANTED) {
    const at = shown.findIndex((column) => column.id === id);
    if (at < 0 || total() <= room) continue;
    for (const list of [shown, tracks, pixels]) list.splice(at, 1);
  }
  return { hasDays, wanted: columns, columns: shown, grid: tracks.join(" "), width: total() };
}
