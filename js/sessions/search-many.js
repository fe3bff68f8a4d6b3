// Searches rows of many logs, in as many threads as there are.

import {
  areShort,
  GROUP_BYTES,
  rowsOf,
  rowsOnLines,
  searchGroupsOf,
  THREADED_BYTES,
} from "./log-groups.js";
import { callCore } from "../wasm/core.js";

/** @import { LogIndex } from "../../dist/skill_log.js" */
/** @import { IndexedLogs } from "../indexing/indexed-logs.js" */
/** @import { ScanThreads } from "./scan-threads.js" */

/** Matches texts that timestamps may have. Lines may spell these in another way. */
const MAY_BE_IN_TIMESTAMP = /^[-\d:.+TZ]*$/i;

/** The most rows that are grouped at once for a search: some 10 milliseconds. */
const SEARCHED_ROWS = 1 << 17;

/**
 * Logs that were indexed.
 *
 * @typedef {object} ReadLogs
 * @property {(log: number) => boolean} payFor returns whether it pays to have another thread read it
 * @property {(logs: readonly number[]) => { refs: any[], stamps: BigInt64Array }} asRead returns what
 *   opens them, and their stamps as they were read
 */

/**
 * What is searched for.
 *
 * @typedef {object} Wanted
 * @property {string | RegExp} text
 * @property {boolean} ignoreCase
 * @property {AbortSignal | undefined} signal
 */

/**
 * Searches many rows at a time, so that the first hits do not wait for all rows to be grouped.
 *
 * @param {ReadLogs} logs
 * @param {ScanThreads} threads
 * @param {LogIndex} core
 * @param {Uint32Array | undefined} rows default: all
 * @param {Wanted} wanted
 * @returns {ReturnType<NonNullable<IndexedLogs["search"]>>}
 */
export async function* searchMany(logs, threads, core, rows, wanted) {
  const { text } = wanted;
  const areLines = typeof text === "string" && !MAY_BE_IN_TIMESTAMP.test(text);
  // In another order, each log would be opened for many of the parts.
  const part = rows && !isRising(rows) ? Infinity : SEARCHED_ROWS;
  const count = rows?.length ?? core.length();
  for (let from = 0; from < count; from += part) {
    const to = Math.min(from + part, count);
    const some = rows?.subarray(from, to) ?? new Uint32Array(to - from);
    if (!rows) for (let at = from; at < to; at += 1) some[at - from] = at;
    const list = core.rows_by_log(some);
    yield* searchRows(logs, threads, core, list, wanted, areLines, count > part);
  }
}

/**
 * @param {ReadLogs} logs
 * @param {ScanThreads} threads
 * @param {LogIndex} core
 * @param {Uint32Array} list rows, log by log
 * @param {Wanted} wanted
 * @param {boolean} areLines whether to search the lines of short logs instead of the rows
 * @param {boolean} isPart whether they are some of many
 * @returns {ReturnType<NonNullable<IndexedLogs["search"]>>}
 */
async function* searchRows(logs, threads, core, list, wanted, areLines, isPart) {
  const { text, ignoreCase, signal } = wanted;
  const groups = searchGroupsOf(list, core.row_ends(list));
  const shared = groups.filter((group) => group.logs.some((log) => logs.payFor(log)));
  const isMuch = isPart || shared.length > THREADED_BYTES / GROUP_BYTES;
  const taken = function* () {
    for (const group of groups) {
      const { logs: numbers, ends } = group;
      const rows =
        areLines && areShort(group)
          ? Float64Array.from(ends)
          : callCore(() => core.rows_as_batch(group.rows));
      yield { ...logs.asRead(numbers), rows, text, ignoreCase };
    }
  };
  /** @type {Uint32Array[]} */
  const unclear = [];
  let next = 0;
  for await (const found of threads.run("search", taken(), isMuch, signal)) {
    const group = groups[next];
    next += 1;
    const left = rowsOf(group, found.changed);
    const later = rowsOf(group, found.unclear);
    if (later.length > 0) unclear.push(later);
    const isLeft = new Set(left);
    const hits = Uint32Array.from(found.hits, (hit) => group.rows[hit]);
    yield {
      count: group.rows.length - left.length - later.length,
      hits:
        found.lines.length > 0
          ? Uint32Array.from(rowsOnLines(group, found.lines))
          : hits.filter((row) => !isLeft.has(row)),
      left,
    };
    await threads.letOthersRun();
  }
  if (unclear.length === 0) return;
  const rest = core.rows_by_log(Uint32Array.from(unclear.flatMap((rows) => [...rows])));
  yield* searchRows(logs, threads, core, rest, wanted, false, isPart);
}

/** Returns whether rows are in the order of their numbers. @param {Uint32Array} rows */
function isRising(rows) {
  for (let at = 1; at < rows.length; at += 1) if (rows[at] <= rows[at - 1]) return false;
  return true;
}
