// Appends of one log. Logs of one file share its queue.

import { SkillLogError } from "../../errors.js";
import { queueOf } from "./append.js";
import { errorOf, fileError } from "./errors.js";
import { pathOf } from "./exclusive-file.js";
import { endsTaken } from "./follow.js";

/** @import { AppendQueue, Outcome } from "./append.js" */
/** @import { OpfsFile } from "./exclusive-file.js" */
/** @import { Writer } from "./worker/writer.js" */

export class Appender {
  #path;
  #opfsFile;
  #writer;
  /** @type {Set<Promise<number>>} */
  #going = new Set();
  /** @type {SkillLogError | null} */
  #syncFailure = null;

  /**
   * @param {string} path to name the log by
   * @param {() => Promise<OpfsFile>} opfsFile finds out where it is
   * @param {Writer} writer
   */
  constructor(path, opfsFile, writer) {
    this.#path = path;
    this.#opfsFile = opfsFile;
    this.#writer = writer;
  }

  /**
   * Appends lines, together with those that come while others are being written.
   *
   * @param {Uint8Array} lines with a line end before them; copied
   * @param {boolean} sync
   * @returns {Promise<number>} bytes written
   */
  append(lines, sync) {
    if (sync && this.#syncFailure) throw this.#syncFailure;
    const going = this.#append(lines.slice(1), sync);
    this.#going.add(going);
    const forget = () => this.#going.delete(going);
    going.then(forget, forget);
    return going;
  }

  /** Ends when none of its appends waits any more. */
  async settled() {
    await Promise.allSettled(this.#going);
  }

  /**
   * @param {Uint8Array<ArrayBuffer>} line
   * @param {boolean} sync
   */
  async #append(line, sync) {
    // Those of one turn are in one batch, in the order of their calls: each waits for as many steps.
    const opfsFile = await this.#opfsFile();
    const path = pathOf(opfsFile);
    const queue = queueOf(`${this.#writer.key}\0${path}`, async (lines, sync, deadline) => {
      await endsTaken(path);
      return this.#writer.append(opfsFile, lines, sync, deadline);
    });
    return this.#bytesOf(await this.#outcomeOf(queue, line, sync), sync);
  }

  /**
   * @param {AppendQueue} queue
   * @param {Uint8Array<ArrayBuffer>} line
   * @param {boolean} sync
   */
  async #outcomeOf(queue, line, sync) {
    try {
      return await queue.append(line, sync);
    } catch (error) {
      const isQuota = error instanceof SkillLogError && error.code === "QUOTA_EXCEEDED";
      throw isQuota
        ? fileError(this.#path, "append to", error.cause, { written: 0, expected: line.length })
        : error;
    }
  }

  /**
   * @param {Outcome} outcome
   * @param {boolean} sync
   */
  #bytesOf({ count, expected, failure, syncFailure }, sync) {
    if (syncFailure) {
      const facts = { path: this.#path, cause: errorOf(syncFailure) };
      this.#syncFailure ??= new SkillLogError(
        "SYNC_FAILED",
        `${this.#path}: what was appended may not be on the disk`,
        facts,
      );
    }
    if (count < expected) {
      const error = fileError(this.#path, "append to", failure && errorOf(failure), {
        written: count,
        expected,
      });
      if (error.code === "IO_ERROR") error.code = "WRITE_FAILED";
      error.message += `; ${count} of ${expected} bytes were written`;
      throw error;
    }
    if (sync && this.#syncFailure) throw this.#syncFailure;
    return count;
  }
}
