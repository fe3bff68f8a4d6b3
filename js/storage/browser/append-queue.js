// Appends to one file: those that wait for another are written together.

import { SkillLogError } from "../../errors.js";
import { errorOf, fileError } from "./errors.js";
import { LONGEST_WAIT, sharedNow } from "./exclusive-file.js";

/** @import { Written } from "./exclusive-file.js" */

/** Bytes after which a batch takes no more appends. */
const BATCH_BYTES = 1 << 24;

/**
 * @typedef {{ line: Uint8Array<ArrayBuffer>, sync: boolean, deadline: number, done: (bytes: number) => void,
 *   failed: (error: unknown) => void }} Waiting
 */

export class AppendQueue {
  #path;
  #write;
  /** @type {Waiting[]} */
  #waiting = [];
  /** @type {Promise<void> | null} */
  #writing = null;
  /** @type {SkillLogError | null} */
  #syncFailure = null;

  /**
   * @param {string} path
   * @param {(lines: Uint8Array<ArrayBuffer>, sync: boolean, deadline: number) => Promise<Written>} write appends lines, before which
   *   a line end stands, and waits for the file until about then
   */
  constructor(path, write) {
    this.#path = path;
    this.#write = write;
  }

  /**
   * Appends lines behind those that wait.
   *
   * @param {Uint8Array} lines with a line end before them; copied
   * @param {boolean} sync
   * @returns {Promise<number>} bytes written
   */
  append(lines, sync) {
    if (sync && this.#syncFailure) throw this.#syncFailure;
    return new Promise((done, failed) => {
      this.#waiting.push({ line: lines.slice(1), sync, deadline: sharedNow() + LONGEST_WAIT, done, failed });
      this.#writing ??= this.#writeAll();
    });
  }

  /** Ends when nothing waits any more. */
  async settled() {
    await this.#writing;
  }

  async #writeAll() {
    try {
      // What is appended in the same turn belongs together.
      await null;
      while (this.#waiting.length > 0) await this.#writeBatch(this.#nextBatch());
    } finally {
      this.#writing = null;
    }
  }

  #nextBatch() {
    let bytes = 0;
    const end = this.#waiting.findIndex(({ line }) => (bytes += line.length) >= BATCH_BYTES);
    return this.#waiting.splice(0, end < 0 ? this.#waiting.length : end + 1);
  }

  /** @param {Waiting[]} batch */
  async #writeBatch(batch) {
    try {
      const lines = new Uint8Array(batch.reduce((sum, { line }) => sum + line.length, 1));
      lines[0] = 0x0a;
      let at = 1;
      for (const { line } of batch) {
        lines.set(line, at);
        at += line.length;
      }
      const written = await this.#write(lines, batch.some(({ sync }) => sync), batch[0].deadline);
      this.#settle(batch, written);
    } catch (error) {
      this.#fail(batch, error);
    }
  }

  /**
   * Tells each append that it failed: but where others held the file, those that have not waited long enough wait on.
   *
   * @param {Waiting[]} batch of which nothing is known to be written
   * @param {unknown} error
   */
  #fail([first, ...others], error) {
    const isBusy = error instanceof SkillLogError && error.code === "BUSY";
    const now = sharedNow();
    const failing = isBusy ? others.filter(({ deadline }) => deadline <= now) : others;
    this.#waiting = [...others.slice(failing.length), ...this.#waiting];
    for (const { line, failed } of [first, ...failing]) failed(this.#factsOf(error, line));
  }

  /**
   * @param {unknown} error
   * @param {Uint8Array} line of which nothing was written
   */
  #factsOf(error, line) {
    const isQuota = error instanceof SkillLogError && error.code === "QUOTA_EXCEEDED";
    return isQuota ? fileError(this.#path, "append to", error.cause, { written: 0, expected: line.length }) : error;
  }

  /**
   * Tells each append what became of it.
   *
   * @param {Waiting[]} batch
   * @param {Written} written
   */
  #settle(batch, { written, sealed, failure, syncFailure }) {
    if (syncFailure) {
      const facts = { path: this.#path, cause: errorOf(syncFailure) };
      this.#syncFailure ??= new SkillLogError("SYNC_FAILED", `${this.#path}: what was appended may not be on the disk`, facts);
    }
    let left = written;
    batch.forEach(({ line, sync, done, failed }, index) => {
      const seal = sealed && index === 0 ? 1 : 0;
      const expected = line.length + seal;
      const count = Math.min(line.length, left) + seal;
      left -= Math.min(line.length, left);
      if (count < expected) {
        const error = fileError(this.#path, "append to", failure && errorOf(failure), { written: count, expected });
        if (error.code === "IO_ERROR") error.code = "WRITE_FAILED";
        error.message += `; ${count} of ${expected} bytes were written`;
        failed(error);
      } else if (sync && this.#syncFailure) {
        failed(this.#syncFailure);
      } else {
        done(count);
      }
    });
  }
}
