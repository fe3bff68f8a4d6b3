// The package's dedicated worker, as its page sees it: started when it is needed, and ended when it is not.

import { wrap } from "comlink";

import source from "../../../dist/worker-inline.js";
import { SkillLogError } from "../../errors.js";
import { sendErrorsWhole } from "./crossing.js";
import { storageUnavailable } from "./errors.js";

/** @import { Remote } from "comlink" */
/** @import { Service } from "../../worker.js" */

/** How long a worker with nothing to do is kept, in milliseconds: one that lives keeps its memory, and the browser from freezing the page. */
const KEPT_TIME = 10_000;

/** How long a worker may take to start, in milliseconds: not long where there is another way to start one. */
const LONGEST_START = 10_000;
const LONGEST_TRY = 1500;

/** @typedef {{ worker: Worker, remote: Remote<Service>, end: Promise<never> }} Running */

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
  /** @type {Promise<Running> | null} */
  #running = null;
  #calls = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {string | URL | undefined} url */
  constructor(url) {
    this.#url = url;
    // A page that goes, and may come back, holds nothing meanwhile.
    for (const type of ["pagehide", "freeze"]) globalThis.addEventListener?.(type, () => this.#endIdle());
  }

  /**
   * Calls the worker.
   *
   * @template T
   * @param {(remote: Remote<Service>) => Promise<T>} use
   * @returns {Promise<T>}
   * @throws {SkillLogError} `STORAGE_UNAVAILABLE` where it cannot be started; `INTERRUPTED` where it ended before it answered
   */
  async call(use) {
    this.#calls += 1;
    clearTimeout(this.#timer);
    try {
      this.#running ??= this.#start();
      const { remote, end } = await this.#running;
      return await Promise.race([use(remote), end]);
    } finally {
      this.#calls -= 1;
      if (this.#calls === 0) this.#timer = setTimeout(() => this.#endIdle(), KEPT_TIME);
    }
  }

  #endIdle() {
    if (this.#calls > 0 || !this.#running) return;
    this.#running.then(({ worker }) => worker.terminate());
    this.#running = null;
  }

  /** @returns {Promise<Running>} */
  async #start() {
    try {
      const started = await startedWorker(this.#url);
      const end = started.end.then(() => {
        started.worker.terminate();
        if (this.#running === running) this.#running = null;
        throw new SkillLogError("INTERRUPTED", "the worker that does the work ended: whether it was done is not known");
      });
      // Told to the calls that wait for an answer.
      end.catch(() => {});
      const running = this.#running;
      return { ...started, end };
    } catch (error) {
      this.#running = null;
      throw error;
    }
  }
}

/**
 * Starts a worker, from its file; or else, where the page allows it, from its text.
 *
 * @param {string | URL | undefined} url
 */
async function startedWorker(url) {
  const ways = url === undefined ? [fromFile, fromText] : [() => new Worker(url, { type: "module" })];
  const whys = [];
  for (const [index, way] of ways.entries()) {
    try {
      return await answering(way(), index < ways.length - 1 ? LONGEST_TRY : LONGEST_START);
    } catch (error) {
      whys.push(error instanceof Error ? error.message : String(error));
    }
  }
  const hint = url === undefined ? "; where a Content-Security-Policy forbids workers from blobs, pass workerUrl" : "";
  throw storageUnavailable(`the package's worker cannot be started (${whys.join("; ")})${hint}`);
}

/** Bundlers that know this form take the file along; others leave an address where there is no such file. */
function fromFile() {
  return new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
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
 * @param {number} time in milliseconds
 * @returns {Promise<{ worker: Worker, remote: Remote<Service>, end: Promise<void> }>} `end` comes when it has ended, by whatever
 */
async function answering(worker, time) {
  let timer;
  const failure = new Promise((_, fail) => {
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      fail(new Error(event.message || "its file cannot be loaded"));
    });
    timer = setTimeout(() => fail(new Error(`no answer for ${time} ms`)), time);
  });
  try {
    /** @type {Remote<Service>} */
    const remote = wrap(worker);
    const lock = `skill-log worker ${Math.random()}`;
    await Promise.race([remote.live(lock), failure]);
    // The browser gives the lock back when the worker ends, and tells nobody else of it.
    const end = navigator.locks ? navigator.locks.request(lock, () => {}) : new Promise(() => {});
    return { worker, remote, end };
  } catch (error) {
    worker.terminate();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
