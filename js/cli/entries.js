// The entries that are wanted, of one log after the other, in bounded memory.

import { damageNotes } from "./damage-notes.js";
import { Progress } from "./progress.js";
import { byInstant, instantOf } from "./times.js";

/** @import { LogIndex, SessionLog } from "../index.js" */
/** @import { Entry } from "../types.js" */
/** @import { Filter } from "./filter.js" */
/** @import { NamedLog } from "./operands.js" */
/** @import { Instant } from "./times.js" */

/** @typedef {{ log: NamedLog, entry: Entry }} Found */
/** @typedef {{ log: NamedLog, entry: Entry, at: Instant }} Dated */

/**
 * What is told of the logs whose last entries are read.
 *
 * @typedef {{
 *   ended?: (log: NamedLog, end: number) => void,
 *   failed?: (log: NamedLog, error: unknown) => Promise<void>,
 * }} Told `ended`: where reading it goes on, in bytes, where it was read; `failed`: why it was not, and the others are
 */

/** Nothing of an entry is rounded, or spelled in another way. */
const input = "raw";

/** How many bytes of entries are read at once. */
const BATCH_BYTES = 1 << 20;

/**
 * Gives the entries that a filter lets pass: log by log, in the order of the file. Of the last ones of several logs, those with the
 * latest timestamps, in the order of these.
 *
 * Each has its `input` as a `RawJson`. Damage that is met on the way is told on standard error.
 *
 * @param {NamedLog[]} logs
 * @param {Filter} filter
 * @param {Told} [told] where the last ones are wanted
 * @returns {AsyncGenerator<Found, void, void>}
 */
export async function* entriesOf(logs, filter, told = {}) {
  const progress = new Progress("reading", logs.reduce((sum, { bytes }) => sum + bytes, 0));
  try {
    if (filter.last !== undefined) yield* lastEntries(logs, filter, filter.last, progress, told);
    else for (const log of logs) yield* entriesOfOne(log, filter, progress);
  } finally {
    progress.stop();
  }
}

/**
 * @param {NamedLog} log
 * @param {Filter} filter
 * @param {Progress} progress
 * @returns {AsyncGenerator<Found, void, void>}
 */
async function* entriesOfOne(log, filter, progress) {
  const open = await log.open();
  const notes = damageNotes(log);
  try {
    if (filter.isOpen) {
      for await (const { entry, end } of open.records({ input, onDamage: notes.add })) {
        progress.update({ bytes: end });
        yield { log, entry };
      }
    } else {
      const { index, rows } = await selected(open, filter, notes, progress);
      for await (const entry of entriesOfRows(index, rows)) yield { log, entry };
    }
    progress.next();
  } finally {
    await open.close();
    await notes.tell();
  }
}

/**
 * Finds the rows of a log that meet a filter.
 *
 * @param {SessionLog} open
 * @param {Filter} filter
 * @param {ReturnType<typeof damageNotes>} notes
 * @param {Progress} progress
 */
export async function selected(open, filter, notes, progress) {
  const index = await open.index({ onProgress: progress.update });
  notes.addAll(index.damage, index.damaged);
  return { index, rows: await filter.rows(index) };
}

/**
 * Reads the entries of rows, some at a time.
 *
 * @param {LogIndex} index
 * @param {Uint32Array} rows
 */
export async function* entriesOfRows(index, rows) {
  for (let from = 0, to = 0; from < rows.length; from = to) {
    for (let bytes = 0; to < rows.length && bytes < BATCH_BYTES; to += 1) bytes += index.row(rows[to]).length;
    yield* await index.entries(rows.subarray(from, to), { input });
  }
}

/**
 * @param {NamedLog[]} logs
 * @param {Filter} filter
 * @param {number} count
 * @param {Progress} progress
 * @param {Told} told
 * @returns {AsyncGenerator<Found, void, void>}
 */
async function* lastEntries(logs, filter, count, progress, { ended, failed }) {
  /** @type {Dated[]} */
  let last = [];
  for (const log of logs) {
    try {
      const of = await lastOfOne(log, filter, count, progress, (end) => ended?.(log, end));
      last = logs.length === 1 ? of : latest([...last, ...of], count);
    } catch (error) {
      if (!failed) throw error;
      await failed(log, error);
    }
  }
  progress.stop();
  yield* last;
}

/**
 * Gives the last entries of one log; its own order is kept whatever its clock did.
 *
 * @param {NamedLog} log
 * @param {Filter} filter
 * @param {number} count
 * @param {Progress} progress
 * @param {(end: number) => void} ended
 * @returns {Promise<Dated[]>}
 */
async function lastOfOne(log, filter, count, progress, ended) {
  const open = await log.open();
  const notes = damageNotes(log);
  try {
    /** @type {Entry[]} */
    let entries = [];
    if (count > 0 && filter.isOpen) {
      // Nothing before them is read.
      for await (const { entry, end } of open.records({ reverse: true, input, onDamage: notes.add })) {
        if (entries.length === 0) ended(end);
        if (entries.push(entry) === count) break;
      }
      entries.reverse();
    } else if (count > 0) {
      const { index, rows } = await selected(open, filter, notes, progress);
      ended(index.pending?.offset ?? index.bytes);
      entries = await index.entries(rows.slice(-count), { input });
    }
    progress.next();
    let at = /** @type {Instant} */ ([-Infinity, 0]);
    return entries.map((entry) => {
      const own = instantOf(entry.timestamp);
      at = byInstant(own, at) > 0 ? own : at;
      return { log, entry, at };
    });
  } finally {
    await open.close();
    await notes.tell();
  }
}

/**
 * Gives the latest of entries of several logs, in the order of time.
 *
 * @param {Dated[]} entries
 * @param {number} count
 */
function latest(entries, count) {
  return entries.sort((a, b) => byInstant(a.at, b.at)).slice(-count);
}
