// Session logs in a directory, through Node's fs. The append protocol of FORMAT.md is here.

import { Buffer } from "node:buffer";
import fs from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { describe, invalidArgument, SkillLogError } from "../errors.js";
import { sessionIdFault } from "../session-id.js";
import { SyncGroup } from "./sync-group.js";

/** @import { Source } from "../log-reader.js" */
/** @import { SessionInfo } from "../types.js" */

const { O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_WRONLY } = fs.constants;
// Absent on Windows, which has neither such links nor such pipes.
const O_SAFE = (fs.constants.O_NOFOLLOW ?? 0) | (fs.constants.O_NONBLOCK ?? 0);

const SUFFIX = ".jsonl";
const NEWLINE = 0x0a;

/** How often an open log looks whether its path still leads to its file, in milliseconds. */
const PATH_CHECK_INTERVAL = 500;

/** How long, in milliseconds, a run of appends that awaits nothing does without looking whether its file was removed. */
const RUN_CHECK_INTERVAL = 0.1;

/** @typedef {{ mode: number, dirMode: number }} Modes */

/**
 * @param {unknown} dir
 * @returns {string} an absolute path: a later change of the working directory moves no log
 */
export function checkDirectory(dir) {
  if (dir instanceof URL) return fileURLToPath(dir);
  if (typeof dir !== "string" || dir === "" || dir.includes("\0")) throw invalidArgument("dir", dir, "a path");
  return resolve(dir);
}

/**
 * @param {string} path
 * @param {string} doing
 * @param {unknown} cause
 */
