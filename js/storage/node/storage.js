// Session logs in a directory, through Node's fs. The other files of this room work on one file.

import fs from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";

import { isUrl } from "../../builtins.js";
import { invalidArgument, SkillLogError } from "../../errors.js";
import { openMemory } from "../blob.js";
import { openHttp } from "../http.js";
import { isHttpUrl, refuseHttpOptions } from "../http-url.js";
import { infosOf } from "../found-logs.js";
import { archivedName, archiveOf, asideOf, logName, savedName } from "../listing.js";
import { logExists } from "../new-log.js";
import { AppendedFile } from "./append.js";
import { NodeCacheFiles } from "./cache-files.js";
import { createFile } from "./create.js";
import { checkDirectory } from "./directory.js";
import { absolutePath, openPath } from "./source.js";
import { FollowedSession, followedPath } from "./follow.js";
import { lateSyncs } from "./late-syncs.js";
import { fileError, hasCode, inTheWay, syncError } from "./errors.js";
import { identity, openRegular, openToAppend, orClose } from "./regular-file.js";
import { RepairedFile } from "./repair.js";
import { startThread } from "./scan-thread.js";
import { openToScan } from "./scanned-file.js";
import { sessionTexts } from "./session-files.js";
import { DirectoryLogs } from "./directory-logs.js";
import { ListedLogs } from "./listed-logs.js";
import { withoutSecrets } from "../message-secrets.js";

/** @import { Sync } from "../../types.js" */
/** @import { Late } from "./late-syncs.js" */
/** @import { Modes } from "./regular-file.js" */
/** @import { Source, Storage, StoredLog } from "../storage.js" */

const { O_RDWR } = fs.constants;

/** How often an open log checks that its path still leads to its file, in milliseconds. */
const PATH_CHECK_INTERVAL = 500;

/**
 * The log of one session in a directory.
 *
 * @implements {StoredLog}
 */
class NodeLog {
  #dir;
  #sessionId;
  /** @type {AppendedFile | null} */
  #file = null;
  #nextPathCheck = 0;
  /** Directories with entries that may not be on the disk. The first sync of a file syncs them. */
  #unsynced = new Set();
  #texts = sessionTexts();
  /** @type {SkillLogError | null} */
  #syncFailure = null;
  /** The syncs that no append waits for, and that have not ended. @type {Set<Late>} */
  #lates = new Set();
  /** Whether one of them failed. */
  #isLateFailed = false;

  /**
   * @param {string} dir an absolute path
   * @param {string} sessionId must be valid
   */
  constructor(dir, sessionId) {
    this.#dir = dir;
    this.#sessionId = sessionId;
    this.path = join(dir, logName(sessionId));
  }

