// Searches rows of many logs, in as many threads as there are.

import {
  areShort,
  GROUP_BYTES,
  rowsOf,
  rowsOnLines,
  searchGroupsOf,
  THREADED_BYTES,
} from "./log-groups.js";
import { freeBuffer } from "../storage/chunks.js";
import { callCore } from "../wasm/core.js";

/** @import { LogIndex } from "../../dist/skill_log.js" */
/** @import { IndexedLogs } from "../indexing/indexed-logs.js" */
/** @import { SearchGroup } from "./log-groups.js" */
/** @import { ScanThreads } from "./scan-threads.js" */

/** Matches texts that timestamps may have. Lines may spell these in another way. */
const MAY_BE_IN_TIMESTAMP = /^[-\d:.+TZ]*$/i;

/**
 * Returns whether a text may be in a timestamp, so that only the rows tell.
 *
 * @param {string} text
 */
export function mayBeInTimestamp(text) {
  return MAY_BE_IN_TIMESTAMP.test(text);
}

/** About the bytes of the first group. A page searches it while its threads start. */
const FIRST_BYTES = 1 << 19;

/** About the bytes of a group after the first ones, whose hits come soon. */
const LATER_BYTES = 4 * GROUP_BYTES;

/** So many rows are searched by several threads, whatever their bytes. */
const MANY_ROWS = 1 << 17;

/** The most rows that are grouped at once for a search: some 5 milliseconds. */
const GROUPED_ROWS = 1 << 15;

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
 * Searches rows. Groups them while others are searched, so that neither the first hits nor a person
 * waits until all are grouped.
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
  const areLines = typeof text === "string" && !mayBeInTimestamp(text);
  // In another order, each log would be opened for many of the parts.
  const part = rows && !isRising(rows) ? Infinity : GROUPED_ROWS;
  const count = rows?.length ?? core.length();
  const lists = (function* () {
    for (let from = 0; from < count; from += part) {
      const to = Math.min(from + part, count);
      const some = rows?.subarray(from, to) ?? new Uint32Array(to - from);
      if (!rows) for (let at = from; at < to; at += 1) some[at - from] = at;
      const list = core.rows_by_log(some);
      if (!rows) freeBuffer(some);
      yield list;
    }
  })();
  yield* searchRows(logs, threads, core, lists, wanted, areLines, count > MANY_ROWS);
}

/**
 * @param {ReadLogs} logs
 * @param {ScanThreads} threads
 * @param {LogIndex} core
 * @param {Iterable<Uint32Array>} lists of rows, each log by log
 * @param {Wanted} wanted
 * @param {boolean} areLines whether to search the lines of short logs instead of the rows
 * @param {boolean} areMany whether there are enough rows for several threads
 * @returns {ReturnType<NonNullable<IndexedLogs["search"]>>}
 */
async function* searchRows(logs, threads, core, lists, wanted, areLines, areMany) {
  const { text, ignoreCase, signal } = wanted;
  /**
   * Those that are searched, the first one of them first, each with the buffers that are not used
   * after it.
   *
   * @type {{ group: SearchGroup, used: { buffer: ArrayBufferLike }[] }[]}
   */
  const groups = [];
  const left = lists[Symbol.iterator]();
  const nextGroups = (/** @type {number} */ most, soonest = most) => {
    const { value: list, done } = left.next();
    return done ? null : searchGroupsOf(list, core.row_ends(list), most, soonest);
  };
  const first = nextGroups(GROUP_BYTES, FIRST_BYTES) ?? [];
  const shared = first.filter((group) => group.logs.some((log) => logs.payFor(log)));
  const isMuch = areMany || shared.length > THREADED_BYTES / GROUP_BYTES;
  const taken = function* () {
    for (
      let some = /** @type {SearchGroup[] | null} */ (first);
      some;
      some = nextGroups(LATER_BYTES)
    )
      for (const [at, group] of some.entries()) {
        const { logs: numbers, ends } = group;
        const rows =
          areLines && areShort(group)
            ? Float64Array.from(ends)
            : callCore(() => core.rows_as_batch(group.rows));
        // The groups of a list share its buffers.
        const ended = at === some.length - 1 ? [group.rows, group.places] : [];
        groups.push({ group, used: [rows, ...ended] });
        yield { ...logs.asRead(numbers), rows, text, ignoreCase };
      }
  };
  /** @type {Uint32Array[]} */
  const unclear = [];
  // An expression may take forever, and a page must respond.
  const isSafe = typeof text === "string";
  for await (const found of threads.run("search", taken(), isMuch, signal, isSafe)) {
    const searched = /** @type {(typeof groups)[0]} */ (groups.shift());
    const { group } = searched;
    const changed = rowsOf(group, found.changed);
    const later = rowsOf(group, found.unclear);
    if (later.length > 0) unclear.push(later);
    const isChanged = new Set(changed);
    const hits = Uint32Array.from(found.hits, (hit) => group.rows[hit]);
    yield {
      count: group.rows.length - changed.length - later.length,
      hits:
        found.lines.length > 0
          ? Uint32Array.from(rowsOnLines(group, found.lines))
          : hits.filter((row) => !isChanged.has(row)),
      left: changed,
    };
    for (const each of searched.used) freeBuffer(each);
    await threads.letOthersRun();
  }
  if (unclear.length === 0) return;
  const rest = core.rows_by_log(Uint32Array.from(unclear.flatMap((rows) => [...rows])));
  yield* searchRows(logs, threads, core, [rest], wanted, false, areMany);
}

/** Returns whether rows are in the order of their numbers. @param {Uint32Array} rows */
function isRising(rows) {
  for (let at = 1; at < rows.length; at += 1) if (rows[at] <= rows[at - 1]) return false;
  return true;
}
