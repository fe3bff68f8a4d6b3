// The package's dedicated worker, as its page sees it: started when it is needed, and ended when it is not.

import { SkillLogError } from "../../../errors.js";
import { sendErrorsWhole } from "./sent-errors.js";
import { startedWorker } from "./start.js";

/** @import { Remote } from "comlink" */
/** @import { WorkerOptions } from "../../../types.js" */
/** @import { Service } from "./service.js" */
/** @import { Started } from "./start.js" */

/** How long a worker with nothing to do is kept, in milliseconds: one that lives keeps its memory, and the browser from freezing the page. */
const KEPT_TIME = 10_000;

/** How long one that has scanned is, unless it is to be kept for others: its memory is mostly garbage then, which it collects too late. */
const KEPT_TIME_AFTER_SCAN = 500;

/** How late a timer is, in milliseconds, where the page was held up, and how long to wait on then. */
const LATE = 100;
const TIME_AFTER_STALL = 600;

sendErrorsWhole();

/** @type {Map<string, PackageWorker>} */
const workers = new Map();

/**
 * Gives the page's worker, one for each place that its file may be at.
 *
 * @param {WorkerOptions["workerUrl"]} url
 */
export function packageWorker(url) {
  const key = String(url ?? "");
  const worker = workers.get(key) ?? new PackageWorker();
  workers.set(key, worker);
  // The same address may be a trusted one now.
  worker.url = url;
  return worker;
}

class PackageWorker {
  /** @type {WorkerOptions["workerUrl"]} */
  url;
  /** @type {Promise<RunningWorker> | null} */
  #running = null;
  /** @type {RunningWorker | null} */
  #started = null;
  /** Whether one ever did. */
  #hasStarted = false;
  #users = 0;
  #keptUntil = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  constructor() {
    // A page that goes, and may come back, holds nothing meanwhile: with a lock it could not come back.
    globalThis.addEventListener?.("pagehide", () => this.#users === 0 && this.#end());
    // A worker stops with its page wherever it is, and would hold its file for as long as they are frozen.
    globalThis.addEventListener?.(
      "freeze",
      () => (this.#users === 0 || this.#started?.isWriting) && this.#end(),
      { capture: true },
    );
  }

  /**
   * Has the worker write.
   *
   * @template T
   * @param {(remote: Remote<Service>) => Promise<T>} write
   * @param {string} path what to
   * @param {number} [startTime] how long to wait for the worker to start again, in milliseconds
   * @returns {Promise<T>}
   * @throws {SkillLogError} `STORAGE_UNAVAILABLE` where it cannot be started; `BUSY` where it takes too long; `INTERRUPTED` where it ended
   *   before it answered
   */
  async write(write, path, startTime = Infinity) {
    for (;;) {
      const worker = await this.#useSoon(path, startTime);
      try {
        if (!worker.isEnded) return await worker.call(write, true);
        // It has not been asked: another one can be. In a task of its own, which a page that is being frozen has when it is thawed.
        await new Promise((done) => setTimeout(done));
      } finally {
        this.leave();
      }
    }
  }

  /**
   * Gives the worker, where it is to be had soon. The first one may take as long as it takes to load.
   *
   * @param {string} path
   * @param {number} time
   */
  async #useSoon(path, time) {
    const use = this.use();
    if (!this.#hasStarted || time === Infinity) return use;
    const end = performance.now() + time;
    let worker = await inTime(use, time);
    // The page was held up, and what came meanwhile is not looked at yet.
    if (!worker && performance.now() > end + LATE) worker = await inTime(use, TIME_AFTER_STALL);
    if (worker) return worker;
    use.then(
      () => this.leave(),
      () => {},
    );
    throw new SkillLogError(
      "BUSY",
      `${path}: the worker that writes took too long to start again: nothing was changed`,
      { path },
    );
  }

  /**
   * Gives the worker, which is kept until it is left.
   *
   * @throws {SkillLogError} `STORAGE_UNAVAILABLE` where it cannot be started
   */
  async use() {
    this.#users += 1;
    clearTimeout(this.#timer);
    try {
      return await (this.#running ??= this.#start());
    } catch (error) {
      this.leave();
      throw error;
    }
  }

  /** @param {boolean} [hasScanned] */
  leave(hasScanned = false) {
    this.#users -= 1;
    const now = performance.now();
    this.#keptUntil = Math.max(
      this.#keptUntil,
      now + (hasScanned ? KEPT_TIME_AFTER_SCAN : KEPT_TIME),
    );
    if (this.#users === 0) this.#timer = setTimeout(() => this.#retire(), this.#keptUntil - now);
  }

  async #retire() {
    const started = this.#started;
    this.#forget();
    await started?.call((remote) => remote.rest()).catch(() => {});
    started?.terminate();
  }

  #end() {
    this.#started?.terminate();
    this.#forget();
  }

  #forget() {
    this.#running = null;
    this.#started = null;
  }

