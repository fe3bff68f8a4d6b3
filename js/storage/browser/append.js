// Appends to a file of OPFS. The logs of one file in this thread share a queue: appends that wait are written together. So few threads
// compete for the file, of which only one has it at a time, however many logs and calls there are.

import { SkillLogError } from "../../errors.js";
import { LINE_END } from "../line-end.js";
import { awakeNow } from "./awake-time.js";
import { errorOf, fileError } from "./errors.js";
import { pathOf, sharedNow } from "./exclusive-file.js";
import { endsTaken } from "./follow.js";
import { FILE_WAIT } from "./waits.js";

/** @import { Cause, OpfsFile, Written } from "./exclusive-file.js" */
/** @import { Writer } from "./worker/writer.js" */

/** Bytes after which a batch takes no more appends. */
const BATCH_BYTES = 1 << 24;

/**
 * What became of an append.
 *
 * @typedef {{ count: number, expected: number, failure?: Cause, syncFailure?: Cause }} Outcome `count` of the `expected` bytes were written,
 *   one more than the line has where a torn line was sealed; `failure` says why not all, `syncFailure` why they may not be on the disk
 */

/**
 * @typedef {{ line: Uint8Array<ArrayBuffer>, sync: boolean, end: number, done: (outcome: Outcome) => void,
 *   failed: (error: unknown) => void }} Waiting `end` is until when to wait, by the clock that stands still while the page is away
 */

/** @typedef {(lines: Uint8Array<ArrayBuffer>, sync: boolean, deadline: number) => Promise<Written>} Write */

/** @type {Map<string, AppendQueue>} the queues that something waits in */
const queues = new Map();

/**
 * Gives a file's queue.
 *
 * @param {string} key of the file, and of what writes to it
 * @param {Write} write as for `AppendQueue`
 */
function queueOf(key, write) {
  const queue = queues.get(key) ?? new AppendQueue(write, () => queues.delete(key));
  queues.set(key, queue);
  return queue;
}

/** One log's appends. Remembers a sync that failed. */
export class AppendedFile {
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
  async close() {
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

/** The appends to one file that wait. */
export class AppendQueue {
  #write;
  #ended;
  /** @type {Waiting[]} */
  #waiting = [];
  #isWriting = false;

  /**
   * @param {Write} write appends lines, before which a line end stands, and waits for the file until about the deadline; the lines are its own
   * @param {() => void} [ended] is called whenever nothing waits any more
   */
  constructor(write, ended = () => {}) {
    this.#write = write;
    this.#ended = ended;
  }

  /**
   * Appends a line, or several, behind those that wait.
   *
   * @param {Uint8Array<ArrayBuffer>} line
   * @param {boolean} sync
   * @returns {Promise<Outcome>}
   * @throws {unknown} what the writing throws: of the line nothing is known to be written
   */
  append(line, sync) {
    return new Promise((done, failed) => {
      this.#waiting.push({ line, sync, end: awakeNow() + FILE_WAIT, done, failed });
      if (!this.#isWriting) this.#writeAll();
    });
  }

  async #writeAll() {
    this.#isWriting = true;
    try {
      // What is appended in the same turn belongs together.
      await null;
      while (this.#waiting.length > 0) await this.#writeBatch(this.#nextBatch());
    } finally {
      this.#isWriting = false;
      this.#ended();
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
      lines[0] = LINE_END;
      let at = 1;
      for (const { line } of batch) {
        lines.set(line, at);
        at += line.length;
      }
      const deadline = sharedNow() + batch[0].end - awakeNow();
      settle(
        batch,
        await this.#write(
          lines,
          batch.some(({ sync }) => sync),
          deadline,
        ),
      );
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
    const now = awakeNow();
    const failing = isBusy ? others.filter(({ end }) => end <= now) : others;
    this.#waiting = [...others.slice(failing.length), ...this.#waiting];
    for (const { failed } of [first, ...failing]) failed(error);
  }
}

/**
 * Tells each append what became of it.
 *
 * @param {Waiting[]} batch
 * @param {Written} written
 */
function settle(batch, { written, sealed, failure, syncFailure }) {
  let left = written;
  batch.forEach(({ line, done }, index) => {
    const seal = sealed && index === 0 ? 1 : 0;
    const count = Math.min(line.length, left);
    left -= count;
    done({ count: count + seal, expected: line.length + seal, failure, syncFailure });
  });
}
