// The package's dedicated worker, as its page sees it: started when it is needed, and ended when it is not.

import { wrap } from "comlink";

import version from "../../../dist/version-inline.js";
import source from "../../../dist/worker-inline.js";
import { SkillLogError } from "../../errors.js";
import { sendErrorsWhole } from "./crossing.js";
import { storageUnavailable } from "./errors.js";

/** @import { Remote } from "comlink" */
/** @import { Service } from "../../worker.js" */

/** How long a worker with nothing to do is kept, in milliseconds: one that lives keeps its memory, and the browser from freezing the page. */
const KEPT_TIME = 10_000;

/** How long one that has scanned is, unless it is to be kept for others: its memory is mostly garbage then, which it collects too late. */
const KEPT_TIME_AFTER_SCAN = 500;

/**
 * How long a worker may take to start, in milliseconds, before another one is started too: not long at first, for one may be ended while it
 * starts, and nobody is told; where it only was slow, the first that answers is taken.
 */
const SHORTEST_START = 300;
const LONGEST_START = 8000;

/** @typedef {{ worker: Worker, remote: Remote<Service>, lock: string }} Started `lock` is held as long as it lives */

sendErrorsWhole();

/** @type {Map<string, PackageWorker>} */
const workers = new Map();

/**
 * Gives the page's worker, one for each place that its file may be at.
 *
 * @param {string | URL | undefined} url
 */
export function packageWorker(url) {
  const key = String(url ?? "");
  const worker = workers.get(key) ?? new PackageWorker(url);
  workers.set(key, worker);
  return worker;
}

class PackageWorker {
  #url;
  /** @type {Promise<RunningWorker> | null} */
  #running = null;
  /** @type {RunningWorker | null} */
  #started = null;
  #users = 0;
  #keptUntil = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {string | URL | undefined} url */
  constructor(url) {
    this.#url = url;
    // A page that goes, and may come back, holds nothing meanwhile: with a lock it could not come back.
    globalThis.addEventListener?.("pagehide", () => this.#users === 0 && this.#end());
    // A worker stops with its page wherever it is, and would hold its file for as long as they are frozen.
    globalThis.addEventListener?.("freeze", () => (this.#users === 0 || this.#started?.isWriting) && this.#end(), { capture: true });
  }

  /**
   * Has the worker write.
   *
   * @template T
   * @param {(remote: Remote<Service>) => Promise<T>} write
   * @param {string} path what to
   * @param {number} [startTime] how long to wait for the worker to start, in milliseconds
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
   * @param {string} path
   * @param {number} time
   */
  async #useSoon(path, time) {
    const use = this.use();
    if (time === Infinity) return use;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    const late = new Promise((done) => (timer = setTimeout(done, time)));
    const worker = await Promise.race([use, late]).finally(() => clearTimeout(timer));
    if (worker) return /** @type {RunningWorker} */ (worker);
    use.then(() => this.leave(), () => {});
    throw new SkillLogError("BUSY", `${path}: the worker that writes took too long to start: nothing was changed`, { path });
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
    this.#keptUntil = Math.max(this.#keptUntil, now + (hasScanned ? KEPT_TIME_AFTER_SCAN : KEPT_TIME));
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
      const started = new RunningWorker(await startedWorker(this.#url), () => this.#started === started && this.#forget());
      this.#started = started;
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
    end?.then(() => {
      this.#fail();
      ended();
    }, () => {});
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
        this.#calls.add(stop = fail);
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
  return new SkillLogError("INTERRUPTED", "the worker that does the work ended: whether it was done is not known");
}

/**
 * Starts a worker, from its file; or else, where the page allows it, from its text.
 *
 * @param {string | URL | undefined} url
 */
async function startedWorker(url) {
  if (typeof Worker === "undefined") {
    throw storageUnavailable("nothing can be written: only a dedicated worker can, and none can be started from here, as from a service worker");
  }
  const ways = new Set(url === undefined ? [fromFile, fromText] : [() => new Worker(url, { type: "module" })]);
  /** @type {string[]} */
  const whys = [];
  /** @type {Map<Worker, Promise<Started | null>>} */
  const starting = new Map();
  try {
    for (let time = SHORTEST_START; time <= LONGEST_START; time *= 2) {
      for (const way of ways) {
        const failed = (/** @type {unknown} */ error) => {
          if (ways.delete(way)) whys.push(error instanceof Error ? error.message : String(error));
          return null;
        };
        try {
          const worker = way();
          starting.set(worker, answering(worker).catch(failed));
        } catch (error) {
          failed(error);
          continue;
        }
        const started = await firstOf(starting, time);
        if (started) {
          starting.delete(started.worker);
          return started;
        }
      }
    }
  } finally {
    for (const worker of starting.keys()) worker.terminate();
  }
  if (ways.size > 0) whys.push(`no answer for ${LONGEST_START} ms`);
  const hint = url === undefined ? "; where a Content-Security-Policy forbids workers from blobs, pass workerUrl" : "";
  throw storageUnavailable(`nothing can be written: the package's worker cannot be started (${whys.join("; ")})${hint}`);
}

/**
 * Waits for the first worker that answers.
 *
 * @param {Map<Worker, Promise<Started | null>>} starting those that failed are taken out
 * @param {number} time in milliseconds
 * @returns {Promise<Started | null>} null where none did in that time, or all failed
 */
async function firstOf(starting, time) {
  let timer;
  /** @type {Promise<"late">} */
  const late = new Promise((done) => (timer = setTimeout(done, time, "late")));
  try {
    while (starting.size > 0) {
      const answers = [...starting].map(async ([worker, answer]) => (await answer) ?? worker);
      const first = await Promise.race([...answers, late]);
      if (first === "late") return null;
      if ("remote" in first) return first;
      first.terminate();
      starting.delete(first);
    }
    return null;
  } finally {
    clearTimeout(timer);
  }
}

/** Bundlers that know this form take the file along; others leave an address where there is no such file. */
function fromFile() {
  return new Worker(new URL("./skill-log-worker.js", import.meta.url), { type: "module" });
}

function fromText() {
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  try {
    return new Worker(url);
  } finally {
    // Once it has begun to load.
    setTimeout(() => URL.revokeObjectURL(url), LONGEST_START);
  }
}

/**
 * Waits until a worker answers.
 *
 * @param {Worker} worker
 * @returns {Promise<Started>} rejects where it cannot be loaded, or is of another version; never settles where it ended
 */
async function answering(worker) {
  const answered = new AbortController();
  const failure = new Promise((_, fail) => {
    const failed = (/** @type {ErrorEvent} */ event) => {
      event.preventDefault();
      fail(new Error(event.message || "its file cannot be loaded"));
    };
    worker.addEventListener("error", failed, { signal: answered.signal });
  });
  /** @type {Remote<Service>} */
  const remote = wrap(worker);
  const lock = `skill-log worker ${Math.random()}`;
  const its = await Promise.race([remote.live(lock), failure]);
  // Errors of one that works are told by the browser.
  answered.abort();
  // A copy that the page's server has, or a cache, may be older than the page, and know other calls.
  if (its !== version) throw new Error(`it is of skill-log ${its}, and the page of ${version}`);
  return { worker, remote, lock };
}
