// What a thread does with many logs at once.

import { LogScanner } from "./log-scanner.js";
import { searchLogs } from "./log-search.js";
import { verifyLogs } from "./log-verify.js";

/** @import { LogJobs, OpenLog } from "../storage/storage.js" */

/**
 * Returns the jobs of this thread.
 *
 * @param {OpenLog} open
 * @param {number} [atOnce] how many logs are opened at once, where `open` returns promises
 * @returns {LogJobs}
 */
export function logJobs(open, atOnce = 1) {
  const scanner = new LogScanner(open, atOnce);
  return {
    scan: (task) => scanner.scan(task),
    search: (task) => searchLogs(open, atOnce, task),
    verify: (task) => verifyLogs(open, atOnce, task),
  };
}
