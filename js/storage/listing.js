// The names of the files in a directory of logs, and what `listSessions` returns for each log.

import { describe } from "../errors.js";
import { nameIn, sessionIdFault } from "../session-id.js";

/** @import { SessionInfo } from "../types.js" */

const LOG_SUFFIX = ".jsonl";

/** @param {string} sessionId */
export function logName(sessionId) {
  return sessionId + LOG_SUFFIX;
}

/**
 * Returns the name of the file that a repair saves damaged bytes to.
 *
 * @param {string} sessionId
 */
export function savedName(sessionId) {
  return `${sessionId}.damaged`;
}

/** @param {string} name of a file */
export function isLogName(name) {
  return name.endsWith(LOG_SUFFIX);
}

/**
 * Returns the id of the session whose log has a name.
 *
 * @param {string} name of the file
 */
export function sessionId(name) {
  return name.slice(0, -LOG_SUFFIX.length);
}

/**
 * Describes a log. If its name cannot be that of a session, `unsafe` says why.
 *
 * @param {string} name of the file, below the directory
 * @param {Omit<SessionInfo, "id">} facts
 * @param {boolean} [isUtf8] whether the bytes of the name are UTF-8
 * @returns {SessionInfo}
 */
export function sessionInfo(name, facts, isUtf8 = true) {
  const id = sessionId(name);
  const fault = isUtf8 ? sessionIdFault(nameIn(id)) : "is not UTF-8";
  return { id, ...facts, ...(fault && { unsafe: `the id ${describe(id)} ${fault}` }) };
}

/**
 * Sorts logs: the newest first, and by id if two were changed at the same time.
 *
 * @param {SessionInfo[]} logs
 */
export function newestFirst(logs) {
  return logs.sort((a, b) => b.modified.getTime() - a.modified.getTime() || (a.id < b.id ? -1 : 1));
}
