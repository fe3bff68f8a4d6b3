// Turns batches into records, forwards or backwards.

import { DOUBTFUL, readBatches, RECOVERED } from "./batches.js";
import { LINE_END } from "../storage/line-end.js";
import { Patience } from "./patience.js";

/** @import { LogRecord } from "../types.js" */
/** @import { DamagedLine, Source } from "../storage/storage.js" */
/** @import { Batch, Reading } from "./batches.js" */

/** Reading backwards looks for a line start in so many bytes at a time. */
const STRETCH_BYTES = 1 << 18;

/**
 * Returns the records of a batch, but those that start at `to` or later.
 *
 * @param {Batch} batch
 * @param {number} to
 * @returns {LogRecord[]}
 */
export function recordsOf({ entries, places }, to) {
  /** @type {LogRecord[]} */
  const records = [];
  for (const entry of entries) {
    const at = records.length * 4;
    if (places[at] >= to) break;
    const flags = places[at + 3];
    /** @type {LogRecord} */
    const record = {
      entry,
      offset: places[at],
      length: places[at + 1],
      end: places[at + 2],
      recovered: (flags & RECOVERED) !== 0,
    };
    if (flags & DOUBTFUL) record.doubtful = true;
    records.push(record);
  }
  return records;
}

/**
 * Yields the records that start in a range, an array for each batch, in the order of the file.
 *
 * @param {Source} source
 * @param {Reading} reading
 * @param {(damage: DamagedLine) => void} onDamage
 * @param {Patience} [patience]
 */
export async function* recordsForwards(source, reading, onDamage, patience) {
  for await (const batch of readBatches(source, reading, patience)) {
    for (const each of batch.damage) if (each.offset < reading.to) onDamage(each);
    yield recordsOf(batch, reading.to);
  }
}

/**
 * Yields the records that start in a range, the last one first, an array for each stretch.
 *
 * Goes back from line start to line start, a stretch at a time, and reads each stretch forwards.
 *
 * @param {Source} source
 * @param {Reading} reading
 * @param {(damage: DamagedLine) => void} onDamage
 */
export async function* recordsBackwards(source, reading, onDamage) {
  let to = Math.min(reading.to, await source.size());
  const patience = new Patience(source);
  while (to > reading.from) {
    const from = await lineStart(source, reading.from, to, reading.signal);
    const records = [];
    /** @type {DamagedLine[]} */
    const damage = [];
    const stretch = { ...reading, from, to };
    for await (const batch of recordsForwards(
      source,
      stretch,
      (each) => damage.push(each),
      patience,
    ))
      for (const each of batch) records.push(each);
    for (const each of damage.reverse()) {
      if (from > 0 || to < reading.to) delete each.line;
      onDamage(each);
    }
    yield records.reverse();
    to = from;
  }
}

/**
 * Finds a line start about a stretch before `to`, or further away where a line is longer.
 *
 * @param {Source} source
 * @param {number} from counts as a line start; nothing before it is read
 * @param {number} to
 * @param {AbortSignal} [signal]
 */
async function lineStart(source, from, to, signal) {
  const stretch = new Uint8Array(Math.min(STRETCH_BYTES, to - from));
  for (let end = to; end > from; ) {
    signal?.throwIfAborted();
    const start = Math.max(from, end - STRETCH_BYTES);
    const chunk = stretch.subarray(0, await source.read(start, stretch.subarray(0, end - start)));
    const isNext = end === to;
    if (isNext && start === from) return from;
    // In the first stretch, the earliest line start, but not `to` itself. In the others, the
    // latest.
    const at = isNext ? chunk.subarray(0, -1).indexOf(LINE_END) : chunk.lastIndexOf(LINE_END);
    if (at >= 0) return start + at + 1;
    end = start;
  }
  return from;
}
