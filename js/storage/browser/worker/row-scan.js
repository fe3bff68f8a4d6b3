// Indexes a file in the package's worker, so that the page stays free for its user.

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
  const scanned = () => (isBytes(file) ? new Blob([ofItsOwn(file)]) : file);
  source.scan = (state, maxLineBytes, signal, mark) => {
    const start = { state: [...state], maxLineBytes, mark: mark ?? null };
    // A File is looked at when its last bytes are read, which is done elsewhere now.
    const check = async () =>
      void (isBlob(file) && (await source.read(await source.size(), new Uint8Array(0))));
    return scan(scanned(), source.name, start, workerUrl, signal, check);
  };
  return source;
}

/**
 * Copies bytes that others may change, or take away: no Blob can be made of them.
 *
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
function ofItsOwn(bytes) {
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
 * @param {() => Promise<void>} check throws where what was scanned is another file
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
    // Without a worker the page indexes it, a chunk at a time.
    if (error instanceof SkillLogError && error.code === "STORAGE_UNAVAILABLE") return null;
    // Nobody waits for it any more.
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
 * @param {() => Promise<void>} check is called before the last batch
 * @returns {AsyncGenerator<RowBatch, void, void>}
 */
async function* batches(worker, scanning, leave, signal, check) {
  const next = async (/** @type {ArrayBuffer | null} */ spare) => {
    const scan = await scanning;
    return worker.call(() => scan.next(spare && transfer(spare, [spare])));
  };
  try {
    /** @type {ArrayBuffer | null} the buffer of a batch that is done with */
    let spare = null;
    for (let coming = next(spare); ; ) {
      const batch = await unlessAborted(coming, signal);
      if (!batch) return;
      if (!batch.isLast) {
        // The worker reads on while this one is worked on.
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
