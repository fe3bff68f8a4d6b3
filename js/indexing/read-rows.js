// Reads the bytes of rows again, log by log and stretch by stretch.

import { RowReader } from "../../dist/skill_log.js";
import { replacedSinceIndexed } from "./indexed-file.js";
import { ReadAhead } from "../storage/chunks.js";
import { bytesAt, callCore, giveBack } from "../wasm/core.js";

/** @import { LogIndex } from "../../dist/skill_log.js" */
/** @import { Source } from "../storage/storage.js" */

/**
 * Reads the bytes of rows again. A stretch has the bytes of several rows of a log.
 *
 * @template T
 * @param {LogIndex} core
 * @param {(log: number, signal?: AbortSignal) => Promise<Source>} open opens a log's file
 * @param {Uint32Array | undefined} rows the list; undefined stands for every row, of which none was
 *   removed
 * @param {number} count how many rows there are
 * @param {AbortSignal | undefined} signal
 * @param {(reader: RowReader, from: number, to: number) => T} take asks the core about the rows that
 *   were read: those from index `from` of the list up to index `to`
 * @returns {AsyncGenerator<[T, number], void, void>} what `take` returned, and the number of rows
 *   read so far
 */
export async function* readRows(core, open, rows, count, signal, take) {
  signal?.throwIfAborted();
  if (count === 0) return;
  const reader = new RowReader(rows);
  const stretchAt = (/** @type {number} */ from) =>
    callCore(() => reader.stretch(core, from), source ?? undefined);
  /** @type {Source | null} */
  let source = null;
  let openLog = -1;
  /** @type {ReadAhead | null} */
  let ahead = null;
  try {
    let stretch = stretchAt(0);
    for (let from = 0; from < count; ) {
      const [log, offset, length, end] = stretch;
      if (log !== openLog) {
        await source?.close();
        source = null;
        source = await open(log, signal);
        openLog = log;
        if (ahead) ahead.use(source);
        else ahead = new ReadAhead(source);
      }
      const of = /** @type {Source} */ (source);
      const reading = /** @type {ReadAhead} */ (ahead);
      if (!reading.isReading) reading.start(offset, length);
      const to = Math.min(end, count);
      const bytes = await reading.take();
      signal?.throwIfAborted();
      if (bytes.length < length) throw replacedSinceIndexed(of, "became shorter");
      stretch = to < count ? stretchAt(to) : new Float64Array(0);
      if (stretch[0] === log) reading.start(stretch[1], stretch[2]);
      const taken = callCore(() => {
        bytesAt(reader.space(offset, length), length).set(bytes);
        return take(reader, from, to);
      }, of);
      yield [taken, to];
      from = to;
    }
  } finally {
    await ahead?.settle();
    await source?.close();
    giveBack(() => reader.free());
  }
}
