// What a filter finds in the logs that a command names, in bounded memory: entries, or their lines.

import { Progress } from "../terminal/progress.js";
import { indexLogs } from "./indexed-logs.js";
import { Operands } from "./operands.js";
import { readLog } from "./read-log.js";
import { byInstant, instantOf } from "./times.js";

/** @import { LogIndex, SessionLog } from "../../index.js" */
/** @import { Damage, Entry } from "../../types.js" */
/** @import { Filter } from "./filter.js" */
/** @import { IndexedLogs } from "./indexed-logs.js" */
/** @import { NamedLog } from "./operands.js" */
/** @import { LogEvents } from "./read-log.js" */
/** @import { Instant } from "./times.js" */

/**
 * The form in which entries are read.
 *
 * @template T
 * @typedef {object} Form
 * @property {(log: SessionLog, options: ReadingOptions) => AsyncIterable<T>} all reads a whole log
 * @property {(index: LogIndex, rows: Uint32Array) => AsyncGenerator<T, void, void>} rows reads rows
 *   of one log
 * @property {(index: LogIndex, rows: Uint32Array) => AsyncGenerator<T, void, void>} each reads rows
 *   of any logs in any order, and yields each by itself
 * @property {(entry: Entry) => T} held turns an entry that was read before into this form
 */

/**
 * @typedef {{ onDamage: (damage: Damage) => void, onProgress: (read: { bytes: number }) => void }}
 *   ReadingOptions
 */

/** @template T @typedef {{ log: NamedLog, found: T }} Found */

/**
 * The most last entries that are read from the end of each log and held in memory. An index finds
 * more entries than these.
 */
const MOST_HELD = 1000;

/**
 * Up to so many logs, or with logs that are longer on average, the last entries are read from the end
 * of each. Otherwise an index finds them.
 */
const FEW_LOGS = 64;
const LONG_BYTES = 1 << 20;

/**
 * Yields what matches a filter, log by log, in the order of each file. With `filter.last` and several
 * logs, or with `filter.isOrdered`, yields the entries in the order of time, or in
 * another that is wanted.
 *
 * Damage on the way is reported on standard error.
 *
 * @template T
 * @param {Operands | NamedLog[]} named
 * @param {Filter} filter
 * @param {Form<T>} form
 * @param {LogEvents} events
 * @returns {AsyncGenerator<Found<T>, void, void>}
 */
export async function* foundIn(named, filter, form, events) {
  const operands = Operands.of(named);
  const { selectsAll, last, isOrdered } = filter;
  if (last === 0) return;
  const isEnd = selectsAll && last !== undefined && last <= MOST_HELD && !isOrdered;
  if (selectsAll && last === undefined && !isOrdered) {
    const logs = await operands.logs();
    const progress = new Progress("reading", logs);
    for (const log of logs) yield* allOf(log, form, progress, events);
    progress.stop();
  } else if (isEnd && areReadFromTheEnd(await operands.logs())) {
    for (const { log, entry } of await lastOf(await operands.logs(), last, events))
      yield { log, found: form.held(entry) };
  } else {
    yield* indexedIn(operands, filter, form, events);
  }
}

/** @param {NamedLog[]} logs */
function areReadFromTheEnd(logs) {
  const bytes = logs.reduce((sum, { bytes }) => sum + bytes, 0);
  return logs.length <= FEW_LOGS || bytes > LONG_BYTES * logs.length;
}

/**
 * @template T
 * @param {NamedLog} log
 * @param {Form<T>} form
 * @param {Progress} progress
 * @param {LogEvents} events
 */
function allOf(log, form, progress, events) {
  return readLog(log, events, async function* (open, warning) {
    const options = { onDamage: warning.add, onProgress: progress.update };
    for await (const found of form.all(open, options)) yield { log, found };
    progress.next();
  });
}

/**
 * @template T
 * @param {Operands} operands
 * @param {Filter} filter
 * @param {Form<T>} form
 * @param {LogEvents} events
 * @returns {AsyncGenerator<Found<T>, void, void>}
 */
async function* indexedIn(operands, filter, form, events) {
  const progress = new Progress("reading", [], filter.hasText ? 2 : 1);
  try {
    const indexed = await indexLogs(operands, progress, events);
    if (filter.last === undefined && !filter.isOrdered) {
      for await (const { log, rows } of indexed.selected(filter, progress))
        for await (const found of form.rows(indexed.index, rows)) yield { log, found };
    } else {
      const rows = indexed.latest(filter, await indexed.rows(filter, progress));
      yield* eachOf(indexed, rows, form);
    }
  } finally {
    progress.stop();
  }
}

/**
 * @template T
 * @param {IndexedLogs} indexed
 * @param {Uint32Array} rows in any order
 * @param {Form<T>} form
 * @returns {AsyncGenerator<Found<T>, void, void>}
 */
async function* eachOf({ index, logs }, rows, form) {
  const { codes, texts } = index.column("session", rows);
  const named = new Map(logs.map(({ log, contents }) => [contents.session, log]));
  const logOf = texts.map((session) => /** @type {NamedLog} */ (named.get(session)));
  let at = 0;
  for await (const found of form.each(index, rows)) yield { log: logOf[codes[at++]], found };
}

/** @typedef {{ log: NamedLog, entry: Entry, at: Instant }} Dated */

/**
 * Returns the last entries of all logs, in the order of time; of one log, in that of the file.
 *
 * @param {NamedLog[]} logs
 * @param {number} count
 * @param {LogEvents} events
 */
async function lastOf(logs, count, events) {
  const progress = new Progress("reading", logs);
  /** @type {Dated[]} */
  let last = [];
  for (const log of logs) {
    const entries = await lastOfOne(log, count, progress, events);
    for (const each of dated(log, entries)) last.push(each);
    last.sort((a, b) => byInstant(a.at, b.at));
    last = last.slice(-count);
  }
  progress.stop();
  return last;
}

/**
 * Returns entries of a log with instants. No instant is before the one ahead of it, so that sorting
 * keeps the order of the file even when a clock was set back.
 *
 * @param {NamedLog} log
 * @param {Entry[]} entries in the order of the file
 * @returns {Dated[]}
 */
function dated(log, entries) {
  /** @type {Instant} */
  let latest = [-Infinity, 0];
  return entries.map((entry) => {
    const own = instantOf(entry.timestamp);
    if (byInstant(own, latest) > 0) latest = own;
    return { log, entry, at: latest };
  });
}

/**
 * Returns the last entries of one log, in the order of the file.
 *
 * @param {NamedLog} log
 * @param {number} count
 * @param {Progress} progress
 * @param {LogEvents} events
 */
async function lastOfOne(log, count, progress, events) {
  /** @type {Entry[]} */
  const entries = [];
  const backwards = readLog(log, events, async function* (open, warning) {
    for await (const { entry, end } of open.records({
      reverse: true,
      input: "raw",
      onDamage: warning.add,
    })) {
      if (entries.length === 0) events.onEnd?.(log, end);
      yield entry;
      if (entries.length === count) break;
    }
    progress.next();
  });
  for await (const entry of backwards) entries.push(entry);
  return entries.reverse();
}
