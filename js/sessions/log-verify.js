// Verifies many logs, in whatever thread this runs.

import { verifySource } from "../damage/verify.js";
import { MTIME } from "../storage/stamps.js";

/** @import { Report } from "../types.js" */
/** @import { OpenLog, ScannedLog, Source, VerifyTask } from "../storage/storage.js" */

/**
 * Verifies the logs of a task.
 *
 * @param {OpenLog} open
 * @param {VerifyTask} task
 * @returns {Promise<(Report | null)[]>} null for a log that cannot be read
 */
export async function verifyLogs(open, { refs, maxLineBytes }) {
  /** @type {(Report | null)[]} */
  const reports = [];
  for (const ref of refs) {
    /** @type {ScannedLog | null} */
    let log = null;
    try {
      log = await open(ref);
      reports.push(log && (await verifySource(sourceOf(log), maxLineBytes, {})));
    } catch {
      // The thread that asks verifies it again, and throws why.
      reports.push(null);
    } finally {
      log?.close();
    }
  }
  return reports;
}

/**
 * @param {ScannedLog} log
 * @returns {Source}
 */
function sourceOf(log) {
  return {
    name: "",
    identity: "",
    size: async () => log.size,
    modified: async () => Number(log.stamp[MTIME]) / 1e6,
    read: async (offset, into) => log.read(offset, into),
    close: async () => {},
  };
}
