// Session logs in a directory, through Node's fs. What is done to one file is in node/.

import { Buffer } from "node:buffer";
import fs from "node:fs";
import { join, resolve } from "node:path";

import { isUrl } from "../../builtins.js";
import { describe, invalidArgument, SkillLogError } from "../../errors.js";
import { sessionIdFault } from "../../session-id.js";
import { openMemory } from "../blob.js";
import { isHttpUrl, openHttp, refuseHttpOptions } from "../http.js";
import { AppendedFile } from "./append.js";
import { absolutePath, fileSource, openPath, pathOf } from "./source.js";
import { FollowedPath, followedPath } from "./follow.js";
import {
  hasCode,
  identity,
  inTheWay,
  ioError,
  openRegular,
  openToAppend,
  reasonOf,
} from "./regular-file.js";
import { RepairedFile } from "./repair.js";
import { shown } from "../secrets.js";

/** @import { Modes } from "./regular-file.js" */
/** @import { Source, Storage, StoredLog } from "../storage.js" */

const { O_RDONLY, O_RDWR } = fs.constants;

const SUFFIX = ".jsonl";

/** How often an open log looks whether its path still leads to its file, in milliseconds. */
const PATH_CHECK_INTERVAL = 500;

/**
 * @param {unknown} dir
 * @returns {string} an absolute path: a later change of the working directory moves no log
 */
