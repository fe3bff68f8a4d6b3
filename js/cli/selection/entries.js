// The selected entries of one log after the other, in bounded memory.

import { Progress } from "../terminal/progress.js";
import { withInstants, instantsOf, latest } from "./latest.js";
import { readLog } from "./read-log.js";
import { selectedRows } from "./selected-rows.js";

/** @import { LogIndex } from "../../index.js" */
/** @import { Entry } from "../../types.js" */
/** @import { Filter } from "./filter.js" */
/** @import { Dated } from "./latest.js" */
/** @import { LogEvents } from "./read-log.js" */
/** @import { NamedLog } from "./operands.js" */

/** @typedef {{ log: NamedLog, entry: Entry }} FoundEntry */

/** Keeps every number of an entry exact. */
const input = "raw";

/**
 * The most last entries that are read from the end and held in memory. An index finds more entries
 * than these.
 */
const MOST_HELD = 1000;

/** The bytes of entries that are read at once. */
const MOST_READ_BYTES = 1 << 20;

/**
 * Yields the entries that match a filter, log by log, in the order of each file. With `filter.last`
 * and several logs, yields those with the latest timestamps, in the order of time.
 *
 * Each entry has its `input` as a `RawJson`. Damage on the way is reported on standard error.
 *
 * @param {NamedLog[]} logs
 * @param {Filter} filter
 * @param {LogEvents} [events]
 * @returns {AsyncGenerator<FoundEntry, void, void>}
 */
export async function* entriesOf(logs, filter, events = {}) {
  const progress = new Progress("reading", logs);
  try {
    if (filter.last !== undefined) yield* lastEntries(logs, filter, filter.last, progress, events);
    else if (filter.selectsAll) for (const log of logs) yield* allEntries(log, progress, events);
    else
      for await (const { log, index, rows } of selectedRows(logs, filter, progress, events))
        for await (const entry of entriesOfRows(index, rows)) yield { log, entry };
  } finally {
    progress.stop();
  }
}

/**
 * @param {NamedLog} log
 * @param {Progress} progress
 * @param {LogEvents} events
 */
function allEntries(log, progress, events) {
  return readLog(log, events, async function* (open, warning) {
    for await (const { entry, end } of open.records({ input, onDamage: warning.add })) {
      progress.update({ bytes: end });
      yield { log, entry };
    }
    progress.next();
  });
}

/**
 * Yields the entries of rows, reading some at a time.
 *
 * @param {LogIndex} index
 * @param {Uint32Array} rows
 */
export async function* entriesOfRows(index, rows) {
  for (let from = 0, to = 0; from < rows.length; from = to) {
    for (let bytes = 0; to < rows.length && bytes < MOST_READ_BYTES; to += 1)
      bytes += index.row(rows[to]).length;
    yield* await index.entries(rows.subarray(from, to), { input });
  }
}

/**
 * Yields the last entries that match a filter.
 *
 * @param {NamedLog[]} logs
 * @param {Filter} filter
 * @param {number} count
 * @param {Progress} progress
 * @param {LogEvents} events
 * @returns {AsyncGenerator<FoundEntry, void, void>}
 */
async function* lastEntries(logs, filter, count, progress, events) {
  if (count === 0) return;
  if (filter.selectsAll && count <= MOST_HELD) {
    /** @type {(FoundEntry & Dated)[]} */
    let last = [];
    for (const log of logs)
      last = latest(
        [...last, ...withInstants(log, await lastOfOne(log, count, progress, events))],
        count,
      );
    yield* last;
    return;
  }
  const candidates = [];
  for await (const { log, index, rows } of selectedRows(logs, filter, progress, events)) {
    const entries = entriesOfRows(index, rows);
    if (logs.length === 1) {
      // With one log, the order of the file counts, not the timestamps.
      for await (const entry of entries) yield { log, entry };
      return;
    }
    const instants = instantsOf(Array.from(rows, (row) => index.row(row).timestamp));
    candidates.push(...instants.map((at) => ({ at, log, entries })));
  }
  // `latest` keeps the order of each log, so the next entry of its generator is the wanted one.
  for (const { log, entries } of latest(candidates, count))
    yield { log, entry: /** @type {Entry} */ ((await entries.next()).value) };
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
      input,
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
