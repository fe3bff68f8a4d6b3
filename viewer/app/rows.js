// Which rows of an index are shown, and where an entry is among them.

import { ALL } from "./store.js";

/** @import { LogIndex } from "skill-log" */
/** @import { EntryPlace, State } from "./store.js" */

/**
 * Returns the rows that a state shows. What a search finds is marked among them, and does not leave
 * rows out.
 *
 * @param {LogIndex} index
 * @param {Pick<State, "filter" | "range" | "sort">} state
 * @param {AbortSignal} signal
 * @param {Uint32Array | null} known those that meet the conditions, where that is known
 * @returns {Promise<Pick<State, "selected" | "rows">>}
 */
export async function shownRows(index, { filter, range, sort }, signal, known) {
  const selected =
    known ??
    (await index.query({
      ...filter,
      ...(range && { since: new Date(range.since), until: new Date(range.until) }),
      signal,
    }));
  return { selected, rows: sort ? await index.query({ rows: selected, sort, signal }) : selected };
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
  // Where none was removed, all rows are those of the log.
  const isAll = shown !== ALL && index.removed === 0;
  const rows = isAll ? null : index.select(shown === ALL ? { session } : {});
  // The rows of a log stand in the order of its file.
  let low = 0;
  let high = (rows?.length ?? index.length) - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const row = rows?.[middle] ?? middle;
    const found = index.row(row).offset;
    if (found === offset) return row;
    if (found < offset) low = middle + 1;
    else high = middle - 1;
  }
  return null;
}
