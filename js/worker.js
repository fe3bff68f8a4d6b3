// The package's worker. It writes to OPFS for a page, because only a dedicated worker can. It scans
// files for indexes, so that the page can respond to its user.

import { expose, proxy, transfer } from "comlink";

import version from "../dist/version-inline.js";
import { SkillLogError } from "./errors.js";
import { RowScan } from "./indexing/row-scan.js";
import { logJobs } from "./threads/log-jobs.js";
import { memorySource } from "./storage/blob.js";
import { sendErrorsWhole } from "./storage/browser/worker/sent-errors.js";
import { isFileHandle } from "./storage/browser/directory.js";
import { openToScan } from "./storage/browser/scanned-file.js";
import { appendLines, overwriteStretches, sealLine } from "./storage/browser/exclusive-file.js";
import { handleSource } from "./storage/browser/source.js";
import { httpFile } from "./storage/http.js";
import { freeBuffer } from "./storage/chunks.js";
import { BLOBS_AT_ONCE } from "./storage/scanned-blob.js";
import { copyToSend, keepSpare, takeSpare } from "./storage/spare-buffers.js";
import { start } from "./wasm/core.js";

/** @import { LogJobs } from "./storage/storage.js" */
/** @import { ScannedFile, Service } from "./storage/browser/worker/service.js" */

/** @type {() => Promise<unknown> | undefined} */
let releaseLock = () => undefined;

/** @type {Service} */
const service = {
  live(lock) {
    return new Promise((held) => {
      const hold = () => {
        held(version);
        return new Promise((end) => (releaseLock = () => (end(undefined), request)));
      };
      const request = navigator.locks?.request(lock, hold).catch(() => held(version));
      if (!request) held(version);
    });
  },
  rest: () => releaseLock(),
  append: appendLines,
  overwrite: overwriteStretches,
  seal: sealLine,
  scan(module, file, name, from) {
    start(module);
    const scan = new RowScan((signal) => sourceOf(file, name, signal), from);
    return proxy({
      async next(spare) {
        const batch = await scan.next(spare);
        return batch && transfer(batch, [batch.rows.buffer]);
      },
      end: () => scan.end(),
    });
  },
  async work(module, kind, task) {
    start(module);
    jobs ??= logJobs(openToScan, BLOBS_AT_ONCE);
    if (task.spare) keepSpare({ buffer: task.spare });
    const done = /** @type {any} */ (await jobs[kind](task));
    if ("rows" in done) {
      const rows = copyToSend(done.rows);
      freeBuffer(done.rows);
      return transfer({ ...done, rows }, [rows.buffer]);
    }
    // What was sent to search is not needed here any more.
    if (kind === "search") keepSpare(task.rows);
    const spare = takeSpare();
    return transfer({ ...done, spare }, spare ? [spare] : []);
  },
};

/** @type {LogJobs | undefined} */
let jobs;

/**
 * @param {ScannedFile} file
 * @param {string} path
 * @param {AbortSignal} signal
 */
async function sourceOf(file, path, signal) {
  if ("url" in file) {
    const { url, headers } = file;
    return httpFile(new URL(url), { headers })(signal);
  }
  if (!isFileHandle(file)) return memorySource(file);
  const source = await handleSource(file, path, file);
  if (!source) throw new SkillLogError("NOT_FOUND", `${path}: no such file`, { path });
  return source;
}

sendErrorsWhole();
expose(service);
