// The program of Node's threads: scans logs of a task at a time.

import { parentPort, workerData } from "node:worker_threads";

import { LogScanner } from "./sessions/log-scanner.js";
import { openToScan } from "./storage/node/scanned-file.js";
import { start } from "./wasm/core.js";

/** @import { MessagePort } from "node:worker_threads" */
/** @import { LogTask } from "./storage/storage.js" */

start(workerData);
const port = /** @type {MessagePort} */ (parentPort);
const scanner = new LogScanner(openToScan);

port.on("message", async (/** @type {LogTask} */ task) => {
  const found = await scanner.scan(task);
  port.postMessage(found, [/** @type {ArrayBuffer} */ (found.rows.buffer)]);
});
