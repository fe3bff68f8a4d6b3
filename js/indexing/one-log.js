// Reads one log into an index, and reads it again when it grew or was replaced.

import { SkillLogError } from "../errors.js";
import { checkSourceMark, IndexedFile } from "./indexed-file.js";
import { scanRows } from "./row-scan.js";
import { pendingOf } from "../damage/verify.js";
import { scanParts } from "../threads/log-parts.js";
import { callCore, giveBack } from "../wasm/core.js";

/** @import { LogIndex } from "../../dist/skill_log.js" */
/** @import { ProgressOptions } from "../types.js" */
/** @import { LogFacts } from "./log-facts.js" */
/** @import { FileMark, RowBatch, Source } from "../storage/storage.js" */
/** @import { InParts } from "../threads/log-parts.js" */

/** The most bytes that are read in this thread, because another thread takes longer to start. */
const OWN_THREAD_BYTES = 1 << 20;

/** How often a log is read anew that is replaced while it is read. */
const ATTEMPTS = 3;

/** A log of an index, and the file it was read from. */
export class OneLog {
  #file;
  #maxLineBytes;

  /**
   * @param {(signal?: AbortSignal) => Promise<Source | null>} open
   * @param {number} maxLineBytes
   */
  constructor(open, maxLineBytes) {
    this.#file = new IndexedFile(open);
    this.#maxLineBytes = maxLineBytes;
  }

  /** The last bytes of the lines that were read. */
  get mark() {
    return this.#file.mark;
  }

  /**
   * Takes the file for one that was read up to the end of a mark.
   *
   * @param {FileMark} mark
   */
  knowBy(mark) {
    this.#file.knowBy(mark);
  }

  /**
   * Opens the file to read entries of it again.
   *
   * @param {number} bytes how many bytes of it were read
   * @param {AbortSignal} [signal]
   * @returns {Promise<Source | null>}
   * @throws {SkillLogError} `REPLACED`
   */
  open(bytes, signal) {
    return this.#file.open(bytes, signal);
  }

  /**
   * Reads what the file has now. If the file was removed, replaced or cut, its rows are removed, and
   * the file that is there now is read.
   *
   * @param {LogIndex} core
   * @param {LogFacts} facts
   * @param {number} log its number
   * @param {ProgressOptions} options
   * @param {InParts} [inParts]
   * @returns {Promise<boolean>} whether rows were removed because of another file
   */
  async refresh(core, facts, log, options, inParts) {
    let isCleared = false;
    for (let left = ATTEMPTS; ; left -= 1) {
      try {
        // Another thread may have read another file.
        await this.#readOn(core, facts, log, options, left === ATTEMPTS ? inParts : undefined);
        return isCleared;
      } catch (error) {
        const isReplaced = error instanceof SkillLogError && error.code === "REPLACED";
        if (!isReplaced || left === 0) throw error;
        this.#file.forget();
        facts.clear(log);
        callCore(() => core.clear_logs(Uint32Array.of(log)));
        isCleared = true;
      }
    }
  }

  /**
   * @param {LogIndex} core
   * @param {LogFacts} facts
   * @param {number} log
   * @param {ProgressOptions} options
   * @param {InParts} [inParts]
   */
  async #readOn(core, facts, log, { signal, onProgress }, inParts) {
    const source = await this.#file.open(facts.bytesOf(log), signal);
    if (!source) return;
    try {
      const total = await source.size();
      facts.readOn(log);
      const more = total - core.position(log);
      const parts = inParts?.(source, more);
      const elsewhere = () => source.scan?.(core.state(log), this.#maxLineBytes, signal);
      const scan = parts
        ? scanParts(parts, core, log, total, this.#maxLineBytes, signal)
        : more > OWN_THREAD_BYTES && (await elsewhere());
      for await (const step of scan
        ? this.#putRows(core, log, source, scan, signal)
        : scanRows(core, log, source, this.#maxLineBytes, signal)) {
        const bytes = facts.take(log, step, core.position(log));
        if (step.mark) this.#file.knowBy(step.mark);
        onProgress?.({ bytes, total: Math.max(total, bytes) });
      }
      const pending = facts.pendingOf(log);
      if (pending) facts.setPending(log, await pendingOf(source, pending));
    } finally {
      giveBack(() => core.end());
      await source.close();
    }
  }

  /**
   * Adds the rows that other threads find. Continues in this thread when another thread ended, or
   * stopped: at a line that another process may be writing, or after the complete lines.
   *
   * @param {LogIndex} core
   * @param {number} log
   * @param {Source} source
   * @param {AsyncIterable<RowBatch>} scan
   * @param {AbortSignal | undefined} signal
   */
  async *#putRows(core, log, source, scan, signal) {
    let isRead = false;
    let isFirst = true;
    /** @type {FileMark | null} */
    let mark = null;
    try {
      for await (const batch of scan) {
        callCore(() => core.put_rows(batch.rows, isFirst || batch.isPart === true, 0, 1), source);
        isFirst = false;
        if (batch.isPart) mark = batch.mark;
        yield batch;
        isRead = batch.isLast && !batch.isUnsettled;
        if (batch.isUnsettled) break;
      }
    } catch (error) {
      if (!(error instanceof SkillLogError) || error.code !== "INTERRUPTED") throw error;
    }
    if (mark) await checkSourceMark(source, mark);
    if (!isRead) yield* scanRows(core, log, source, this.#maxLineBytes, signal);
  }
}
