// The package's worker: does for a page what only a dedicated worker can, and what would keep the page from its user.

import { expose, proxy, transfer } from "comlink";

import version from "../dist/version-inline.js";
import { SkillLogError } from "./errors.js";
import { RowScan } from "./indexing/row-scan.js";
import { memorySource } from "./storage/blob.js";
import { sendErrorsWhole } from "./storage/browser/worker/sent-errors.js";
import { isFileHandle } from "./storage/browser/directory.js";
import { appendLines, overwriteStretches, sealLine } from "./storage/browser/exclusive-file.js";
import { handleSource } from "./storage/browser/source.js";
import { httpFile } from "./storage/http.js";
import { start } from "./wasm/core.js";

/** @import { ScanStart } from "./indexing/row-scan.js" */

/** @type {() => Promise<unknown> | undefined} */
let giveBack = () => undefined;

/** What a page may call. */
const service = {
  /**
   * Holds a lock for as long as the worker lives, or until `rest`.
   *
   * @param {string} name
   * @returns {Promise<string>} when it is held, or cannot be: the worker's version
   */
  live(name) {
    return new Promise((held) => {
      const hold = () => {
        held(version);
        return new Promise((end) => (giveBack = () => (end(undefined), request)));
      };
      const request = navigator.locks?.request(name, hold).catch(() => held(version));
      if (!request) held(version);
    });
  },

  /** Gives that lock back, before the worker is ended: Firefox never comes back to a page whose worker ended with a lock. */
  rest: () => giveBack(),

  append: appendLines,

  overwrite: overwriteStretches,

  seal: sealLine,

  /**
   * Gives what reads a file for an index.
   *
   * @param {WebAssembly.Module} module the core
   * @param {ScannedFile} file
   * @param {string} path what the page calls it
   * @param {ScanStart} from where the index ends
   */
  scan(module, file, path, from) {
    start(module);
    const scan = new RowScan((signal) => sourceOf(file, path, signal), from);
    return proxy({
      async next(/** @type {ArrayBuffer | null} */ spare) {
        const batch = await scan.next(spare);
        return batch && transfer(batch, [batch.rows.buffer]);
      },
      end: () => scan.end(),
    });
  },
};

/** @typedef {typeof service} Service */

/** @typedef {ReturnType<typeof service.scan>} Scan */

/**
 * What can be handed to the worker to be read: a URL, and the headers that it is asked for with; or a handle rather than its File, which is
 * not readable any more once somebody appends.
 *
 * @typedef {Blob | FileSystemFileHandle | { url: string, headers?: Record<string, string> }} ScannedFile
 */

/**
 * @param {ScannedFile} file
 * @param {string} path
 * @param {AbortSignal} signal
 */
async function sourceOf(file, path, signal) {
  if ("url" in file) return httpFile(new URL(file.url), { headers: file.headers })(signal);
  if (!isFileHandle(file)) return memorySource(file);
  const source = await handleSource(file, path, file);
  if (!source) throw new SkillLogError("NOT_FOUND", `${path}: no such file`, { path });
  return source;
}

sendErrorsWhole();
expose(service);
