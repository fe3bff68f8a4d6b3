import { listLogs, removeLog } from "#storage";
import { checkSessionId } from "./session-id.js";
import { openLog, SessionLog } from "./session-log.js";

/** @import { Directory, Entry, EntryInput, InputAs, InputOf, IntegerOf, Integers, OpenOptions, ReadOptions, SessionInfo } from "./types.js" */

export { decode, encode } from "./entry/codec.js";
export { SkillLogError } from "./errors.js";
export { LogIndex } from "./indexing/log-index.js";
export { matches } from "./indexing/matches.js";
export { RawJson } from "./entry/raw-json.js";
export { SessionLog };
export { Totals } from "./indexing/totals.js";

/**
 * Appends one entry to a session's log, which is made where it is missing.
 *
 * The entry is in the file when this returns, in a browser when it has resolved; to append many, keep a `SessionLog` open.
 *
 * @template [Input=unknown]
 * @template {string} [Status=string]
 * @param {Directory} dir the directory of the logs
 * @param {string} sessionId
 * @param {EntryInput<Input, Status>} entry
 * @param {OpenOptions} [options]
 * @returns {Promise<void>}
 * @throws {SkillLogError} as `SessionLog.append` does; an entry that is refused leaves no file behind
 */
export async function append(dir, sessionId, entry, options) {
  const log = openLog(dir, sessionId, options);
  try {
    // In an array: one entry, whatever it is.
    await log.append([entry]);
  } finally {
    await log.close();
  }
}

/**
 * Reads every entry of a session's log that can be read.
 *
 * @template [Input=any]
 * @template {string} [Status=string]
 * @template {InputAs} [As=InputAs]
 * @template {Integers} [I=Integers]
 * @param {Directory} dir
 * @param {string} sessionId
 * @param {ReadOptions<As, I>} [options]
 * @returns {Promise<Entry<InputOf<As, Input>, Status, IntegerOf<I>>[]>} none where there is no log
 * @throws {SkillLogError} as `SessionLog.read` does
 */
export async function read(dir, sessionId, options) {
  return openLog(dir, sessionId).read(options);
}

/**
 * Lists the logs in a directory; those that no session id can name are there too, and say why they are `unsafe`.
 *
 * @param {Directory} dir
 * @returns {Promise<SessionInfo[]>} newest first; none where there is no directory
 */
export async function listSessions(dir) {
  return listLogs(dir);
}

/**
 * Removes a session's log, and what a repair saved of it: neither where one of them is no regular file, but a directory or a link.
 *
 * @param {Directory} dir
 * @param {string} sessionId
 * @returns {Promise<boolean>} whether there was one
 * @throws {SkillLogError} `NOT_A_REGULAR_FILE`, with the path of what is in the way; `IO_ERROR`
 */
export async function removeSession(dir, sessionId) {
  return removeLog(dir, checkSessionId(sessionId));
}
