// Which rows of an index are shown, and where an entry is among them.

import { ALL } from "./store.js";

/** @import { LogIndex } from "skill-log" */
/** @import { EntryPlace, State } from "./store.js" */

/**
 * Returns the rows that a state shows, in its order. What a search finds is marked among them, and
 * does not leave rows out.
 *
 * @param {LogIndex} index
 * @param {Pick<State, "filter" | "range" | "sort">} state
 * @returns {Uint32Array}
 */
export function shownRows(index, { filter, range, sort }) {
  const rows = index.select({
    ...filter,
    ...(range && { since: new Date(range.since), until: new Date(range.until) }),
  });
  return sort ? index.sort(sort, rows) : rows;
}

/**
 * Finds the row of an entry.
 *
 * @param {LogIndex} index of the log, or of many
 * @param {EntryPlace} place
 * @param {string | null} shown the session whose index it is, or `ALL`
 * @returns {number | null} null where the index has no such entry
 */
export function rowAt(index, { session, offset }, shown) {
  if (shown !== ALL && shown !== session) return null;
  const rows = shown === ALL ? index.select({ session }) : index.select({});
  // The rows of a log stand in the order of its file.
  let low = 0;
  let high = rows.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = index.row(rows[middle]).offset;
    if (found === offset) return rows[middle];
    if (found < offset) low = middle + 1;
    else high = middle - 1;
  }
  return null;
}
