// Counts the entries of each log that have a text: by the cache where that knows the log, else by an
// index.

import { indexLogs } from "./indexed-logs.js";

/** @import { CachedCounts } from "../../types.js" */
/** @import { Filter } from "./filter.js" */
/** @import { NamedLog, Operands } from "./operands.js" */
/** @import { IndexedLogs } from "./indexed-logs.js" */
/** @import { LogEvents } from "./read-log.js" */
/** @import { Progress } from "../terminal/progress.js" */

/**
 * Some of the matching entries of a log. `isLast`: whether no more of it follow.
 *
 * @typedef {{ log: NamedLog, count: number, isLast: boolean }} Counted
 */

/**
 * Counts the entries that a filter selects, log by log: those of a directory in the order of the last
 * write, others as they are named. Warns of the damage of each log after its last entries.
 *
 * @param {Operands} operands
 * @param {Filter} filter
 * @param {Progress} progress
 * @param {LogEvents} events
 * @returns {Promise<{ length: number, counted: AsyncGenerator<Counted[], void, void> }>} `length`: the
 *   number of logs
 */
export async function countLogs(operands, filter, progress, events) {
  const known = await cachedCounts(operands, filter);
  const { counts, left } = known ?? { counts: [], left: undefined };
  const indexed = left?.length === 0 ? null : await indexLogs(operands, progress, events, left);
  return {
    length: counts.length + (indexed?.logs.length ?? 0),
    counted: inOrder(operands, counts, indexed, filter, progress),
  };
}

/**
 * Counts by the cache, the log that was written first before others.
 *
 * @param {Operands} operands
 * @param {Filter} filter
 * @returns {Promise<CachedCounts | null>} null where an index serves better
 */
async function cachedCounts(operands, { textAlone, ignoresCase: ignoreCase }) {
  if (operands.dir === null || textAlone === undefined) return null;
  const { sessions } = await operands.open();
  const found = await sessions.countCached(textAlone, { ignoreCase });
  found?.counts.sort(compare);
  return found;
}

/** @typedef {{ modified?: Date | undefined, session?: string | undefined }} Place */

/**
 * Compares logs: by the last write, then by id, descending.
 *
 * @param {Place} one
 * @param {Place} other
 */
function compare(one, other) {
  const later = Number(one.modified) - Number(other.modified);
  return later || (String(one.session) < String(other.session) ? 1 : -1);
}

/**
 * Yields the counts of the cache between those of an index.
 *
 * @param {Operands} operands
 * @param {CachedCounts["counts"]} counts
 * @param {IndexedLogs | null} indexed
 * @param {Filter} filter
 * @param {Progress} progress
 * @returns {AsyncGenerator<Counted[], void, void>}
 */
async function* inOrder(operands, counts, indexed, filter, progress) {
  let next = 0;
  const knownUpTo = (/** @type {number} */ end) => {
    const known = counts.slice(next, end);
    next = end;
    return known.map(({ session, count }) => ({
      log: operands.logOf(session),
      count,
      isLast: true,
    }));
  };
  if (indexed) {
    let at = 0;
    for await (const { log, rows, isLast } of indexed.selected(filter, progress)) {
      let end = next;
      while (end < counts.length && compare(counts[end], indexed.logs[at].contents) < 0) end += 1;
      yield [...knownUpTo(end), { log, count: rows.length, isLast }];
      if (isLast) at += 1;
    }
  }
  yield knownUpTo(counts.length);
}
