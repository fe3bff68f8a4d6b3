// Who writes to OPFS: only dedicated workers can. In one, that is this thread; in a page, the package's worker.

import { appendLines, blankStretches, LONGEST_WAIT } from "./exclusive-file.js";
import { opfsRoot } from "./directory.js";
import { storageUnavailable } from "./errors.js";
import { packageWorker } from "./package-worker.js";

/** @import { Mark, Place, Written } from "./exclusive-file.js" */

/** How long to wait for the file at least, in milliseconds, however long an append has waited for its turn and for the worker. */
const SHORTEST_WAIT = 200;

/**
 * @typedef {{
 *   append(place: Place, lines: Uint8Array<ArrayBuffer>, sync: boolean, deadline?: number): Promise<Written>,
 *   blank(place: Place, mark: Mark, stretches: { offset: number, length: number }[]): Promise<void>,
 * }} Writer `deadline` is a time of this thread's clock
 */

/**
 * @param {string | URL | undefined} workerUrl
 * @returns {Writer}
 */
export function writerOf(workerUrl) {
  if (typeof FileSystemFileHandle === "undefined") {
    return { append: refuse, blank: refuse };
  }
  if ("createSyncAccessHandle" in FileSystemFileHandle.prototype) {
    return { append: (place, lines, sync, deadline) => appendLines(place, lines, sync, timeTo(deadline)), blank: blankStretches };
  }
  const worker = packageWorker(workerUrl);
  return {
    append: (place, lines, sync, deadline) => worker.write((remote) => remote.append(place, lines, sync, timeTo(deadline))),
    blank: (place, mark, stretches) => worker.write((remote) => remote.blank(place, mark, stretches)),
  };
}

/** @param {number} [deadline] */
function timeTo(deadline = Infinity) {
  return Math.min(LONGEST_WAIT, Math.max(SHORTEST_WAIT, deadline - performance.now()));
}

/** @returns {Promise<never>} */
async function refuse() {
  // Says why, where it is known.
  await opfsRoot();
  throw storageUnavailable("nothing can be written: this browser gives no access to files of the origin private file system");
}
