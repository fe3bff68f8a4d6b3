// Verifies many logs, in whatever thread this runs.

import { verifySource } from "../damage/verify.js";
import { Ahead } from "../storage/ahead.js";
import { CTIME, MTIME } from "../storage/stamps.js";

/** @import { Report } from "../types.js" */
/** @import { OpenLog, ScannedLog, Source, VerifyTask } from "../storage/storage.js" */

/**
 * Verifies the logs of a task.
 *
 * @param {OpenLog} open
 * @param {number} atOnce how many logs are opened at once
 * @param {VerifyTask} task
 * @returns {Promise<(Report | null)[]>} null for a log that cannot be read
 */
export async function verifyLogs(open, atOnce, { refs, maxLineBytes }) {
  /** @type {(Report | null)[]} */
  const reports = [];
  const openings = new Ahead(refs, atOnce, open);
  while (reports.length < refs.length) {
    /** @type {ScannedLog | null} */
    let log = null;
    try {
      log = (await openings.next()) ?? null;
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
    // Absent for a snapshot.
    ...(log.stamp[CTIME] > 0n && { modified: async () => Number(log.stamp[MTIME]) / 1e6 }),
    read: async (offset, into) => log.read(offset, into),
    close: async () => {},
  };
}
