// Threads of a page that scan logs: the package's worker, and others of the same file.

import { isBytes } from "../../../builtins.js";
import { startedModule } from "../../../wasm/core.js";
import { packageWorker } from "./package-worker.js";
import { ofItsOwn } from "./scan-in-worker.js";

/** @import { RunningWorker } from "./scan-in-worker.js" */
/** @import { ListedRef } from "../../listed-files.js" */
/** @import { LogJobs, ScanThread, StorageOptions } from "../../storage.js" */

/**
 * Returns the threads that may scan for this thread, if this thread is a page's. A worker has no
 * user to respond to, so it scans by itself.
 *
 * @param {StorageOptions} options
 * @returns {{ isPage: true, startThread: () => ScanThread } | {}}
 */
export function threadsOfPage({ workerUrl }) {
  if (typeof document === "undefined" || typeof Worker === "undefined") return {};
  let count = 0;
  return { isPage: true, startThread: () => new WorkerThread(packageWorker(workerUrl, count++)) };
}

/** @implements {ScanThread} */
class WorkerThread {
  #worker;
  isEnded = false;
  scan = this.#job("scan");
  search = this.#job("search");
  verify = this.#job("verify");

  /** @param {ReturnType<typeof packageWorker>} worker */
  constructor(worker) {
    this.#worker = worker;
  }

  /**
   * @template {keyof LogJobs} Kind
   * @param {Kind} kind
   * @returns {(task: any) => Promise<any>}
   */
  #job(kind) {
    return async (task) => {
      /** @type {RunningWorker} */
      let worker;
      try {
        worker = await this.#worker.use();
      } catch (error) {
        this.isEnded = true;
        throw error;
      }
      try {
        return await worker.call((remote) => remote.work(startedModule(), kind, sendable(task)));
      } finally {
        this.#worker.leave(true);
      }
    };
  }

  /** The worker ends by itself, when nobody uses it. */
  end() {
    this.isEnded = true;
  }
}

/**
 * Copies bytes whose buffer has others too, because a message would copy all of it.
 *
 * @template {{ refs: any[] }} T
 * @param {T} task
 * @returns {T}
 */
function sendable(task) {
  const refs = task.refs.map((/** @type {ListedRef} */ { file, path }) => ({
    file: isBytes(file) ? alone(file) : file,
    path,
  }));
  return { ...task, refs };
}

/** @param {any} bytes a Uint8Array */
function alone(bytes) {
  return bytes.length < bytes.buffer.byteLength ? bytes.slice() : ofItsOwn(bytes);
}
