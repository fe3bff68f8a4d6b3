// The package's dedicated worker, seen from its page. It starts when it is needed and ends when
// idle.

import { SkillLogError } from "../../../errors.js";
import { sendErrorsWhole } from "./sent-errors.js";
import { startedWorker } from "./start.js";
import { LATE_TIMER, WAIT_AFTER_STALL, WORKER_KEPT, WORKER_KEPT_AFTER_SCAN } from "../waits.js";

/** @import { Remote } from "comlink" */
/** @import { WorkerOptions } from "../../../types.js" */
/** @import { Service } from "./service.js" */
/** @import { Started } from "./start.js" */

sendErrorsWhole();

/** @type {Map<string, PackageWorker>} */
const workers = new Map();

/**
 * Returns a worker of the page. There is one for each `workerUrl`, which also writes, and others with
 * higher numbers.
 *
 * @param {WorkerOptions["workerUrl"]} url
 * @param {number} [number]
 */
export function packageWorker(url, number = 0) {
  const key = `${number} ${url ?? ""}`;
  const worker = workers.get(key) ?? new PackageWorker();
  workers.set(key, worker);
  // The same address may be a trusted script URL this time.
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
  /** Whether a worker has ever started. */
  #hasStarted = false;
  #users = 0;
  #keptUntil = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  constructor() {
    // A page that leaves and may come back must hold no lock, because the browser would not keep
    // the page.
    globalThis.addEventListener?.("pagehide", () => this.#users === 0 && this.#end());
    // A worker freezes with its page at once, and would hold its file until both are thawed.
    globalThis.addEventListener?.(
      "freeze",
      () => (this.#users === 0 || this.#started?.isWriting) && this.#end(),
      { capture: true },
    );
  }

  /**
   * Makes the worker write.
   *
   * @template T
   * @param {(remote: Remote<Service>) => Promise<T>} write
   * @param {string} path of the file
   * @param {number} [startTime] the longest wait for a worker that starts again, in milliseconds
   * @returns {Promise<T>}
   * @throws {SkillLogError} `STORAGE_UNAVAILABLE` when it cannot be started; `BUSY` when that takes
   *   too long; `INTERRUPTED` when it ended before it answered
   */
  async write(write, path, startTime = Infinity) {
    for (;;) {
      const worker = await this.#useSoon(path, startTime);
      try {
        if (!worker.isEnded) return await worker.call(write, true);
        // The worker got no request, so another worker can do the work. Wait for a new task: a page
        // that is being frozen gets it when it is thawed.
        await new Promise((done) => setTimeout(done));
      } finally {
        this.leave();
      }
    }
  }

  /**
   * Returns the worker if it starts soon. The first worker may take as long as it needs to load.
   *
   * @param {string} path
   * @param {number} time
   */
  async #useSoon(path, time) {
    const use = this.use();
    if (!this.#hasStarted || time === Infinity) return use;
    const end = performance.now() + time;
    let worker = await inTime(use, time);
    // The page was held up, and the worker's answer may be waiting.
    if (!worker && performance.now() > end + LATE_TIMER)
      worker = await inTime(use, WAIT_AFTER_STALL);
    if (worker) return worker;
    use.then(
      () => this.leave(),
      () => {},
    );
    throw new SkillLogError(
      "BUSY",
      `${path}: the package's worker took too long to start again; nothing was changed: try again`,
      { path },
    );
  }

  /**
   * Returns the worker. It is kept until `leave`.
   *
   * @throws {SkillLogError} `STORAGE_UNAVAILABLE` when it cannot be started
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
      now + (hasScanned ? WORKER_KEPT_AFTER_SCAN : WORKER_KEPT),
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

/** A worker that is running. */
class RunningWorker {
  #worker;
  #remote;
  /** Ends the wait for the worker's lock. */
  #waiting = new AbortController();
  #isEnded = false;
  /** @type {Set<(error: SkillLogError) => void>} reject the calls that wait for an answer */
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
   * @param {() => void} ended is called when the worker ended by itself
   */
  constructor({ worker, remote, lock }, ended) {
    this.#worker = worker;
    this.#remote = remote;
    // The browser releases the worker's lock when the worker ends, and reports the end in no other
    // way. Without locks, or where they are refused as in a sandboxed frame, the end goes
    // unnoticed.
    const end = navigator.locks?.request(lock, { signal: this.#waiting.signal }, () => {});
    end?.then(
      () => {
        this.#fail();
        ended();
      },
      () => {},
    );
    // An answer cannot be read, and nobody knows which call it is for.
    worker.addEventListener("messageerror", () => {
      this.terminate();
      ended();
    });
  }

  /**
   * Calls the worker.
   *
   * @template T
   * @param {(remote: Remote<Service>) => Promise<T>} use
   * @param {boolean} [isWrite]
   * @returns {Promise<T>}
   * @throws {SkillLogError} `INTERRUPTED` when it ended before it answered
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
    // The page must not wait for a lock either. It might get the lock while it is away, and could
    // not come back.
    this.#waiting.abort();
    // In a new task, which a page that is being frozen gets when it is thawed. Nothing must start
    // another worker before.
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
    "the package's worker ended before it answered: the work may be done or not",
  );
}

/**
 * @template T
 * @param {Promise<T>} promise
 * @param {number} time in milliseconds
 * @returns {Promise<T | null>} null if it takes longer
 */
async function inTime(promise, time) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {Promise<null>} */
  const late = new Promise((done) => (timer = setTimeout(done, time, null)));
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
