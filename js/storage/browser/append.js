// Appends to a file of OPFS. The open logs of one file in this thread share a queue, and a group of
// waiting appends is written at once. So each thread competes for the file once, however many logs
// and calls it has.

import { SkillLogError } from "../../errors.js";
import { LINE_END } from "../../line-end.js";
import { awakeNow } from "./awake-time.js";
import { errorOf, fileError } from "./errors.js";
import { pathOf, sharedNow } from "./exclusive-file.js";
import { followersStarted } from "./follow.js";
import { FILE_WAIT } from "./waits.js";

/** @import { Cause, OpfsFile, Written } from "./exclusive-file.js" */
/** @import { Writer } from "./worker/writer.js" */

/** A group of appends with this many bytes gets no more appends. */
const GROUP_BYTES = 1 << 24;

/**
 * The result of an append.
 *
 * @typedef {{ count: number, expected: number, failure?: Cause, syncFailure?: Cause }} Outcome
 *   `count` of the `expected` bytes were written; both count the line end that sealed a torn line.
 *   `failure` says why some bytes were not written. `syncFailure` says why the written bytes may
 *   not be on the disk
 */

/**
 * @typedef {{ lines: Uint8Array<ArrayBuffer>, sync: boolean, end: number, done: (outcome: Outcome)
 *   => void, failed: (error: unknown) => void }} Waiting `end` is when to stop waiting, by
 *   `awakeNow`
 */

/**
 * @typedef {(lines: Uint8Array<ArrayBuffer>, sync: boolean, deadline: number) => Promise<Written>}
 *   Write
 */

/** @type {Map<string, AppendQueue>} the queues with waiting appends */
const queues = new Map();

/**
 * Returns the queue of a file.
 *
 * @param {string} key of the file and its writer
 * @param {Write} write as for `AppendQueue`
 */
function queueOf(key, write) {
  const queue = queues.get(key) ?? new AppendQueue(write, () => queues.delete(key));
  queues.set(key, queue);
  return queue;
}

/** A log that lines are appended to. Remembers a failed sync. */
export class AppendedLog {
  #path;
  #opfsFile;
  #writer;
  /** @type {Set<Promise<number>>} */
  #going = new Set();
  /** @type {SkillLogError | null} */
  #syncFailure = null;

  /**
   * @param {string} path the log's name in messages
   * @param {() => Promise<OpfsFile>} opfsFile finds the log's file
   * @param {Writer} writer
   */
  constructor(path, opfsFile, writer) {
    this.#path = path;
    this.#opfsFile = opfsFile;
    this.#writer = writer;
  }

  /**
   * Appends lines. Lines that arrive during a write are written together.
   *
   * @param {Uint8Array} lines after a line end; copied
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

  /** Waits until all its appends have ended, also those that fail. */
  async close() {
    await Promise.allSettled(this.#going);
  }

  /**
   * @param {Uint8Array<ArrayBuffer>} lines
   * @param {boolean} sync
   */
  async #append(lines, sync) {
    // Calls of one turn get into one group, in their order, because each awaits as many steps.
    const opfsFile = await this.#opfsFile();
    const path = pathOf(opfsFile);
    const queue = queueOf(`${this.#writer.key}\0${path}`, async (all, anySync, deadline) => {
      await followersStarted(path);
      return this.#writer.append(opfsFile, all, anySync, deadline);
    });
    return this.#bytesOf(await this.#outcomeOf(queue, lines, sync), sync);
  }

  /**
   * @param {AppendQueue} queue
   * @param {Uint8Array<ArrayBuffer>} lines
   * @param {boolean} sync
   */
  async #outcomeOf(queue, lines, sync) {
    try {
      return await queue.append(lines, sync);
    } catch (error) {
      const isQuota = error instanceof SkillLogError && error.code === "QUOTA_EXCEEDED";
      throw isQuota
        ? fileError(this.#path, "append to", error.cause, { written: 0, expected: lines.length })
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
        `${this.#path}: the appended bytes may not be on the disk`,
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

/** The waiting appends of one file. */
export class AppendQueue {
  #write;
  #ended;
  /** @type {Waiting[]} */
  #waiting = [];
  #isWriting = false;

  /**
   * @param {Write} write appends lines after a line end, and waits for the file until about the
   *   deadline; may transfer the lines
   * @param {() => void} [ended] called whenever the queue is empty again
   */
  constructor(write, ended = () => {}) {
    this.#write = write;
    this.#ended = ended;
  }

  /**
   * Appends lines after the lines that wait.
   *
   * @param {Uint8Array<ArrayBuffer>} lines one or several
   * @param {boolean} sync
   * @returns {Promise<Outcome>}
   * @throws {unknown} what `write` throws; as far as is known, nothing of the lines was written
   */
  append(lines, sync) {
    return new Promise((done, failed) => {
      this.#waiting.push({ lines, sync, end: awakeNow() + FILE_WAIT, done, failed });
      if (!this.#isWriting) this.#writeAll();
    });
  }

  async #writeAll() {
    this.#isWriting = true;
    try {
      // Appends of the same turn get into one group.
      await null;
      while (this.#waiting.length > 0) await this.#writeGroup(this.#nextGroup());
    } finally {
      this.#isWriting = false;
      this.#ended();
    }
  }

  #nextGroup() {
    let bytes = 0;
    const end = this.#waiting.findIndex(({ lines }) => (bytes += lines.length) >= GROUP_BYTES);
    return this.#waiting.splice(0, end < 0 ? this.#waiting.length : end + 1);
  }

  /** @param {Waiting[]} group */
  async #writeGroup(group) {
    try {
      const all = new Uint8Array(group.reduce((sum, { lines }) => sum + lines.length, 1));
      all[0] = LINE_END;
      let at = 1;
      for (const { lines } of group) {
        all.set(lines, at);
        at += lines.length;
      }
      const deadline = sharedNow() + group[0].end - awakeNow();
      settle(
        group,
        await this.#write(
          all,
          group.some(({ sync }) => sync),
          deadline,
        ),
      );
    } catch (error) {
      this.#fail(group, error);
    }
  }

  /**
   * Rejects the appends of a group. If other writers held the file, the appends that have waited
   * less than FILE_WAIT stay in the queue, but for the first.
   *
   * @param {Waiting[]} group nothing of it was written, as far as is known
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
 * Resolves each append with its result.
 *
 * @param {Waiting[]} group
 * @param {Written} written
 */
function settle(group, { written, sealed, failure, syncFailure }) {
  let left = written;
  group.forEach(({ lines, done }, index) => {
    const seal = sealed && index === 0 ? 1 : 0;
    const count = Math.min(lines.length, left);
    left -= count;
    done({ count: count + seal, expected: lines.length + seal, failure, syncFailure });
  });
}
