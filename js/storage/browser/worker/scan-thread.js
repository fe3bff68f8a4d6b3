// Threads of a page that scan logs: the package's worker, and others of the same file.

import { transfer } from "comlink";

import { isBytes } from "../../../builtins.js";
import { Ahead } from "../../ahead.js";
import { BLOBS_AT_ONCE, snapshotStamp, WHOLE_BYTES } from "../../scanned-blob.js";
import { isFileHandle } from "../directory.js";
import { fileOf, stampOfFile, takenSnapshot } from "../scanned-file.js";
import { copyToSend, keepSpare, takeSpare } from "../../spare-buffers.js";
import { wholeSmallFile } from "../small-files.js";
import { startedModule } from "../../../wasm/core.js";
import { packageWorker } from "./package-worker.js";

/** @import { RunningWorker } from "./scan-in-worker.js" */
/** @import { ListedRef } from "../../listed-files.js" */
/** @import { LogJobs, ScanThread, StorageOptions } from "../../storage.js" */

/**
 * Returns the threads that may scan for this thread, if this thread is a page's. A worker has no
 * user to respond to, so it scans by itself.
 *
 * @param {StorageOptions} options
 * @returns {{ isPage: true, smallBytes: number, startThread: () => ScanThread } | {}}
 */
export function threadsOfPage({ workerUrl }) {
  if (typeof document === "undefined" || typeof Worker === "undefined") return {};
  let count = 0;
  return {
    isPage: true,
    smallBytes: WHOLE_BYTES,
    startThread: () => new WorkerThread(packageWorker(workerUrl, count++)),
  };
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
        // What a scan finds comes back in it.
        const sent = await sendable({ ...task, spare: kind === "scan" ? takeSpare() : null });
        const { spare, ...done } = await worker.call((remote) =>
          remote.work(startedModule(), kind, sent),
        );
        if (spare) keepSpare({ buffer: spare });
        return done;
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
 * Reads small files here, because a worker takes twice as long: each file is sent to it first. Copies
 * their bytes, because files that were read together may be of several tasks.
 *
 * Rows are copied here, too, because this thread needs them where the worker ends. A browser would
 * hold its own copy, which it makes to send them, until it collects garbage.
 *
 * @template {{ refs: any[], rows?: Uint8Array | Float64Array, spare: ArrayBuffer | null }} T
 * @param {T} task
 * @returns {Promise<T>}
 */
async function sendable(task) {
  const refs = [];
  let size = 0;
  const reading = new Ahead(task.refs, BLOBS_AT_ONCE, read);
  for (let ref = reading.next(); ref; ref = reading.next()) {
    const found = await ref;
    size += found.bytes?.length ?? 0;
    refs.push(found);
  }
  const all = new Uint8Array(size);
  let at = 0;
  const sent = refs.map(({ bytes, ...rest }) => {
    if (!bytes) return rest;
    const file = all.subarray(at, (at += bytes.length));
    file.set(bytes);
    return { ...rest, file };
  });
  const { rows, spare } = task;
  const buffers = spare ? [all.buffer, spare] : [all.buffer];
  if (!(rows instanceof Uint8Array)) return transfer({ ...task, refs: sent }, buffers);
  const copy = copyToSend(rows);
  return transfer({ ...task, rows: copy, refs: sent }, [...buffers, copy.buffer]);
}

/**
 * @param {ListedRef} ref
 * @returns {Promise<ListedRef & { bytes?: Uint8Array, stamp?: ArrayLike<bigint> }>}
 */
async function read(ref) {
  const { file, path } = ref;
  // The worker fails, and the log is read here.
  if (ref.isCompressed) return { file: null, path };
  if (isBytes(file)) return { path, file: null, bytes: file, stamp: snapshotStamp(file) };
  try {
    const found = isFileHandle(file) ? (takenSnapshot(ref) ?? (await fileOf(file))) : file;
    if (!found || found.size > WHOLE_BYTES) return { file, path };
    const bytes = await wholeSmallFile(found);
    const stamp = isFileHandle(file) ? stampOfFile(found) : snapshotStamp(file);
    return { path, file: null, bytes, stamp };
  } catch {
    // The worker learns why.
    return { file, path };
  }
}
