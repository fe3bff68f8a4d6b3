// Who writes to OPFS: only dedicated workers can. In one, that is this thread; in a page, the package's worker.

import { appendLines, blankStretches } from "./exclusive-file.js";
import { storageUnavailable } from "./errors.js";
import { packageWorker } from "./package-worker.js";

/** @import { Mark, Place, Written } from "./exclusive-file.js" */

/**
 * @typedef {{
 *   append(place: Place, lines: Uint8Array<ArrayBuffer>, sync: boolean): Promise<Written>,
 *   blank(place: Place, mark: Mark, stretches: { offset: number, length: number }[]): Promise<void>,
 * }} Writer
 */

/**
 * @param {string | URL | undefined} workerUrl
 * @returns {Writer}
 */
export function writerOf(workerUrl) {
  if (typeof FileSystemFileHandle === "undefined") {
    return { append: refuse, blank: refuse };
  }
  if ("createSyncAccessHandle" in FileSystemFileHandle.prototype) return { append: appendLines, blank: blankStretches };
  const worker = packageWorker(workerUrl);
  return {
    append: (place, lines, sync) => worker.call((remote) => remote.append(place, lines, sync)),
    blank: (place, mark, stretches) => worker.call((remote) => remote.blank(place, mark, stretches)),
  };
}

/** @returns {Promise<never>} */
async function refuse() {
  throw storageUnavailable("this browser has none");
}
