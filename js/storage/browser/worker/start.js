// Starts the package's worker, from its file or from its text.

import { wrap } from "comlink";

import version from "../../../../dist/version-inline.js";
import source from "../../../../dist/worker-inline.js";
import { storageUnavailable } from "../errors.js";
import { LONGEST_WORKER_START, SHORTEST_WORKER_START } from "../waits.js";

/** @import { Remote } from "comlink" */
/** @import { WorkerOptions } from "../../../types.js" */
/** @import { Service } from "./service.js" */

/**
 * @typedef {{ worker: Worker, remote: Remote<Service>, lock: string }} Started the worker holds
 *   `lock` as long as it lives
 */

/**
 * Starts a worker from its file, or else from its text, if the page allows that.
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
    for (let time = SHORTEST_WORKER_START; time <= LONGEST_WORKER_START; time *= 2) {
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
  if (ways.size > 0) whys.push(`no answer for ${LONGEST_WORKER_START} ms`);
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
 * @param {Map<Worker, Promise<Started | null>>} starting failed workers are removed
 * @param {number} time in milliseconds
 * @returns {Promise<Started | null>} null when no worker answered in time, or all failed
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

/** Some bundlers recognize this form and add the file. Others leave an address without a file. */
function fromFile() {
  return new Worker(new URL("./skill-log-worker.js", import.meta.url), { type: "module" });
}

function fromText() {
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  // After the worker has loaded.
  setTimeout(() => URL.revokeObjectURL(url), LONGEST_WORKER_START);
  try {
    return new Worker(url);
  } catch (error) {
    // The page may require trusted types, and allow the package's policy.
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
 * @returns {Promise<Started>} rejects when the worker cannot be loaded or has another version;
 *   never settles when the worker ended
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
  // The browser reports the errors of a running worker.
  answered.abort();
  // The file on the server or in a cache may be older than the page, and have other calls.
  if (its !== version) throw new Error(`it is of skill-log ${its}, and the page of ${version}`);
  return { worker, remote, lock };
}
