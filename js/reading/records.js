// Turns batches into records, forwards or backwards.

import { DOUBTFUL, readBatches, RECOVERED } from "./batches.js";
import { LINE_END } from "../line-end.js";
import { Patience } from "./patience.js";
import { endOf } from "../storage/chunks.js";

/** @import { LogRecord } from "../types.js" */
/** @import { DamagedLine, Source } from "../storage/storage.js" */
/** @import { Batch, Reading } from "./batches.js" */

/** How many bytes are read at a time to find a line start backwards. */
const RANGE_BYTES = 1 << 18;

/**
 * Returns the records of a batch that start before an offset.
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
 * Yields the records that start in a range, the last one first, an array for each part.
 *
 * Goes back from line start to line start. Reads each part between two line starts forwards.
 *
 * @param {Source} source
 * @param {Reading} reading
 * @param {(damage: DamagedLine) => void} onDamage
 */
export async function* recordsBackwards(source, reading, onDamage) {
  let to = Math.min(reading.to, await endOf(source, reading.to));
  const patience = new Patience(source);
  while (to > reading.from) {
    const from = await lineStart(source, reading.from, to, reading.signal);
    const records = [];
    /** @type {DamagedLine[]} */
    const damage = [];
    const part = { ...reading, from, to };
    for await (const batch of recordsForwards(source, part, (each) => damage.push(each), patience))
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
 * Finds a line start about RANGE_BYTES before `to`, or further away when a line is longer.
 *
 * @param {Source} source
 * @param {number} from counts as a line start; nothing before it is read
 * @param {number} to
 * @param {AbortSignal} [signal]
 */
async function lineStart(source, from, to, signal) {
  const buffer = new Uint8Array(Math.min(RANGE_BYTES, to - from));
  for (let end = to; end > from; ) {
    signal?.throwIfAborted();
    const start = Math.max(from, end - RANGE_BYTES);
    const chunk = buffer.subarray(0, await source.read(start, buffer.subarray(0, end - start)));
    const isFirst = end === to;
    if (isFirst && start === from) return from;
    // In the first chunk, the earliest line start, but not `to` itself. In the other chunks, the
    // latest line start.
    const at = isFirst ? chunk.subarray(0, -1).indexOf(LINE_END) : chunk.lastIndexOf(LINE_END);
    if (at >= 0) return start + at + 1;
    end = start;
  }
  return from;
}
