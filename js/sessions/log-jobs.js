// What a thread does with many logs at once.

import { LogScanner } from "./log-scanner.js";
import { searchLogs } from "./log-search.js";
import { verifyLogs } from "./log-verify.js";

/** @import { LogJobs, OpenLog } from "../storage/storage.js" */

/**
 * Returns the jobs of this thread.
 *
 * @param {OpenLog} open
 * @returns {LogJobs}
 */
export function logJobs(open) {
  const scanner = new LogScanner(open);
  return {
    scan: (task) => scanner.scan(task),
    search: (task) => searchLogs(open, task),
    verify: (task) => verifyLogs(open, task),
  };
}
