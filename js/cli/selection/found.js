// What a filter finds in one log after the other, in bounded memory: entries, or their lines.

import { Progress } from "../terminal/progress.js";
import { withInstants, instantsOf, latest } from "./latest.js";
import { readLog } from "./read-log.js";
import { selectedRows } from "./selected-rows.js";

/** @import { LogIndex, SessionLog } from "../../index.js" */
/** @import { Damage, Entry } from "../../types.js" */
/** @import { Filter } from "./filter.js" */
/** @import { Dated } from "./latest.js" */
/** @import { LogEvents } from "./read-log.js" */
/** @import { NamedLog } from "./operands.js" */

/**
 * The form in which entries are read.
 *
 * @template T
 * @typedef {object} Form
 * @property {(log: SessionLog, options: ReadingOptions) => AsyncIterable<T>} all reads a whole log
 * @property {(index: LogIndex, rows: Uint32Array) => AsyncGenerator<T, void, void>} rows reads rows
 * @property {(index: LogIndex, rows: Uint32Array) => AsyncGenerator<T, void, void>} each reads rows
 *   as `rows` does, but yields each by itself
 * @property {(entry: Entry) => T} held turns an entry that was read before into this form
 */

/**
 * @typedef {{ onDamage: (damage: Damage) => void, onProgress: (read: { bytes: number }) => void }}
 *   ReadingOptions
 */

/** @template T @typedef {{ log: NamedLog, found: T }} Found */

/**
 * The most last entries that are read from the end and held in memory. An index finds more entries
 * than these.
 */
const MOST_HELD = 1000;

/**
 * Yields what matches a filter, log by log, in the order of each file. With `filter.last` and
 * several logs, yields the entries with the latest timestamps, in the order of time.
 *
 * Damage on the way is reported on standard error.
 *
 * @template T
 * @param {NamedLog[]} logs
 * @param {Filter} filter
 * @param {Form<T>} form
 * @param {LogEvents} events
 * @returns {AsyncGenerator<Found<T>, void, void>}
 */
export async function* foundIn(logs, filter, form, events) {
  const { selectsAll, last } = filter;
  if (last === 0) return;
  const progress = new Progress("reading", logs);
  try {
    if (selectsAll && last === undefined) {
      for (const log of logs) yield* allOf(log, form, progress, events);
    } else if (selectsAll && last !== undefined && last <= MOST_HELD) {
      for (const { log, entry } of await lastOf(logs, last, progress, events))
        yield { log, found: form.held(entry) };
    } else {
      const selected = selectedRows(logs, filter, progress, events);
      // With one log, the order of the file counts, not the timestamps.
      if (last !== undefined && logs.length > 1) yield* merged(selected, last, form);
      else
        for await (const { log, index, rows } of selected)
          for await (const found of form.rows(index, rows)) yield { log, found };
    }
  } finally {
    progress.stop();
  }
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
 * Yields the latest of the selected rows, in the order of time.
 *
 * @template T
 * @param {ReturnType<typeof selectedRows>} selected
 * @param {number} count
 * @param {Form<T>} form
 * @returns {AsyncGenerator<Found<T>, void, void>}
 */
async function* merged(selected, count, form) {
  const candidates = [];
  for await (const { log, index, rows } of selected) {
    const each = form.each(index, rows);
    const instants = instantsOf(Array.from(rows, (row) => index.row(row).timestamp));
    candidates.push(...instants.map((at) => ({ at, log, each })));
  }
  // `latest` keeps the order of each log, so the next of its generator is the wanted one.
  for (const { log, each } of latest(candidates, count))
    yield { log, found: /** @type {T} */ ((await each.next()).value) };
}

/**
 * Returns the last entries of all logs, in the order of time; of one log, in that of the file.
 *
 * @param {NamedLog[]} logs
 * @param {number} count
 * @param {Progress} progress
 * @param {LogEvents} events
 */
async function lastOf(logs, count, progress, events) {
  /** @type {({ log: NamedLog, entry: Entry } & Dated)[]} */
  let last = [];
  for (const log of logs)
    last = latest(
      [...last, ...withInstants(log, await lastOfOne(log, count, progress, events))],
      count,
    );
  return last;
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
