// What a thread does with many logs at once.

import { LogScanner } from "./log-scanner.js";
import { searchLogs } from "./log-search.js";
import { verifyLogs } from "./log-verify.js";

/** @import { LogJobs, OpenLog } from "../storage/storage.js" */
/** @import { ThreadTurns } from "../storage/thread-turns.js" */

/**
 * Returns the jobs of this thread.
 *
 * @param {OpenLog} open
 * @param {number} [atOnce] how many logs are opened at once, where `open` returns promises
 * @param {ThreadTurns} [turns] lets other work of this thread run
 * @returns {LogJobs}
 */
export function logJobs(open, atOnce = 1, turns) {
  const scanner = new LogScanner(open, atOnce, turns);
  return {
    scan: (task) => scanner.scan(task),
    search: (task) => searchLogs(open, atOnce, turns, task),
    verify: (task) => verifyLogs(open, atOnce, task),
  };
}
