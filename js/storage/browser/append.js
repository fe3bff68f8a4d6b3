// Appends to one file, of all logs in this thread: those that wait for another are written together. Threads, of which only one has the file
// at a time, are few then, however many logs and calls there are.

import { SkillLogError } from "../../errors.js";
import { awakeNow } from "./awake-time.js";
import { LONGEST_WAIT, sharedNow } from "./exclusive-file.js";

/** @import { Cause, Written } from "./exclusive-file.js" */

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
export function queueOf(key, write) {
  const queue = queues.get(key) ?? new AppendQueue(write, () => queues.delete(key));
  queues.set(key, queue);
  return queue;
}

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
      this.#waiting.push({ line, sync, end: awakeNow() + LONGEST_WAIT, done, failed });
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
      lines[0] = 0x0a;
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
