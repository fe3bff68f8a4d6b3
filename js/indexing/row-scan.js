// Reads a file for an index that is in another thread.

import { LogIndex as Core } from "../../dist/skill_log.js";
import { checkMark, LineTail } from "./indexed-file.js";
import { asking, takeDamage } from "../reading/batches.js";
import { chunksOf, letGo } from "../storage/chunks.js";
import { bytesAt, giveBack } from "../wasm/core.js";

/** @import { DamagedLine } from "../reading/batches.js" */
/** @import { Mark } from "../storage/file-mark.js" */
/** @import { Source } from "../storage/chunks.js" */
/** @import { PlainBytes } from "../types.js" */

/**
 * What a stretch of the file gave: rows, for the core of the index; damaged lines; offset and length of the bytes so far that are no
 * line yet, then of those of them that may become an entry; and the last bytes before these. `isUnsettled` where reading stopped before a
 * line with NULs, because somebody may be writing it.
 *
 * @typedef {{
 *   rows: PlainBytes, damage: DamagedLine[], rest: Float64Array, mark: Mark | null, isLast: boolean, isUnsettled: boolean,
 * }} RowBatch
 */

/**
 * Where a scan goes on: the `state` of an index, as its core tells it, and the last bytes that it read, which must stand there; null where it
 * read none.
 *
 * @typedef {{ state: readonly number[], maxLineBytes: number, mark: Mark | null }} ScanStart
 */

/**
 * When a batch is full: at so many rows, or after so many milliseconds. Each one that crosses is garbage in both threads, some kilobytes of
 * it; and one tells its user how far it is.
 */
const BATCH_ROWS = 1000;
const BATCH_TIME = 50;

/** Batches that have a chunk each: of a file of some megabytes its user is told as often as of one that is read here. */
const SMALL_BATCHES = 16;

/** What buffers for rows are a multiple of, so that one fits again. */
const BUFFER_STEP_BYTES = 1 << 16;

export class RowScan {
  #open;
  #core = new Core();
  #position;
  #maxLineBytes;
  #tail;
  /** @type {Promise<Source> | null} */
  #opening = null;
  /** @type {ReturnType<typeof chunksOf> | null} */
  #chunks = null;
  #ending = new AbortController();
  #batches = 0;

  /**
   * @param {(signal: AbortSignal) => Promise<Source>} open opens the file when it is read first; `signal` ends that, and its reading
   * @param {ScanStart} start
   */
  constructor(open, { state: [position, lines, provisional], maxLineBytes, mark }) {
    this.#open = async (/** @type {AbortSignal} */ signal) => {
      const source = await open(signal);
      try {
        // Another file may have taken its place since the index looked.
        if (mark) await checkMark(source, mark);
        return source;
      } catch (error) {
        await source.close();
        throw error;
      }
    };
    this.#position = position;
    this.#tail = new LineTail(position);
    this.#core.resume(position, lines, provisional);
    this.#maxLineBytes = maxLineBytes;
  }

  /**
   * Reads on.
   *
   * @param {ArrayBuffer | null} spare for the rows, where they fit: one of an earlier batch. A browser gives the memory of one that crossed
   *   back only when it collects.
   * @returns {Promise<RowBatch | null>} null behind the end of the file
   */
  async next(spare) {
    const core = this.#core;
    const source = await (this.#opening ??= this.#open(this.#ending.signal));
    if (!this.#chunks) {
      core.begin(this.#maxLineBytes, !source.modified);
      this.#chunks = chunksOf(source, this.#position, Infinity);
    }
    const start = performance.now();
    this.#batches += 1;
    const rowsWanted = this.#batches <= SMALL_BATCHES ? 0 : BATCH_ROWS;
    /** @type {boolean} */
    let isLast;
    do {
      const { value: chunk } = await this.#chunks.next();
      if (!chunk) return null;
      asking(source, () => {
        bytesAt(core.space(chunk.bytes.length), chunk.bytes.length).set(chunk.bytes);
        core.read(chunk.isLast);
      });
      this.#tail.add(chunk.bytes, core.position());
      ({ isLast } = chunk);
    } while (
      !isLast &&
      !core.is_unsettled() &&
      core.length() < rowsWanted &&
      performance.now() - start < BATCH_TIME
    );
    const rows = asking(source, () => copied(core.take_rows(), spare));
    return {
      rows,
      damage: [...takeDamage(core, 0)],
      rest: core.rest(),
      mark: this.#tail.mark,
      isLast,
      isUnsettled: core.is_unsettled(),
    };
  }

  /** Gives back what is held. */
  async end() {
    // A read that goes on may take as long as a network does.
    this.#ending.abort();
    const source = await this.#opening?.catch(() => null);
    await this.#chunks?.return();
    await source?.close();
    giveBack(() => this.#core.free());
  }
}

/**
 * @param {Uint8Array} rows
 * @param {ArrayBuffer | null} spare
 */
function copied(rows, spare) {
  const { length } = rows;
  const fits = spare !== null && spare.byteLength >= length;
  const copy = new Uint8Array(
    fits ? spare : new ArrayBuffer(Math.ceil(length / BUFFER_STEP_BYTES) * BUFFER_STEP_BYTES),
    0,
    length,
  );
  copy.set(rows);
  letGo(rows);
  return copy;
}
