// Reads a file into the core of an index: chunk by chunk in the same thread, or in batches of rows
// for an index in another thread.

import { LogIndex, RowSender } from "../../dist/skill_log.js";
import { checkSourceMark, LineTail } from "./indexed-file.js";
import { takeDamage } from "../reading/batches.js";
import { Patience } from "../reading/patience.js";
import { chunksOf, freeBuffer } from "../storage/chunks.js";
import { bytesAt, callCore, giveBack } from "../wasm/core.js";

/** @import { DamagedLine, FileMark, RowBatch, ScanStart, Source } from "../storage/storage.js" */

const NOTHING = new Uint8Array(0);

/**
 * What a chunk yields, beside the rows, which the core holds.
 *
 * @typedef {Omit<RowBatch, "rows" | "damage" | "isUnsettled"> & {
 *   damage: Iterable<DamagedLine>,
 * }} ScanStep `damage` must be iterated before the next step
 */

/**
 * Reads a file into a log of an index, from where the log was read to. Waits before a line with NULs
 * that another process may be writing.
 *
 * @param {LogIndex} core
 * @param {number} log its number in the index
 * @param {Source} source
 * @param {number} maxLineBytes
 * @param {AbortSignal} [signal]
 * @returns {AsyncGenerator<ScanStep, void, void>} a step for each chunk. After a step that leaves
 *   `core.is_unsettled()`, the next step waits
 */
export async function* scanRows(core, log, source, maxLineBytes, signal) {
  const patience = new Patience(source);
  for (;;) {
    core.begin(log, maxLineBytes, !source.modified);
    const start = core.position(log);
    const lines = new LineTail(start);
    for await (const { bytes, isLast } of chunksOf(source, start, Infinity, signal)) {
      lines.add(bytes);
      for (let chunk = bytes; ; chunk = NOTHING) {
        callCore(() => {
          bytesAt(core.space(chunk.length), chunk.length).set(chunk);
          core.read(isLast);
        }, source);
        lines.endAt(core.position(log));
        yield { damage: takeDamage(core, 0), rest: core.rest(), mark: lines.mark, isLast };
        if (!core.is_unsettled() || !(await patience.isOver())) break;
        core.settle();
      }
      if (core.is_unsettled()) break;
    }
    if (!core.is_unsettled()) return;
    await patience.wait(signal);
  }
}

/**
 * How many rows, or milliseconds, fill a batch. Each batch leaves some kilobytes of garbage in both
 * threads. Small batches report the progress more often.
 */
const BATCH_ROWS = 1000;
const BATCH_TIME = 50;

/**
 * The first batches have one chunk each, so that a file of some megabytes reports its progress as
 * often as in the same thread.
 */
const SMALL_BATCHES = 16;

/** The lengths of buffers for rows are multiples of this, so that a buffer fits the next batch. */
const BUFFER_STEP_BYTES = 1 << 16;

/** Scans a file for an index in another thread. */
export class RowScan {
  #open;
  #sender;
  #core;
  #maxLineBytes;
  /** @type {Promise<Source> | null} */
  #opening = null;
  /** @type {ReturnType<typeof scanRows> | null} */
  #steps = null;
  #ending = new AbortController();
  #batches = 0;

  /**
   * @param {(signal: AbortSignal) => Promise<Source>} open opens the file before its first read;
   *   `signal` ends opening and reading
   * @param {ScanStart} start
   */
  constructor(open, { state: [position, lines, provisional, log], maxLineBytes, mark }) {
    this.#open = async (/** @type {AbortSignal} */ signal) => {
      const source = await open(signal);
      try {
        // The file may have been replaced since the index looked.
        if (mark) await checkSourceMark(source, mark);
        return source;
      } catch (error) {
        await source.close();
        throw error;
      }
    };
    this.#sender = new RowSender();
    this.#core = new LogIndex();
    this.#sender.add_log(this.#core, position, lines, provisional, log);
    this.#maxLineBytes = maxLineBytes;
  }

  /**
   * Reads the next batch.
   *
   * @param {ArrayBuffer | null} spare the buffer of an earlier batch, for the rows if they fit. A
   *   browser frees a buffer that crossed only when it collects garbage
   * @returns {Promise<RowBatch | null>} null after the end of the file
   */
  async next(spare) {
    const core = this.#core;
    const source = await (this.#opening ??= this.#open(this.#ending.signal));
    this.#steps ??= scanRows(core, 0, source, this.#maxLineBytes);
    const start = performance.now();
    this.#batches += 1;
    const rowsWanted = this.#batches <= SMALL_BATCHES ? 0 : BATCH_ROWS;
    /** @type {DamagedLine[]} */
    const damage = [];
    /** @type {ScanStep | void} */
    let step;
    do {
      ({ value: step } = await this.#steps.next());
      if (!step) return null;
      for (const line of step.damage) damage.push(line);
    } while (
      !step.isLast &&
      !core.is_unsettled() &&
      core.length() < rowsWanted &&
      performance.now() - start < BATCH_TIME
    );
    const rows = callCore(() => copied(this.#sender.take_rows(core), spare), source);
    return { ...step, rows, damage, isUnsettled: core.is_unsettled() };
  }

  /** Stops, and frees what the scan holds. */
  async end() {
    // A read may take as long as the network.
    this.#ending.abort();
    const source = await this.#opening?.catch(() => null);
    await this.#steps?.return();
    await source?.close();
    giveBack(() => this.#core.free());
    giveBack(() => this.#sender.free());
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
  freeBuffer(rows);
  return copy;
}
