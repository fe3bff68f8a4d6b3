// Finds the thread that writes to OPFS, because only a dedicated worker can. In a dedicated worker
// it is this thread; in a page it is the package's worker.

import { transfer } from "comlink";

import { SkillLogError } from "../../../errors.js";
import { appendLines, overwriteStretches, pathOf, sealLine, sharedNow } from "../exclusive-file.js";
import { opfsRoot } from "../directory.js";
import { storageUnavailable } from "../errors.js";
import { WORKER_RESTART_WAIT } from "../waits.js";
import { packageWorker } from "./package-worker.js";

/** @import { OpfsFile, Written } from "../exclusive-file.js" */
/** @import { FileMark, OverwriteStep, StorageOptions, Stretches } from "../../storage.js" */

/**
 * @typedef {{
 *   key: string,
 *   append(opfsFile: OpfsFile, lines: Uint8Array<ArrayBuffer>, sync: boolean, deadline?: number): Promise<Written>,
 *   overwrite(opfsFile: OpfsFile, mark: FileMark, stretches: Stretches, step: OverwriteStep): Promise<number | null>,
 *   seal(opfsFile: OpfsFile, mark: FileMark, end: number): Promise<boolean>,
 * }} Writer `append` may transfer the lines; writers that use the same thread have the same `key`;
 * `deadline` is a time of `sharedNow`
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
      const startTime = Math.max(0, deadline - sharedNow()) + WORKER_RESTART_WAIT;
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
  // Throws the reason, if it is known.
  await opfsRoot();
  throw storageUnavailable(
    "nothing can be written: this browser gives no access to files of the origin private file system",
  );
}

/**
 * Throws the page's reason for missing storage. The worker may know less, as in a sandboxed frame.
 *
 * @param {unknown} error
 * @returns {Promise<never>}
 */
async function explain(error) {
  if (error instanceof SkillLogError && error.code === "STORAGE_UNAVAILABLE") await opfsRoot();
  throw error;
}
