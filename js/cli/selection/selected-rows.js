// The rows that are wanted, of one log after the other.

import { instantsOf, latest } from "./latest.js";
import { readLog } from "./read-log.js";

/** @import { LogIndex } from "../../index.js" */
/** @import { Filter } from "./filter.js" */
/** @import { LogEvents } from "./read-log.js" */
/** @import { NamedLog } from "./operands.js" */
/** @import { Progress } from "../terminal/progress.js" */

/**
 * @typedef {{ log: NamedLog, index: LogIndex, rows: Uint32Array }} Selected rows in the order of
 *   the file
 */

/**
 * Indexes each log, and yields the selected rows. Damage on the way is reported on standard error.
 *
 * Where only the last ones are wanted, those are the latest of all logs, and come when all were
 * looked at.
 *
 * @param {NamedLog[]} logs
 * @param {Filter} filter
 * @param {Progress} progress
 * @param {LogEvents} [events]
 * @returns {AsyncGenerator<Selected, void, void>}
 */
export async function* selectedRows(logs, filter, progress, events = {}) {
  const { last: count } = filter;
  /** @type {Selected[]} */
  let kept = [];
  let entries = 0;
  for (const log of logs) {
    const selected = readLog(log, events, async function* (open, warning) {
      const index = await open.index({ onProgress: progress.update });
      warning.addAll(index.damage, index.damaged);
      const rows = await filter.rows(index);
      progress.next();
      events.onEnd?.(log, index.pending?.offset ?? index.bytes);
      yield { log, index, rows };
    });
    if (count === undefined) {
      yield* selected;
      continue;
    }
    for await (const { index, rows } of selected) {
      if (rows.length === 0) continue;
      kept.push({ log, index, rows: lastOf(rows, count) });
      entries += Math.min(rows.length, count);
      // Not after each log: every row that is kept is looked at again.
      if (entries > 2 * count) {
        kept = latestRows(kept, count);
        entries = count;
      }
    }
  }
  if (count !== undefined) yield* latestRows(kept, count);
}

/**
 * Leaves the latest rows of all logs.
 *
 * @param {Selected[]} selected
 * @param {number} count
 * @returns {Selected[]} without indexes that none is left of
 */
function latestRows(selected, count) {
  if (selected.length === 1) return selected;
  const dated = selected.flatMap(({ log, index, rows }) =>
    instantsOf(Array.from(rows, (row) => index.row(row).timestamp)).map((at) => ({ log, at })),
  );
  const left = new Map();
  for (const { log } of latest(dated, count)) left.set(log, (left.get(log) ?? 0) + 1);
  return selected
    .map((each) => ({ ...each, rows: lastOf(each.rows, left.get(each.log) ?? 0) }))
    .filter(({ rows }) => rows.length > 0);
}

/** @param {Uint32Array} rows @param {number} count */
function lastOf(rows, count) {
  return rows.subarray(Math.max(0, rows.length - count));
}
