// Other threads for many logs: Node's workers.

import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";

import { SkillLogError } from "../../errors.js";
import { startedModule } from "../../wasm/core.js";

/** @import { LogJobs, ScanThread } from "../storage.js" */

/** Memory for the new objects of a thread, in megabytes. A thread makes few, and drops them soon. */
const YOUNG_MEGABYTES = 3;

/** How long a thread waits for more work before it ends, in milliseconds. */
const IDLE_TIME = 10_000;

/**
 * Starts a thread. It takes 15 to 30 ms until it works. One that ended because nothing was to be done
 * starts again for the next job.
 *
 * @returns {ScanThread}
 */
export function startThread() {
  /** @type {Worker | null} */
  let worker = startWorker();
  /** @type {{ done: (answer: any) => void, failed: (error: unknown) => void }[]} */
  const waiting = [];
  /** @type {NodeJS.Timeout | undefined} */
  let idle;
  let isEnded = false;
  const end = () => {
    isEnded = true;
    clearTimeout(idle);
    for (const { failed } of waiting.splice(0)) failed(ended());
  };
  const rest = () => {
    worker?.unref();
    idle = setTimeout(() => {
      const resting = worker;
      worker = null;
      void resting?.terminate();
    }, IDLE_TIME).unref();
  };
  function startWorker() {
    const started = newWorker();
    started.on("message", (answer) => {
      // What the thread sent before it was ended may still come.
      if (isEnded) return;
      const { done, failed } = /** @type {(typeof waiting)[0]} */ (waiting.shift());
      // A job that failed is done again by the thread that asks, which throws why.
      if (answer === null) failed(ended());
      else done(answer);
      if (waiting.length === 0) rest();
    });
    const endIfUsed = () => {
      if (worker === started) end();
    };
    started.on("error", endIfUsed);
    started.on("exit", endIfUsed);
    return started;
  }
  /** @param {keyof LogJobs} kind */
  const job = (kind) => (/** @type {any} */ task) => {
    if (isEnded) return Promise.reject(ended());
    clearTimeout(idle);
    worker ??= startWorker();
    worker.ref();
    worker.postMessage({ kind, task });
    return new Promise((done, failed) => waiting.push({ done, failed }));
  };
  return {
    get isEnded() {
      return isEnded;
    },
    scan: job("scan"),
    search: job("search"),
    verify: job("verify"),
    end() {
      end();
      void worker?.terminate();
    },
  };
}

function newWorker() {
  const url = new URL("./skill-log-thread.js", import.meta.url ?? pathToFileURL(__filename));
  const worker = new Worker(url, {
    workerData: startedModule(),
    // Options of the process, as `--input-type`, would keep the thread from starting.
    execArgv: [],
    // By default, garbage may take 48 MB in each thread before it is collected.
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEGABYTES },
  });
  // A process may end while a thread waits for work.
  worker.unref();
  return worker;
}

function ended() {
  return new SkillLogError("INTERRUPTED", "a thread that reads logs has ended");
}
