// Reads the bytes of rows again, log by log and stretch by stretch.

import { RowReader } from "../../dist/skill_log.js";
import { replacedSinceIndexed } from "./indexed-file.js";
import { Ahead } from "../storage/ahead.js";
import { ReadAhead } from "../storage/chunks.js";
import { bytesAt, callCore, giveBack } from "../wasm/core.js";

/** @import { LogIndex } from "../../dist/skill_log.js" */
/** @import { Source } from "../storage/storage.js" */

/**
 * How many stretches are known before they are read, so that their logs are opened at once. Opening a
 * small log in a browser reads it.
 */
const STRETCHES_AHEAD = 16;

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
  /** @type {Promise<Source> | null} the log of the stretch that was started last */
  let opening = null;
  let openLog = -1;
  const stretches = new Ahead(
    stretchesOf(core, reader, count),
    STRETCHES_AHEAD,
    ([log, offset, length, to]) => {
      if (log !== openLog) opening = open(log, signal);
      openLog = log;
      // Whoever reads from it learns of it.
      opening?.catch(() => {});
      return { source: /** @type {Promise<Source>} */ (opening), offset, length, to };
    },
  );
  /** @type {Source | null} */
  let source = null;
  /** @type {ReadAhead | null} */
  let ahead = null;
  let from = 0;
  try {
    for (let stretch = stretches.next(); stretch; ) {
      const opened = await stretch.source;
      if (opened !== source) await source?.close();
      source = opened;
      const reading = (ahead ??= new ReadAhead(opened));
      if (!reading.isReading) {
        reading.use(opened);
        reading.start(stretch.offset, stretch.length);
      }
      const { offset, length, to } = stretch;
      const bytes = await reading.take();
      signal?.throwIfAborted();
      if (bytes.length < length) throw replacedSinceIndexed(opened, "became shorter");
      const next = stretches.next();
      if (next?.source === stretch.source) reading.start(next.offset, next.length);
      const taken = callCore(() => {
        bytesAt(reader.space(offset, length), length).set(bytes);
        return take(reader, from, to);
      }, opened);
      yield [taken, to];
      from = to;
      stretch = next;
    }
  } finally {
    await ahead?.settle();
    await source?.close();
    const openings = new Set(stretches.rest().map(({ source: opened }) => opened));
    for (const opened of await Promise.allSettled(openings))
      if (opened.status === "fulfilled" && opened.value !== source) await opened.value.close();
    giveBack(() => reader.free());
  }
}

/**
 * Returns the stretches of rows. They end early when a refresh dropped the last rows meanwhile.
 *
 * @param {LogIndex} core
 * @param {RowReader} reader
 * @param {number} count how many rows there are
 * @returns {Generator<[log: number, offset: number, length: number, to: number], void, void>}
 */
function* stretchesOf(core, reader, count) {
  for (let from = 0; from < count; ) {
    const stretch = callCore(() => reader.stretch(core, from));
    if (stretch.length === 0) return;
    const [log, offset, length, end] = stretch;
    from = Math.min(end, count);
    yield [log, offset, length, from];
  }
}
