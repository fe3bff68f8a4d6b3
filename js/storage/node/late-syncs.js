// The syncs that appends do not wait for: one timer for all files of this process, and one fdatasync
// for all its appends to a file.

import { clearTimeout, setTimeout } from "node:timers";

import { syncError } from "./errors.js";

/** @import { AppendedFile } from "./append.js" */

/** The most that run at once. Node has four threads for such calls, which others need too. */
const MOST_AT_ONCE = 2;

/** The most files that are kept open for their sync alone. */
const MOST_LEFT = 64;

/** A sync of a file that is to start in time. */
class LateSync {
  /** When to start, by `performance.now`. */
  due = Infinity;
  /** Whether a log was closed that had to be told of a failure. */
  isLeft = false;
  /** @type {(ended: Promise<void>) => void} */
  begin = () => {};
  /** @type {Promise<void>} */
  done;

  /** @param {AppendedFile} file which was open before the bytes that are to be synced were written */
  constructor(file) {
    this.file = file;
    this.done = new Promise((begin) => (this.begin = begin));
  }
}

/** @typedef {LateSync} Late */

/** The files of this process with bytes that must be on the disk in time. */
class LateSyncs {
  /** Those that have not started, by the identity of the file. @type {Map<string, LateSync>} */
  #waiting = new Map();
  /** @type {Set<LateSync>} */
  #running = new Set();
  /** @type {NodeJS.Timeout | undefined} */
  #timer;
  #timerDue = Infinity;
  #left = 0;

  /**
   * Has the bytes synced that were just written to a file.
   *
   * @param {AppendedFile} file
   * @param {number} within the milliseconds until the sync starts at the latest
   * @returns {Late} the sync, which other bytes of the file may share
   */
  add(file, within) {
    let late = this.#waiting.get(file.identity);
    if (!late) {
      late = new LateSync(file);
      if (this.#isIdle) process.on("exit", this.#syncAll);
      this.#waiting.set(file.identity, late);
    } else if (late.file !== file) late.file.syncToo(file);
    this.#bringForward(late, performance.now() + within);
    return late;
  }

  /**
   * Has a sync start as soon as those before it let it.
   *
   * @param {Late} late
   * @returns {Promise<void>} resolves when it has ended
   */
  hurry(late) {
    late.due = Math.min(late.due, performance.now());
    this.#startDue();
    return late.done;
  }

  /**
   * Starts the sync of a file that waits for its time. Call this before a sync that is not late, and
   * both are one.
   *
   * @param {AppendedFile} file
   */
  startNow(file) {
    const late = this.#waiting.get(file.identity);
    if (late?.file === file) this.#start(late);
  }

  /**
   * Has a failure of a sync reported by a warning, because its log is closed before.
   *
   * @param {Late} late
   * @returns {boolean} false when too many files wait for such syncs
   */
  leave(late) {
    if (late.isLeft) return true;
    if (this.#left >= MOST_LEFT) return false;
    late.isLeft = true;
    this.#left += 1;
    const ended = () => (this.#left -= 1);
    late.done.then(ended, (cause) => {
      ended();
      const { message } = syncError(late.file.path, cause);
      process.emitWarning(message, { type: "SkillLogWarning", code: "SKILL_LOG_NOT_SYNCED" });
    });
    return true;
  }

  get #isIdle() {
    return this.#waiting.size === 0 && this.#running.size === 0;
  }

  /**
   * @param {LateSync} late
   * @param {number} due
   */
  #bringForward(late, due) {
    if (due >= late.due) return;
    late.due = due;
    if (due < this.#timerDue) this.#startDue();
  }

  /** Starts what is due, and sets the timer for the rest. */
  #startDue() {
    clearTimeout(this.#timer);
    this.#timerDue = Infinity;
    // The end of a sync calls this again.
    while (this.#running.size < MOST_AT_ONCE) {
      const late = this.#first();
      if (!late) return;
      const wait = Math.floor(late.due - performance.now());
      if (wait > 0) {
        this.#timerDue = late.due;
        // It does not keep the process, whose end syncs too.
        this.#timer = setTimeout(() => this.#startDue(), wait).unref();
        return;
      }
      this.#start(late);
    }
  }

  #first() {
    let first = null;
    for (const late of this.#waiting.values()) if (!first || late.due < first.due) first = late;
    return first;
  }

  /** @param {LateSync} late */
  async #start(late) {
    this.#waiting.delete(late.file.identity);
    this.#running.add(late);
    late.begin(late.file.sync());
    try {
      await late.done;
    } catch {
      // Those who wait for it are told.
    }
    this.#running.delete(late);
    if (this.#isIdle) process.off("exit", this.#syncAll);
    this.#startDue();
  }

  /** Syncs everything at the end of the process, when only blocking calls are left. */
  #syncAll = () => {
    for (const { file } of [...this.#running, ...this.#waiting.values()]) {
      try {
        file.syncNow();
      } catch (cause) {
        // A process warning would not be printed any more.
        console.warn(`skill-log: ${syncError(file.path, cause).message}`);
      }
    }
  };
}

export const lateSyncs = /* @__PURE__ */ new LateSyncs();
