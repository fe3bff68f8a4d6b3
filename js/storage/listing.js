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
 * Returns the path of the archive of a log.
 *
 * @param {string} log its path or name
 */
export function archiveOf(log) {
  return `${log}.zst`;
}

/**
 * Returns the path of a log while it is archived.
 *
 * @param {string} log its path or name
 * @param {number} parts that the archive has before it
 */
export function asideOf(log, parts) {
  return `${log}.${parts}.archiving`;
}

/**
 * Returns the name of the log that an archive, or a file that is being archived, belongs to.
 *
 * @param {string} name of the file
 * @returns {string | null} null for any other file
 */
export function archivedName(name) {
  if (isLogName(name)) return null;
  return /^(.+\.jsonl)\.(?:zst|(?:0|[1-9]\d{0,8})\.archiving)$/su.exec(name)?.[1] ?? null;
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
