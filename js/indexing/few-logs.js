// Logs that were opened one by one, as the logs of an index.

/** @import { IndexedLogs } from "./indexed-logs.js" */
/** @import { InParts } from "../threads/log-parts.js" */
/** @import { OneLog } from "./one-log.js" */

/**
 * Returns logs as those of an index.
 *
 * @param {OneLog[]} logs
 * @param {(string | undefined)[]} sessions the id of each
 * @param {InParts} [inParts]
 * @returns {IndexedLogs}
 */
export function fewLogs(logs, sessions, inParts) {
  return {
    open: (log, bytes, signal) => logs[log].open(bytes, signal),
    async refresh(core, facts, options) {
      for (const [number, log] of logs.entries()) {
        if (number === facts.sessions.length) {
          core.add_log();
          facts.add(sessions[number]);
        }
        await log.refresh(core, facts, number, options, inParts);
      }
    },
  };
}