function checkDirectory(dir) {
  if (isUrl(dir)) return pathOf(dir, "dir");
  if (typeof dir !== "string" || dir === "" || dir.includes("\0"))
    throw invalidArgument("dir", dir, "a path");
  return resolve(dir);
}

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
  /** Directories whose entries may not be on the disk: the first sync of a file syncs them. */
  #unsynced = new Set();
  /** @type {SkillLogError | null} */
  #syncFailure = null;

  /**
   * @param {string} dir an absolute path
   * @param {string} sessionId a checked one
   */
  constructor(dir, sessionId) {
    this.#dir = dir;
    this.#sessionId = sessionId;
    this.path = join(dir, sessionId + SUFFIX);
  }

  /**
   * Appends lines by one write, which has happened when this returns.
   *
   * @param {Uint8Array} lines with a line end before them
   * @param {Modes & { sync: boolean }} options
   * @returns {number | Promise<number>} bytes written: a promise where they are synced
   */
  append(lines, options) {
    if (options.sync && this.#syncFailure) throw this.#syncFailure;
    const file = this.#current(options);
    const written = file.append(lines);
    if (!options.sync) return written;
    return file.sync().then(
      () => written,
      (cause) => {
        const message = `${this.path}: what was appended may not be on the disk: ${reasonOf(cause)}`;
        this.#syncFailure ??= new SkillLogError("SYNC_FAILED", message, { path: this.path, cause });
        throw this.#syncFailure;
      },
    );
  }

  /**
   * Gives the open file, another one where it was removed or replaced.
   *
   * @param {Modes & { sync: boolean }} options
   */
  #current(options) {
    const now = performance.now();
    if (this.#file) {
      // What is about to be synced is the directory at the path: it must be the one that the file is in.
      if (options.sync && this.#unsynced.size > 0) this.#nextPathCheck = now;
      try {
        if (!this.#file.isRemoved() && !this.#isReplaced(this.#file, now)) return this.#file;
      } catch (error) {
        throw ioError(this.path, "look at", error);
      }
      // Everything in it was acknowledged, or will be by its syncs: closing can tell nothing new.
      this.#file.close().catch(() => {});
      this.#file = null;
    }
    try {
      this.#unsynced.add(this.#dir);
      this.#file = new AppendedFile(
        this.path,
        openToAppend(this.path, options, this.#unsynced),
        this.#unsynced,
      );
    } catch (error) {
      throw ioError(this.path, "open", error);
    }
    this.#nextPathCheck = now + PATH_CHECK_INTERVAL;
    return this.#file;
  }

  /**
   * Looks, now and then, whether the path leads to another file: the old one may have been renamed.
   *
   * @param {AppendedFile} file
   * @param {number} now
   */
  #isReplaced(file, now) {
    if (now < this.#nextPathCheck) return false;
    const stat = fs.lstatSync(this.path, { bigint: true, throwIfNoEntry: false });
    // Not before: where it cannot be looked at, no append goes on as if nothing were wrong.
    this.#nextPathCheck = now + PATH_CHECK_INTERVAL;
    return !stat || identity(stat) !== file.identity;
  }

  /**
   * Opens the log to read.
   *
   * @returns {Promise<Source | null>} null where there is none
   */
  async source() {
    try {
      return fileSource(this.path, openRegular(this.path, O_RDONLY));
    } catch (error) {
      if (hasCode(error, "ENOENT") || hasCode(error, "ENOTDIR")) return null;
      throw ioError(this.path, "open", error);
    }
  }

  followed() {
    return new FollowedPath(this.path);
  }

  /** Opens what repair needs. */
  async repairable() {
    try {
      return new RepairedFile(
        this.path,
        join(this.#dir, `${this.#sessionId}.damaged`),
        openRegular(this.path, O_RDWR),
      );
    } catch (error) {
      if (hasCode(error, "ENOENT") || hasCode(error, "ENOTDIR")) return null;
      throw ioError(this.path, "open", error);
    }
  }

  async close() {
    const file = this.#file;
    this.#file = null;
    await file?.close();
  }
}

/** @type {Storage["storedLog"]} */
export function storedLog(dir, sessionId) {
  return new NodeLog(checkDirectory(dir), sessionId);
}

/** @type {Storage["openFile"]} */
export async function openFile(source, options, signal) {
  if (isHttpUrl(source)) return openHttp(source, options, signal);
  if (typeof source === "string" && /^[a-z][a-z0-9+.-]+:\/\//i.test(source)) {
    throw invalidArgument("source", shown(source), "a path (a URL is given as a URL object)");
  }
  refuseHttpOptions(options);
  const isPath = typeof source === "string" || isUrl(source);
  const path = isPath ? absolutePath(source) : "";
  const open = isPath ? () => openPath(path) : await openMemory(source);
  // Fails here rather than at the first read.
  await (await open()).close();
  return { ...(isPath && { path }), open, followed: isPath ? followedPath(path) : null };
}

/**
 * Lists the logs in a directory, those whose names no session id can spell included.
 *
 * @type {Storage["listLogs"]}
 */
export async function listLogs(directory) {
  const dir = checkDirectory(directory);
  let names;
  try {
    names = fs.readdirSync(Buffer.from(dir), "buffer");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return [];
    throw ioError(dir, "list", error);
  }
  const logs = [];
  for (const bytes of names) {
    const name = bytes.toString();
    if (!name.endsWith(SUFFIX)) continue;
    const path = Buffer.concat([Buffer.from(join(dir, "/")), bytes]);
    const listed = lookAt(path);
    if (!listed) continue;
    const id = name.slice(0, -SUFFIX.length);
    const fault = Buffer.from(name).equals(bytes) ? sessionIdFault(id) : "is not UTF-8";
    const unsafe = fault ? `the id ${describe(id)} ${fault}` : listed.unsafe;
    logs.push({ id, ...listed, ...(unsafe !== undefined && { unsafe }) });
  }
  return logs.sort((a, b) => b.modified.getTime() - a.modified.getTime() || (a.id < b.id ? -1 : 1));
}

/**
 * Looks at what stands in a directory under a log's name, and, where that is a link, at what it leads to.
 *
 * @param {Buffer} path
 * @returns {{ bytes: number, modified: Date, unsafe?: string, link?: string } | null} null where it has gone meanwhile
 */
function lookAt(path) {
  const own = fs.lstatSync(path, { throwIfNoEntry: false });
  if (!own) return null;
  const facts = (/** @type {fs.Stats} */ { size, mtime }) => ({ bytes: size, modified: mtime });
  if (own.isFile()) return facts(own);
  if (!own.isSymbolicLink()) return { ...facts(own), unsafe: "not a regular file" };
  return {
    ...facts(targetOf(path) ?? own),
    unsafe: "a symbolic link, and not a regular file",
    link: linkAt(path),
  };
}

/** @param {Buffer} path of a link */
function targetOf(path) {
  try {
    return fs.statSync(path);
  } catch {
    // It leads to nothing, in a circle, or where nobody may look.
    return undefined;
  }
}

/** @param {Buffer} path of a link */
function linkAt(path) {
  try {
    return fs.readlinkSync(path);
  } catch {
    // Gone meanwhile, or replaced.
    return "";
  }
}

/**
 * Removes a log, and what was saved from its damage.
 *
 * @type {Storage["removeLog"]}
 */
export async function removeLog(directory, sessionId) {
  const dir = checkDirectory(directory);
  const path = join(dir, sessionId + SUFFIX);
  const savedPath = join(dir, `${sessionId}.damaged`);
  // Both are looked at before one of them is removed.
  const log = ownFileAt(path);
  if (!log && !isFileAt(savedPath)) return false;
  ownFileAt(savedPath);
  // First, and in any case: after a kill in between, the session is still listed, and the next call finds what is left.
  const wasSaved = removeFile(savedPath);
  try {
    return removeFile(path);
  } catch (error) {
    if (error instanceof SkillLogError && wasSaved)
      error.message += `; ${savedPath}, what was saved of its damage, is removed already`;
    throw error;
  }
}

/**
 * Tells whether there is a file, and refuses what is none: it is nothing that this package made.
 *
 * @param {string} path
 */
function ownFileAt(path) {
  const stat = statAt(path);
  if (stat && !stat.isFile()) throw inTheWay(path, stat, "nothing was removed; move it away first");
  return stat !== null;
}

/** @param {string} path */
function isFileAt(path) {
  return statAt(path)?.isFile() === true;
}

/**
 * @param {string} path
 * @returns {fs.Stats | null} null where there is nothing
 */
function statAt(path) {
  try {
    return fs.lstatSync(path);
  } catch (error) {
    if (hasCode(error, "ENOENT") || hasCode(error, "ENOTDIR")) return null;
    throw ioError(path, "look at", error);
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
    throw ioError(path, "remove", error);
  }
}
