// The program of Node's threads: does one job at a time.

import { parentPort, workerData } from "node:worker_threads";

import { logJobs } from "./threads/log-jobs.js";
import { openToScan } from "./storage/node/scanned-file.js";
import { start } from "./wasm/core.js";

/** @import { MessagePort } from "node:worker_threads" */
/** @import { LogJobs } from "./storage/storage.js" */

start(workerData);
const port = /** @type {MessagePort} */ (parentPort);
const jobs = logJobs(openToScan);

port.on("message", async (/** @type {{ kind: keyof LogJobs, task: any }} */ { kind, task }) => {
  const done = await jobs[kind](task).catch(() => null);
  port.postMessage(done, done && "rows" in done ? [/** @type {any} */ (done.rows.buffer)] : []);
});