  async #start() {
    try {
      const started = new RunningWorker(
        await startedWorker(this.url),
        () => this.#started === started && this.#forget(),
      );
      this.#started = started;
      this.#hasStarted = true;
      return started;
    } catch (error) {
      this.#forget();
      throw error;
    }
  }
}

/** A worker that has started. */
class RunningWorker {
  #worker;
  #remote;
  /** Ends the wait for its end. */
  #waiting = new AbortController();
  #isEnded = false;
  /** @type {Set<(error: SkillLogError) => void>} what fails the calls that wait for an answer */
  #calls = new Set();
  #writes = 0;

  get isWriting() {
    return this.#writes > 0;
  }

  get isEnded() {
    return this.#isEnded;
  }

  /**
   * @param {Started} started
   * @param {() => void} ended is called when it ended by itself
   */
  constructor({ worker, remote, lock }, ended) {
    this.#worker = worker;
    this.#remote = remote;
    // The browser gives the lock back when the worker ends, and tells nobody else of it. Where there are no locks, or a page may not use
    // them, as in a sandboxed frame, nobody is told.
    const end = navigator.locks?.request(lock, { signal: this.#waiting.signal }, () => {});
    end?.then(
      () => {
        this.#fail();
        ended();
      },
      () => {},
    );
    // An answer that cannot be read: of what, is not known.
    worker.addEventListener("messageerror", () => {
      this.terminate();
      ended();
    });
  }

  /**
   * Calls it.
   *
   * @template T
   * @param {(remote: Remote<Service>) => Promise<T>} use
   * @param {boolean} [isWrite]
   * @returns {Promise<T>}
   * @throws {SkillLogError} `INTERRUPTED` where it ended before it answered
   */
  async call(use, isWrite = false) {
    if (this.#isEnded) throw interrupted();
    let stop = () => {};
    if (isWrite) this.#writes += 1;
    try {
      return await new Promise((done, fail) => {
        this.#calls.add((stop = fail));
        use(this.#remote).then(done, fail);
      });
    } finally {
      this.#calls.delete(stop);
      if (isWrite) this.#writes -= 1;
    }
  }

  terminate() {
    this.#isEnded = true;
    this.#worker.terminate();
    // Nor may the page wait for a lock: it would be given to it while it is away, and it could not come back.
    this.#waiting.abort();
    // In a task of its own, which a page that is being frozen has when it is thawed: nothing is to start another worker before.
    setTimeout(() => this.#fail());
  }

  #fail() {
    this.#isEnded = true;
    for (const fail of this.#calls) fail(interrupted());
  }
}

function interrupted() {
  return new SkillLogError(
    "INTERRUPTED",
    "the worker that does the work ended: whether it was done is not known",
  );
}

/**
 * @template T
 * @param {Promise<T>} promise
 * @param {number} time in milliseconds
 * @returns {Promise<T | null>} null where it takes longer
 */
async function inTime(promise, time) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {Promise<null>} */
  const late = new Promise((done) => (timer = setTimeout(done, time, null)));
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