  /**
   * Appends lines by one write, before this returns.
   *
   * @param {Uint8Array} lines after a line end, which is written only if the file lacks it
   * @param {Modes & { sync: Sync }} options
   * @returns {number | Promise<number>} bytes written; a promise if `sync` is true, or is late
   */
  append(lines, options) {
    const { sync } = options;
    if (sync && this.#syncFailure) throw this.#syncFailure;
    const file = this.#current(options);
    const written = file.append(lines);
    if (sync === false) return written;
    if (sync !== true) {
      const { due } = this.#syncLate(file, sync.within);
      // A loop of awaited appends would never let the timer run.
      return due > performance.now() ? written : new Promise((done) => setImmediate(done, written));
    }
    lateSyncs.startNow(file);
    return file.sync().then(
      () => written,
      (cause) => {
        throw this.#failed(cause);
      },
    );
  }

  /**
   * @param {AppendedFile} file
   * @param {number} within
   */
  #syncLate(file, within) {
    const late = lateSyncs.add(file, within);
    if (this.#lates.has(late)) return late;
    this.#lates.add(late);
    late.done
      .catch((cause) => {
        this.#failed(cause);
        this.#isLateFailed = true;
      })
      .then(() => this.#lates.delete(late));
    return late;
  }

  /**
   * Remembers a failed sync.
   *
   * @param {unknown} cause
   */
  #failed(cause) {
    this.#syncFailure ??= syncError(this.path, cause);
    return this.#syncFailure;
  }

  /**
   * Returns the open file. Opens the path again when the file was removed or replaced.
   *
   * @param {Modes & { sync: Sync }} options
   */
  #current(options) {
    const now = performance.now();
    if (this.#file) {
      // A sync syncs the directory at the path, which must be the directory of the open file.
      if (options.sync && this.#unsynced.size > 0) this.#nextPathCheck = now;
      try {
        if (this.#file.look() && !this.#isReplaced(this.#file, now)) return this.#file;
      } catch (error) {
        throw fileError(this.path, "look at", error);
      }
      // Its appends were acknowledged, or their syncs will report. Closing reports nothing new.
      const replaced = this.#file;
      this.#synced()
        .then(() => replaced.close())
        .catch(() => {});
      this.#file = null;
    }
    try {
      this.#unsynced.add(this.#dir);
      this.#file = orClose(
        openToAppend(this.path, options, this.#unsynced),
        (fd) => new AppendedFile(this.path, fd, this.#unsynced),
      );
    } catch (error) {
      throw fileError(this.path, "open", error);
    }
    this.#nextPathCheck = now + PATH_CHECK_INTERVAL;
    return this.#file;
  }

  /**
   * Checks now and then whether the path leads to another file, because logs may be renamed.
   *
   * @param {AppendedFile} file
   * @param {number} now
   */
  #isReplaced(file, now) {
    if (now < this.#nextPathCheck) return false;
    const stat = fs.lstatSync(this.path, { bigint: true, throwIfNoEntry: false });
    // Set after lstat: if that fails, the next append must fail too.
    this.#nextPathCheck = now + PATH_CHECK_INTERVAL;
    return !stat || identity(stat) !== file.identity;
  }

  /**
   * Makes the log, with these bytes, in one step.
   *
   * @param {AsyncIterable<Uint8Array>} chunks
   * @param {Modes & { sync: Sync }} options
   */
  async create(chunks, options) {
    for (const path of [this.path, archiveOf(this.path), asideOf(this.path, 0)])
      if (statAt(path)) throw logExists(path);
    this.#unsynced.add(this.#dir);
    return createFile(this.path, chunks, options, this.#unsynced);
  }

  /**
   * Opens the log to read it.
   *
   * @returns {Promise<Source | null>} null when there is no log
   */
  source() {
    return this.#texts.open(this.path);
  }

  followed() {
    return new FollowedSession(this.path, this.#texts);
  }

  /** Opens the log to repair it. */
  async repairable() {
    try {
      const savedPath = join(this.#dir, savedName(this.#sessionId));
      return orClose(
        openRegular(this.path, O_RDWR),
        (fd) => new RepairedFile(this.path, savedPath, fd),
      );
    } catch (error) {
      if (hasCode(error, "ENOENT") || hasCode(error, "ENOTDIR")) return null;
      throw fileError(this.path, "open", error);
    }
  }

  async close() {
    const file = this.#file;
    this.#file = null;
    await this.#synced();
    const closed = file?.close();
    if (!this.#isLateFailed) return closed;
    await closed?.catch(() => {});
    throw this.#syncFailure;
  }

  async leave() {
    const lates = [...this.#lates];
    if (this.#isLateFailed || !lates.every((late) => lateSyncs.leave(late))) return this.close();
    const file = this.#file;
    this.#file = null;
    // A sync needs one of the descriptors of its file.
    if (!lates.some((late) => late.file === file)) return file?.close();
    // What was synced cannot fail any more, and what was not is reported already.
    Promise.allSettled(lates.map(({ done }) => done))
      .then(() => file?.close())
      .catch(() => {});
  }

  /** Waits until nothing is outstanding. A failure is remembered. */
  async #synced() {
    await Promise.allSettled([...this.#lates].map((late) => lateSyncs.hurry(late)));
  }
}

/** @type {Storage["storedLog"]} */
export function storedLog(dir, sessionId) {
  return new NodeLog(checkDirectory(dir), sessionId);
}

/** @type {Storage["processors"]} */
export function processors() {
  return availableParallelism();
}

/** @type {Storage["scanAccess"]} */
export const scanAccess = { openToScan, startThread };

/** @type {Storage["cacheFiles"]} */
export function cacheFiles(dir) {
  return new NodeCacheFiles(dir);
}

/** @type {Storage["storedLogs"]} */
export function storedLogs(source, options) {
  if (Array.isArray(source)) return new ListedLogs(source);
  return new DirectoryLogs(checkDirectory(source), storedLog, options);
}

/** @type {Storage["openFile"]} */
export async function openFile(source, options, signal) {
  if (isHttpUrl(source)) return openHttp(source, options, signal);
  if (typeof source === "string" && /^[a-z][a-z0-9+.-]+:\/\//i.test(source)) {
    throw invalidArgument(
      "source",
      withoutSecrets(source),
      "a path (a URL is given as a URL object)",
    );
  }
  refuseHttpOptions(options);
  const isPath = typeof source === "string" || isUrl(source);
  const path = isPath ? absolutePath(source) : "";
  const open = isPath ? () => openPath(path) : await openMemory(source);
  // A missing file is reported now and not at the first read.
  await (await open()).close();
  return { ...(isPath && { path }), open, followed: isPath ? followedPath(path) : null };
}

/**
 * Lists the logs in a directory, also those whose names are no valid session id.
 *
 * @type {Storage["listLogs"]}
 */
export async function listLogs(dir, recursive) {
  const options = { recursive, links: false };
  return infosOf(await new DirectoryLogs(checkDirectory(dir), storedLog, options).find());
}

/**
 * Removes a log and the file of its saved damage.
 *
 * @type {Storage["removeLog"]}
 */
export async function removeLog(directory, sessionId) {
  const dir = checkDirectory(directory);
  const path = join(dir, logName(sessionId));
  const savedPath = join(dir, savedName(sessionId));
  const archived = archivedFiles(dir, logName(sessionId));
  // All paths are checked before anything is removed.
  const logs = [path, ...archived].filter(ownFileAt);
  if (logs.length === 0 && !isFileAt(savedPath)) return false;
  ownFileAt(savedPath);
  // The saved damage goes first: after a kill in between, the session is still listed, and the next
  // call removes the rest.
  const wasSaved = removeFile(savedPath);
  try {
    return logs.filter(removeFile).length > 0;
  } catch (error) {
    if (error instanceof SkillLogError && wasSaved)
      error.message += `; its saved damage, ${savedPath}, is removed already`;
    throw error;
  }
}

/**
 * Tells whether a path has a regular file. Throws when the path has something else, which this
 * package did not make.
 *
 * @param {string} path
 */
function ownFileAt(path) {
  const stat = statAt(path);
  if (stat && !stat.isFile()) throw inTheWay(path, stat, "nothing was removed; move it away first");
  return stat !== null;
}

/**
 * Returns the paths of a session's archive, and of what is being archived.
 *
 * @param {string} dir
 * @param {string} log its name
 */
function archivedFiles(dir, log) {
  let names;
  try {
    names = fs.readdirSync(dir);
  } catch (error) {
    if (hasCode(error, "ENOENT") || hasCode(error, "ENOTDIR")) return [];
    throw fileError(dir, "list", error);
  }
  return names.filter((name) => archivedName(name) === log).map((name) => join(dir, name));
}

/** @param {string} path */
function isFileAt(path) {
  return statAt(path)?.isFile() === true;
}

/**
 * @param {string} path
 * @returns {fs.Stats | null} null when there is nothing at the path
 */
function statAt(path) {
  try {
    return fs.lstatSync(path);
  } catch (error) {
    if (hasCode(error, "ENOENT") || hasCode(error, "ENOTDIR")) return null;
    throw fileError(path, "look at", error);
  }
}

/**
 * @param {string} path
 * @returns {boolean} whether there was one
 */
function removeFile(path) {
  try {
    fs.unlinkSync(path);
    return true;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return false;
    throw fileError(path, "remove", error);
  }
}
