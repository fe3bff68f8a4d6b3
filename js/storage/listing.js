// What a directory of logs holds: the names of its files, and what `listSessions` returns of them.

import { describe } from "../errors.js";
import { sessionIdFault } from "../session-id.js";

/** @import { SessionInfo } from "../types.js" */

const LOG_SUFFIX = ".jsonl";

/** @param {string} sessionId */
export function logName(sessionId) {
  return sessionId + LOG_SUFFIX;
}

/**
 * Returns the name of the file that repair saves damaged bytes of a log to.
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
 * Describes a log. Also one whose name no session id can be: it says why it is `unsafe`.
 *
 * @param {string} name of the file
 * @param {Omit<SessionInfo, "id">} facts
 * @param {boolean} [isUtf8] whether the name of the file is UTF-8, and `name` all of it
 * @returns {SessionInfo}
 */
export function sessionInfo(name, facts, isUtf8 = true) {
  const id = name.slice(0, -LOG_SUFFIX.length);
  const fault = isUtf8 ? sessionIdFault(id) : "is not UTF-8";
  return { id, ...facts, ...(fault && { unsafe: `the id ${describe(id)} ${fault}` }) };
}

/**
 * Sorts logs: the newest first; by id where two were changed at once.
 *
 * @param {SessionInfo[]} logs
 */
export function newestFirst(logs) {
  return logs.sort((a, b) => b.modified.getTime() - a.modified.getTime() || (a.id < b.id ? -1 : 1));
}
