import { listLogs, removeLog } from "#storage";
import { checkOptions } from "./options.js";
import { invalidArgument } from "./errors.js";
import { checkSessionId } from "./session-id.js";
import { accessTo, openLog, SessionLog } from "./session-log.js";

/** @import { Directory, Entry, EntryInput, InputAs, InputOf, IntegerOf, Integers, ListOptions, OpenOptions, ReadOptions, SessionInfo } from "./types.js" */

export { copySession } from "./copying/copy-session.js";
export { mergeSessions } from "./copying/merge-sessions.js";
export { decode, encode } from "./entry/codec.js";
export { SkillLogError } from "./errors.js";
export { LogIndex } from "./indexing/log-index.js";
export { matches } from "./indexing/matches.js";
export { places } from "./indexing/places.js";
export { redactEntry } from "./redaction/redact-entry.js";
export { RawJson } from "./entry/raw-json.js";
export { SessionLog };
export { Sessions } from "./sessions/sessions.js";
export { serveSessions } from "./serving/serve-sessions.js";

/**
 * Appends one entry to the log of a session. Makes the file and its directory where they are
 * missing.
 *
 * In Node the entry is in the file when the call returns, before its promise resolves. In a browser
 * it is when the promise resolves. To append many entries, keep a `SessionLog` open: its appends
 * also return what was replaced or cut. With `redact: true` the first call loads the shapes of
 * secrets before it writes; until its promise resolves, the entry may not be changed.
 *
 * With `sync: { within }`, the calls for one file share a sync. A process warning says when it
 * failed, because no log is open that could report it.
 *
 * @template [Input=unknown]
 * @template {string} [Status=string]
 * @param {Directory} dir the directory of the logs
 * @param {string} sessionId
 * @param {EntryInput<Input, Status>} entry
 * @param {OpenOptions} [options]
 * @returns {Promise<void>}
 * @throws {SkillLogError} as `SessionLog.append` does. An entry that is refused leaves no new file
 */
export async function append(dir, sessionId, entry, options) {
  const log = openLog(dir, sessionId, options);
  try {
    // In an array, because an array given as the entry must be refused.
    await log.append([entry]);
  } catch (error) {
    // Closing may fail too, and says less.
    await log.close().catch(() => {});
    throw error;
  }
  await accessTo("log", log).leave();
}

/**
 * Reads every entry of a session's log that can be read, in the order of the file.
 *
 * @template [Input=any]
 * @template {string} [Status=string]
 * @template {InputAs} [As=InputAs]
 * @template {Integers} [I=Integers]
 * @param {Directory} dir
 * @param {string} sessionId
 * @param {ReadOptions<As, I>} [options]
 * @returns {Promise<Entry<InputOf<As, Input>, Status, IntegerOf<I>>[]>} empty where there is no log
 * @throws {SkillLogError} as `SessionLog.read` does
 */
export async function read(dir, sessionId, options) {
  return openLog(dir, sessionId).read(options);
}

/**
 * Lists the logs in a directory. A log that no session id can name says why it is `unsafe`.
 *
 * @param {Directory} dir
 * @param {ListOptions} [options]
 * @returns {Promise<SessionInfo[]>} newest first; empty where there is no directory
 */
export async function listSessions(dir, options) {
  const { recursive = false } = checkOptions(options, ["recursive"]);
  if (typeof recursive !== "boolean")
    throw invalidArgument("options.recursive", recursive, "true or false");
  return listLogs(dir, recursive);
}

/**
 * Removes the log of a session, and the damaged bytes that a repair saved. Removes neither where
 * one of the two is a directory, a link or anything else but a file.
 *
 * @param {Directory} dir
 * @param {string} sessionId
 * @returns {Promise<boolean>} whether there was a log
 * @throws {SkillLogError} `NOT_A_REGULAR_FILE`, with the path of what is in the way; `IO_ERROR`
 */
export async function removeSession(dir, sessionId) {
  return removeLog(dir, checkSessionId(sessionId));
}
