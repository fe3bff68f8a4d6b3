// Who writes to OPFS: only dedicated workers can. In one, that is this thread; in a page, the package's worker.

import { transfer } from "comlink";

import { SkillLogError } from "../../../errors.js";
import { appendLines, overwriteStretches, pathOf, sealLine, sharedNow } from "../exclusive-file.js";
import { opfsRoot } from "../directory.js";
import { storageUnavailable } from "../errors.js";
import { packageWorker } from "./package-worker.js";

/** @import { OpfsFile, Written } from "../exclusive-file.js" */
/** @import { FileMark, OverwriteStep, StorageOptions, Stretches } from "../../storage.js" */

/** How much longer than for the file to wait for the worker to start again, in milliseconds; so long at least, however long an append has waited. */
const LONGER_FOR_START = 300;

/**
 * @typedef {{
 *   key: string,
 *   append(opfsFile: OpfsFile, lines: Uint8Array<ArrayBuffer>, sync: boolean, deadline?: number): Promise<Written>,
 *   overwrite(opfsFile: OpfsFile, mark: FileMark, stretches: Stretches, step: OverwriteStep): Promise<number | null>,
 *   seal(opfsFile: OpfsFile, mark: FileMark, end: number): Promise<boolean>,
 * }} Writer `append` takes the lines for its own; `key` is the same for all that write by the same thread; `deadline` is a time of the clock that pages and workers share
 */

/**
 * @param {StorageOptions["workerUrl"]} workerUrl
 * @returns {Writer}
 */
export function writerOf(workerUrl) {
  const key = String(workerUrl ?? "");
  if (typeof FileSystemFileHandle === "undefined") {
    return { key, append: refuse, overwrite: refuse, seal: refuse };
  }
  if ("createSyncAccessHandle" in FileSystemFileHandle.prototype) {
    return { key, append: appendLines, overwrite: overwriteStretches, seal: sealLine };
  }
  const worker = packageWorker(workerUrl);
  return {
    key,
    append(opfsFile, lines, sync, deadline = Infinity) {
      const startTime = Math.max(0, deadline - sharedNow()) + LONGER_FOR_START;
      return worker
        .write(
          (remote) => remote.append(opfsFile, transfer(lines, [lines.buffer]), sync, deadline),
          pathOf(opfsFile),
          startTime,
        )
        .catch(explain);
    },
    overwrite(opfsFile, mark, stretches, step) {
      return worker
        .write((remote) => remote.overwrite(opfsFile, mark, stretches, step), pathOf(opfsFile))
        .catch(explain);
    },
    seal: (opfsFile, mark, end) =>
      worker.write((remote) => remote.seal(opfsFile, mark, end), pathOf(opfsFile)).catch(explain),
  };
}

/** @returns {Promise<never>} */
async function refuse() {
  // Says why, where it is known.
  await opfsRoot();
  throw storageUnavailable(
    "nothing can be written: this browser gives no access to files of the origin private file system",
  );
}

/**
 * Has the page say why there is no storage: its worker, as that of a sandboxed frame, may know less.
 *
 * @param {unknown} error
 * @returns {Promise<never>}
 */
async function explain(error) {
  if (error instanceof SkillLogError && error.code === "STORAGE_UNAVAILABLE") await opfsRoot();
  throw error;
}
