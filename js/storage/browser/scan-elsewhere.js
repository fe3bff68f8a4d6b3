// Indexes a file in the package's worker, so that the page stays free for its user.

import { releaseProxy, transfer } from "comlink";

import { isBytes } from "../../brands.js";
import { startedModule } from "../../wasm.js";
import { SkillLogError } from "../../errors.js";
import { packageWorker } from "./package-worker.js";

/** @import { RowBatch } from "../../row-scan.js" */
/** @import { Source } from "../source.js" */
/** @import { StorageOptions } from "../storage.js" */
/** @import { ScannedFile } from "../../worker.js" */

/**
 * Gives a source what scans it in another thread, where this one has a user.
 *
 * @param {Source} source
 * @param {ScannedFile | Uint8Array<ArrayBuffer>} file what the worker is to read
 * @param {StorageOptions} options
 * @returns {Source}
 */
export function scannedElsewhere(source, file, { workerUrl }) {
  // In a worker nobody waits for the screen.
  if (typeof document === "undefined" || typeof Worker === "undefined") return source;
  // A Blob crosses as it is, bytes would be copied once more.
  const scanned = () => (isBytes(file) ? new Blob([file]) : file);
  source.scan = (state, maxLineBytes, signal) => scan(scanned(), [...state], maxLineBytes, workerUrl, signal);
  return source;
}

/**
 * @param {ScannedFile} file
 * @param {number[]} state
 * @param {number} maxLineBytes
 * @param {string | URL | undefined} workerUrl
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<AsyncGenerator<RowBatch, void, void> | null>}
 */
async function scan(file, state, maxLineBytes, workerUrl, signal) {
  const kept = packageWorker(workerUrl);
  try {
    const worker = await kept.use();
    try {
      const scan = await worker.call((remote) => remote.scan(startedModule(), file, state, maxLineBytes));
      const end = async () => {
        try {
          await worker.call(() => scan.end());
          scan[releaseProxy]();
        } finally {
          kept.leave(true);
        }
      };
      const next = (/** @type {ArrayBuffer | null} */ spare) => worker.call(() => scan.next(spare && transfer(spare, [spare])));
      return batches(next, end, signal);
    } catch (error) {
      kept.leave();
      throw error;
    }
  } catch (error) {
    // Without a worker the page indexes it, a chunk at a time.
    if (error instanceof SkillLogError && error.code === "STORAGE_UNAVAILABLE") return null;
    throw error;
  }
}

/**
 * @param {(spare: ArrayBuffer | null) => Promise<RowBatch | null>} next is given the buffer of a batch that is done with
 * @param {() => Promise<void>} end
 * @param {AbortSignal | undefined} signal
 * @returns {AsyncGenerator<RowBatch, void, void>}
 */
async function* batches(next, end, signal) {
  let stop = () => {};
  /** @type {Promise<never>} */
  const abort = new Promise((_, fail) => (stop = () => fail(signal?.reason)));
  abort.catch(() => {});
  signal?.addEventListener("abort", stop, { once: true });
  try {
    /** @type {ArrayBuffer | null} */
    let spare = null;
    for (let coming = next(spare); ; ) {
      const batch = await Promise.race([coming, abort]);
      signal?.throwIfAborted();
      if (!batch) return;
      if (!batch.isLast) {
        // The worker reads on while this one is worked on.
        coming = next(spare);
        coming.catch(() => {});
      }
      yield batch;
      signal?.throwIfAborted();
      if (batch.isLast) return;
      spare = batch.rows.buffer;
    }
  } finally {
    signal?.removeEventListener("abort", stop);
    end().catch(() => {});
  }
}
