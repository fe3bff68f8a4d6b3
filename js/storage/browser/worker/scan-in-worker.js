// Scans a file in the package's worker, so that the page can respond to its user.

import { releaseProxy, transfer } from "comlink";

import { unlessAborted } from "../../../waits.js";
import { isBlob, isBytes } from "../../../builtins.js";
import { SkillLogError } from "../../../errors.js";
import { startedModule } from "../../../wasm/core.js";
import { packageWorker } from "./package-worker.js";

/** @import { Remote } from "comlink" */
/** @import { Scan, ScannedFile } from "./service.js" */
/** @import { RowBatch, ScanStart, Source, StorageOptions } from "../../storage.js" */

/** @typedef {Awaited<ReturnType<ReturnType<typeof packageWorker>["use"]>>} RunningWorker */

/**
 * Adds `scan` to a source, if this thread is a page's.
 *
 * @param {Source} source
 * @param {ScannedFile | Uint8Array<ArrayBuffer>} file what the worker reads
 * @param {StorageOptions} options
 * @returns {Source}
 */
export function scannedElsewhere(source, file, { workerUrl }) {
  // A worker has no user to respond to.
  if (typeof document === "undefined" || typeof Worker === "undefined") return source;
  // A Blob is sent without a copy. Bytes would be copied again.
  const scanned = () => (isBytes(file) ? new Blob([ofItsOwn(file)]) : file);
  source.scan = (state, maxLineBytes, signal, mark) => {
    const start = { state: [...state], maxLineBytes, mark: mark ?? null };
    // A read of its last bytes checks a File, and the worker reads them here. So check now.
    const check = async () =>
      void (isBlob(file) && (await source.read(await source.size(), new Uint8Array(0))));
    return scan(scanned(), source.name, start, workerUrl, signal, check);
  };
  return source;
}

/**
 * Copies bytes whose buffer is shared or resizable, because no Blob can be made of them.
 *
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
export function ofItsOwn(bytes) {
  const { buffer } = bytes;
  return buffer instanceof ArrayBuffer && !(/** @type {any} */ (buffer).resizable)
    ? bytes
    : bytes.slice();
}

/**
 * @param {ScannedFile} file
 * @param {string} path
 * @param {ScanStart} start
 * @param {StorageOptions["workerUrl"]} workerUrl
 * @param {AbortSignal | undefined} signal
 * @param {() => Promise<void>} check throws when another file was scanned
 * @returns {Promise<AsyncGenerator<RowBatch, void, void> | null>}
 */
async function scan(file, path, start, workerUrl, signal, check) {
  const kept = packageWorker(workerUrl);
  const using = kept.use();
  try {
    const worker = await unlessAborted(using, signal);
    const scanning = worker.call((remote) => remote.scan(startedModule(), file, path, start));
    return batches(worker, scanning, () => kept.leave(true), signal, check);
  } catch (error) {
    // Without a worker the page scans the file itself.
    if (error instanceof SkillLogError && error.code === "STORAGE_UNAVAILABLE") return null;
    // The worker may still start, and must then be left.
    using.then(
      () => kept.leave(true),
      () => {},
    );
    throw error;
  }
}

/**
 * @param {RunningWorker} worker
 * @param {Promise<Remote<Scan>>} scanning
 * @param {() => void} leave
 * @param {AbortSignal | undefined} signal
 * @param {() => Promise<void>} check called before the last batch
 * @returns {AsyncGenerator<RowBatch, void, void>}
 */
async function* batches(worker, scanning, leave, signal, check) {
  const next = async (/** @type {ArrayBuffer | null} */ spare) => {
    const scan = await scanning;
    return worker.call(() => scan.next(spare && transfer(spare, [spare])));
  };
  try {
    /** @type {ArrayBuffer | null} the buffer of a batch that was used */
    let spare = null;
    for (let coming = next(spare); ; ) {
      const batch = await unlessAborted(coming, signal);
      if (!batch) return;
      if (!batch.isLast) {
        // The worker reads on while the caller works on this batch.
        coming = next(spare);
        coming.catch(() => {});
      }
      if (batch.isLast) await check();
      yield batch;
      signal?.throwIfAborted();
      if (batch.isLast) return;
      spare = batch.rows.buffer;
    }
  } finally {
    end(worker, scanning)
      .catch(() => {})
      .finally(leave);
  }
}

/**
 * @param {RunningWorker} worker
 * @param {Promise<Remote<Scan>>} scanning
 */
async function end(worker, scanning) {
  const scan = await scanning;
  try {
    await worker.call(() => scan.end());
  } finally {
    scan[releaseProxy]();
  }
}