function ioError(path, doing, cause) {
  if (cause instanceof SkillLogError) return cause;
  const code = cause instanceof Error && "code" in cause ? cause.code : "";
  if (code === "ELOOP" || code === "EMLINK" || code === "EISDIR" || code === "ENXIO") return notRegular(path, cause);
  const reason = cause instanceof Error ? cause.message.replace(/, \w+ '.*$/s, "") : String(cause);
  return new SkillLogError("IO_ERROR", `cannot ${doing} ${path}: ${reason}`, { path, cause });
}

/**
 * @param {string} path
 * @param {unknown} [cause]
 */
function notRegular(path, cause) {
  return new SkillLogError("NOT_A_REGULAR_FILE", `${path}: not a regular file, or a symbolic link`, { path, cause });
}

/**
 * @param {unknown} error
 * @param {string} code
 */
function hasCode(error, code) {
  return error instanceof Error && "code" in error && error.code === code;
}

/**
 * Opens a regular file, never through a symbolic link.
 *
 * @param {string} path
 * @param {number} flags
 * @param {number} [mode]
 */
function openRegular(path, flags, mode) {
  const fd = fs.openSync(path, flags | O_SAFE, mode);
  if (fs.fstatSync(fd).isFile()) return fd;
  fs.closeSync(fd);
  throw notRegular(path);
}

/**
 * Opens a file to append to, and makes it and its directories where they are missing.
 *
 * @param {string} path
 * @param {Modes} modes
 * @param {Set<string>} unsynced gets the directories whose entries are new
 */
function openToAppend(path, { mode, dirMode }, unsynced) {
  for (let left = 10; ; left -= 1) {
    try {
      return openRegular(path, O_RDWR | O_APPEND);
    } catch (error) {
      if (!hasCode(error, "ENOENT")) throw error;
    }
    makeDirectories(dirname(path), dirMode, unsynced);
    try {
      const fd = openRegular(path, O_RDWR | O_APPEND | O_CREAT | O_EXCL, mode);
      fs.fchmodSync(fd, mode);
      return fd;
    } catch (error) {
      // Another process made it, or removed the directory: begin again, within reason.
      if ((!hasCode(error, "EEXIST") && !hasCode(error, "ENOENT")) || left === 0) throw error;
    }
  }
}

/**
 * Makes a directory and those above it that are missing, each with just the given mode.
 *
 * @param {string} dir
 * @param {number} mode
 * @param {Set<string>} unsynced
 */
function makeDirectories(dir, mode, unsynced) {
  const missing = [];
  for (let each = dir; !fs.existsSync(each); each = dirname(each)) {
    missing.push(each);
    if (each === dirname(each)) break;
  }
  for (const each of missing.reverse()) {
    try {
      fs.mkdirSync(each, { mode });
      fs.chmodSync(each, mode);
      unsynced.add(dirname(each));
    } catch (error) {
      if (!hasCode(error, "EEXIST")) throw error;
    }
  }
}

/** @param {string} dir */
function syncDirectory(dir) {
  const fd = fs.openSync(dir, O_RDONLY);
  try {
    fs.fsyncSync(fd);
  } catch (error) {
    // Windows cannot sync a directory, and keeps its entries in a journal.
    if (!hasCode(error, "EPERM") && !hasCode(error, "EISDIR")) throw error;
  } finally {
    fs.closeSync(fd);
  }
}

/**
 * What tells one file from another: an inode number alone is given again after a delete.
 *
 * @param {fs.BigIntStats} stat
 */
function identity({ dev, ino, birthtimeNs }) {
  return `${dev}:${ino}:${birthtimeNs}`;
}

/** The log of one session in a directory. */
export class NodeStorage {
  #dir;
  #sessionId;
  /** @type {OpenFile | null} */
  #file = null;
  #nextPathCheck = 0;
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
        this.#syncFailure ??= new SkillLogError("SYNC_FAILED", `${this.path}: what was appended may not be on the disk`, {
          path: this.path,
          cause,
        });
        throw this.#syncFailure;
      },
    );
  }

  /**
   * Gives the open file, another one where it was removed or replaced.
   *
   * @param {Modes} modes
   */
  #current(modes) {
    const now = performance.now();
    if (this.#file) {
      if (!this.#file.isRemoved(now) && !this.#isReplaced(this.#file, now)) return this.#file;
      // Everything in it was acknowledged, or will be by its syncs: closing can tell nothing new.
      this.#file.close().catch(() => {});
      this.#file = null;
    }
    try {
      const unsynced = new Set([this.#dir]);
      this.#file = new OpenFile(this.path, openToAppend(this.path, modes, unsynced), unsynced);
    } catch (error) {
      throw ioError(this.path, "open", error);
    }
    this.#nextPathCheck = now + PATH_CHECK_INTERVAL;
    return this.#file;
  }

  /**
   * Looks, now and then, whether the path leads to another file: the old one may have been renamed.
   *
   * @param {OpenFile} file
   * @param {number} now
   */
  #isReplaced(file, now) {
    if (now < this.#nextPathCheck) return false;
    this.#nextPathCheck = now + PATH_CHECK_INTERVAL;
    const stat = fs.lstatSync(this.path, { bigint: true, throwIfNoEntry: false });
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

  /** Opens what repair needs. */
  async repairable() {
    try {
      return new RepairableFile(this.path, join(this.#dir, `${this.#sessionId}.damaged`), openRegular(this.path, O_RDWR));
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

const twoBytes = new Uint8Array(2);
const RESOLVED = Promise.resolve();

/** A file that lines are appended to. */
class OpenFile {
  #path;
  #fd;
  /** The size after our own last write, which ended in a line end; -1 where that is not known. */
  #end = -1;
  #size;
  /** Until when, or until the next microtask, the file is taken for having a name. */
  #namedUntil = 0;
  #forget = () => {
    this.#namedUntil = 0;
  };
  #syncs;

  /**
   * @param {string} path
   * @param {number} fd
   * @param {Set<string>} unsynced directories to sync with the first sync
   */
  constructor(path, fd, unsynced) {
    this.#path = path;
    this.#fd = fd;
    const stat = fs.fstatSync(fd, { bigint: true });
    this.identity = identity(stat);
    this.#size = Number(stat.size);
    this.#syncs = new SyncGroup(async () => {
      await new Promise((done, failed) => fs.fdatasync(fd, (error) => (error ? failed(error) : done(undefined))));
      for (const dir of unsynced) {
        syncDirectory(dir);
        unsynced.delete(dir);
      }
    });
  }

  /**
   * Tells whether the file has no name any more, and learns its size: to be called before each append.
   *
   * In a run of appends it mostly reads where the last one ended instead. To ask for a file's times, as fstat does,
   * makes the next write twice as slow: Linux then gives it a time of its own (multigrain timestamps, from 6.13 on).
   *
   * @param {number} now
   */
  isRemoved(now) {
    if (now < this.#namedUntil && this.#isAsLeft()) {
      this.#size = this.#end;
      return false;
    }
    // Not queueMicrotask, which takes ten times as long in Node.
    if (this.#namedUntil === 0) RESOLVED.then(this.#forget);
    this.#namedUntil = now + RUN_CHECK_INTERVAL;
    const stat = fs.fstatSync(this.#fd);
    this.#size = stat.size;
    return stat.nlink === 0;
  }

  /** Tells whether the file ends where our own last write did: a read there gives its line end, and no more. */
  #isAsLeft() {
    return this.#end > 0 && fs.readSync(this.#fd, twoBytes, 0, 2, this.#end - 1) === 1 && twoBytes[0] === NEWLINE;
  }

  /**
   * @param {Uint8Array} lines with a line end before them
   * @returns {number} bytes written
   */
  append(lines) {
    const start = this.#endsInNewline() ? 1 : 0;
    const expected = lines.length - start;
    let written = 0;
    let cause;
    try {
      written = fs.writeSync(this.#fd, lines, start, expected);
    } catch (error) {
      cause = error;
    }
    if (written === expected) {
      this.#end = this.#size + written;
      return written;
    }
    // What was written is no line: the next append must look, and seal it.
    this.#end = -1;
    const why = cause instanceof Error ? cause.message : "the disk is full, or a limit was reached";
    throw new SkillLogError("WRITE_FAILED", `${this.#path}: ${written} of ${expected} bytes were written: ${why}`, {
      path: this.#path,
      written,
      expected,
      cause,
    });
  }

  #endsInNewline() {
    if (this.#size === this.#end || this.#size === 0) return true;
    try {
      return fs.readSync(this.#fd, twoBytes, 0, 1, this.#size - 1) === 1 && twoBytes[0] === NEWLINE;
    } catch (error) {
      throw ioError(this.#path, "read", error);
    }
  }

  sync() {
    return this.#syncs.next();
  }

  /** Closes the file when the syncs that go on have ended. */
  async close() {
    await this.#syncs.settled();
    fs.closeSync(this.#fd);
  }
}

/**
 * @param {string} path
 * @param {number} fd closed with the source
 * @returns {Source}
 */
function fileSource(path, fd) {
  const buffer = new Uint8Array(new ArrayBuffer(1 << 20));
  return {
    name: path,
    path,
    size: async () => fs.fstatSync(fd).size,
    async read(offset, length) {
      let filled = 0;
      // A read may give less than there is.
      while (filled < Math.min(length, buffer.length)) {
        const count = await new Promise((done, failed) => {
          fs.read(fd, buffer, filled, Math.min(length, buffer.length) - filled, offset + filled, (error, bytes) => {
            if (error) failed(ioError(path, "read", error));
            else done(bytes);
          });
        });
        if (count === 0) break;
        filled += count;
      }
      return buffer.subarray(0, filled);
    },
    close: async () => fs.closeSync(fd),
  };
}

/**
 * Opens any file that is named by its path.
 *
 * @param {string | URL} path
 * @returns {Promise<Source>}
 */
export async function openPath(path) {
  if (path instanceof URL && path.protocol !== "file:") throw invalidArgument("source", path.href, "a file: URL or a path");
  const name = path instanceof URL ? fileURLToPath(path) : path;
  try {
    const fd = fs.openSync(name, O_RDONLY | (fs.constants.O_NONBLOCK ?? 0));
    if (fs.fstatSync(fd).isFile()) return fileSource(name, fd);
    fs.closeSync(fd);
    throw notRegular(name);
  } catch (error) {
    if (hasCode(error, "ENOENT")) throw new SkillLogError("NOT_FOUND", `${name}: no such file`, { path: name, cause: error });
    throw ioError(name, "open", error);
  }
}

/** A log that is repaired in place, and the file that keeps what is overwritten. */
export class RepairableFile {
  #fd;
  #savedFd = -1;
  /** @type {OpenFile | null} */
  #saved = null;
  #unsynced = new Set();

  /**
   * @param {string} path
   * @param {string} savedPath
   * @param {number} fd of the log, not in append mode: writes go where they are told
   */
  constructor(path, savedPath, fd) {
    this.path = path;
    this.savedPath = savedPath;
    this.#fd = fd;
    this.source = fileSource(path, fd);
  }

  /**
   * Saves bytes of the log, as a line of JSON.
   *
   * @param {number} offset
   * @param {string} kind of the damage
   * @param {Uint8Array} bytes
   */
  save(offset, kind, bytes) {
    if (!this.#saved) {
      try {
        this.#savedFd = openToAppend(this.savedPath, { mode: 0o600, dirMode: 0o700 }, this.#unsynced);
        this.#saved = new OpenFile(this.savedPath, this.#savedFd, this.#unsynced);
      } catch (error) {
        throw ioError(this.savedPath, "open", error);
      }
    }
    this.#saved.isRemoved(performance.now());
    const base64 = Buffer.from(bytes).toString("base64");
    const line = JSON.stringify({ offset, length: bytes.length, kind, base64 });
    this.#saved.append(Buffer.from(`\n${line}\n`));
  }

  /** Syncs what was saved. Nothing may be overwritten before. */
  syncSaved() {
    if (!this.#saved) return;
    try {
      fs.fsyncSync(this.#savedFd);
      syncDirectory(dirname(this.savedPath));
    } catch (error) {
      throw ioError(this.savedPath, "sync", error);
    }
  }

  /**
   * Overwrites bytes with line ends.
   *
   * From the end, and a page at a time: a kill leaves the first bytes of what was there, never its last
   * ones, which might look like an entry.
   *
   * @param {number} offset
   * @param {number} length
   */
  blank(offset, length) {
    const page = 4096;
    const newlines = new Uint8Array(page).fill(NEWLINE);
    for (let end = offset + length; end > offset; ) {
      const start = Math.max(offset, Math.floor((end - 1) / page) * page);
      let written;
      try {
        written = fs.writeSync(this.#fd, newlines, 0, end - start, start);
      } catch (error) {
        throw ioError(this.path, "repair", error);
      }
      if (written !== end - start) throw new SkillLogError("IO_ERROR", `cannot repair ${this.path}: a short write`, { path: this.path });
      end = start;
    }
  }

  sync() {
    try {
      fs.fsyncSync(this.#fd);
    } catch (error) {
      throw ioError(this.path, "sync", error);
    }
  }

  /**
   * Replaces the file by a copy with line ends put in, under a new inode.
   *
   * @param {number[]} offsets where, in rising order
   */
  async insertNewlines(offsets) {
    const copyPath = `${this.path}.rewriting`;
    try {
      fs.rmSync(copyPath, { force: true });
      const { mode } = fs.fstatSync(this.#fd);
      const copy = openRegular(copyPath, O_WRONLY | O_CREAT | O_EXCL, mode & 0o777);
      try {
        fs.fchmodSync(copy, mode & 0o777);
        const ends = [...offsets, Number.MAX_SAFE_INTEGER];
        let at = 0;
        for (const end of ends) {
          while (at < end) {
            const chunk = await this.source.read(at, Math.min(end - at, 1 << 20));
            if (chunk.length === 0) break;
            writeAll(copy, chunk);
            at += chunk.length;
          }
          if (end !== Number.MAX_SAFE_INTEGER) writeAll(copy, Uint8Array.of(NEWLINE));
        }
        fs.fsyncSync(copy);
      } finally {
        fs.closeSync(copy);
      }
      fs.renameSync(copyPath, this.path);
      syncDirectory(dirname(this.path));
    } catch (error) {
      throw ioError(this.path, "rewrite", error);
    }
  }

  async close() {
    await this.#saved?.close();
    await this.source.close();
  }
}

/**
 * @param {number} fd
 * @param {Uint8Array} bytes
 */
function writeAll(fd, bytes) {
  for (let at = 0; at < bytes.length; ) at += fs.writeSync(fd, bytes, at, bytes.length - at);
}

/**
 * Lists the logs in a directory, those whose names no session id can spell included.
 *
 * @param {string} dir
 * @returns {Promise<SessionInfo[]>} newest first
 */
export async function listLogs(dir) {
  let names;
  try {
    names = fs.readdirSync(Buffer.from(dir), "buffer");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return [];
    throw ioError(dir, "list", error);
  }
  /** @type {SessionInfo[]} */
  const logs = [];
  for (const bytes of names) {
    const name = bytes.toString();
    if (!name.endsWith(SUFFIX)) continue;
    const path = Buffer.concat([Buffer.from(join(dir, "/")), bytes]);
    const stat = fs.lstatSync(path, { throwIfNoEntry: false });
    if (!stat) continue;
    const id = name.slice(0, -SUFFIX.length);
    const fault = Buffer.from(name).equals(bytes) ? sessionIdFault(id) : "is not UTF-8";
    const unsafe = fault ? `the id ${describe(id)} ${fault}` : stat.isFile() ? undefined : "not a regular file, or a symbolic link";
    logs.push({ id, bytes: stat.size, modified: stat.mtime, ...(unsafe !== undefined && { unsafe }) });
  }
  return logs.sort((a, b) => b.modified.getTime() - a.modified.getTime() || (a.id < b.id ? -1 : 1));
}

/**
 * Removes a log, and what was saved from its damage.
 *
 * @param {string} dir
 * @param {string} sessionId a checked one
 * @returns {Promise<boolean>} whether there was a log
 */
export async function removeLog(dir, sessionId) {
  const path = join(dir, sessionId + SUFFIX);
  try {
    const stat = fs.lstatSync(path, { throwIfNoEntry: false });
    if (stat && !stat.isFile()) throw notRegular(path);
    // First, and in any case: after a kill in between, the next call finds what is left.
    fs.rmSync(join(dir, `${sessionId}.damaged`), { force: true });
    fs.rmSync(path, { force: true });
    return stat !== undefined;
  } catch (error) {
    throw ioError(path, "remove", error);
  }
}
