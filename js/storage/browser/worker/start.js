// How a worker is started: from its file, or from its text.

import { wrap } from "comlink";

import version from "../../../../dist/version-inline.js";
import source from "../../../../dist/worker-inline.js";
import { storageUnavailable } from "../errors.js";

/** @import { Remote } from "comlink" */
/** @import { WorkerOptions } from "../../../types.js" */
/** @import { Service } from "./service.js" */

/**
 * How long a worker may take to start, in milliseconds, before another one is started too: not long at first, for one may be ended while it
 * starts, and nobody is told; where it only was slow, the first that answers is taken.
 */
const SHORTEST_START = 300;
const LONGEST_START = 8000;

/** @typedef {{ worker: Worker, remote: Remote<Service>, lock: string }} Started `lock` is held as long as it lives */

/**
 * Starts a worker, from its file; or else, where the page allows it, from its text.
 *
 * @param {WorkerOptions["workerUrl"]} url
 */
export async function startedWorker(url) {
  if (typeof Worker === "undefined") {
    throw storageUnavailable(
      "nothing can be written: only a dedicated worker can, and none can be started from here, as from a service worker",
    );
  }
  const ways = new Set(
    url === undefined
      ? [fromFile, fromText]
      : [() => new Worker(/** @type {string} */ (url), { type: "module" })],
  );
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
  const hint =
    url === undefined
      ? "; where a Content-Security-Policy forbids workers from blobs, pass workerUrl"
      : "";
  throw storageUnavailable(
    `nothing can be written: the package's worker cannot be started (${whys.join("; ")})${hint}`,
  );
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
  // Once it has begun to load.
  setTimeout(() => URL.revokeObjectURL(url), LONGEST_START);
  try {
    return new Worker(url);
  } catch (error) {
    // The page may take trusted types alone, and the package's among them.
    const { trustedTypes } = /** @type {any} */ (globalThis);
    if (!trustedTypes) throw error;
    policy ??= trustedTypes.createPolicy("skill-log", {
      createScriptURL: (/** @type {string} */ text) => text,
    });
    return new Worker(policy.createScriptURL(url));
  }
}

/** @type {any} */
let policy;

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
