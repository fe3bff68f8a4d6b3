// Threads that scan logs: Node's workers.

import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";

import { SkillLogError } from "../../errors.js";
import { startedModule } from "../../wasm/core.js";

/** @import { LogTask, ScanThread, TaskRows } from "../storage.js" */

/**
 * Starts a thread. It takes 15 to 30 ms until it scans.
 *
 * @returns {ScanThread}
 */
export function startThread() {
  const url = new URL("./skill-log-thread.js", import.meta.url ?? pathToFileURL(__filename));
  const worker = new Worker(url, { workerData: startedModule() });
  // A process may end while a thread waits for work.
  worker.unref();
  /** @type {{ done: (rows: TaskRows) => void, failed: (error: unknown) => void }[]} */
  const waiting = [];
  let isEnded = false;
  const end = () => {
    isEnded = true;
    for (const { failed } of waiting.splice(0)) failed(ended());
  };
  worker.on("message", (/** @type {TaskRows} */ rows) => waiting.shift()?.done(rows));
  worker.on("error", end);
  worker.on("exit", end);
  return {
    scan(task) {
      if (isEnded) return Promise.reject(ended());
      worker.postMessage(task);
      worker.ref();
      return new Promise((done, failed) => waiting.push({ done, failed })).finally(() => {
        if (waiting.length === 0) worker.unref();
      });
    },
    end() {
      end();
      void worker.terminate();
    },
  };
}

function ended() {
  return new SkillLogError("INTERRUPTED", "a thread that scans logs has ended");
}
