// Opens regular files safely, creates them and their directories with given modes, and syncs them.

import fs from "node:fs";
import { dirname } from "node:path";

import { fileError, hasCode, notRegular } from "./errors.js";

const { O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_RDWR } = fs.constants;
// Windows lacks both flags.
const O_SAFE = (fs.constants.O_NOFOLLOW ?? 0) | (fs.constants.O_NONBLOCK ?? 0);

/**
 * @typedef {{ mode: number, dirMode: number }} Modes permission bits of new files and directories
 */

/**
 * Closes a file that was only read, or that was synced. An error of the close says nothing about
 * its bytes, and the system has closed the file all the same.
 *
 * @param {number} fd
 */
export function closeRead(fd) {
  try {
    fs.closeSync(fd);
  } catch {
    // See above.
  }
}

/**
 * Uses a file that was just opened, and closes it if that fails.
 *
 * @template T
 * @param {number} fd
 * @param {(fd: number) => T} use
 * @returns {T}
 */
export function orClose(fd, use) {
  try {
    return use(fd);
  } catch (error) {
    closeRead(fd);
    throw error;
  }
}

/**
 * Looks at an open file.
 *
 * @param {string} path
 * @param {number} fd
 * @throws {SkillLogError} `IO_ERROR`
 */
export function statOf(path, fd) {
  try {
    return fs.fstatSync(fd);
  } catch (error) {
    throw fileError(path, "look at", error);
  }
}

/**
 * Looks at an open file as `statOf`, with times in nanoseconds.
 *
 * @param {string} path
 * @param {number} fd
 */
export function statExactly(path, fd) {
  try {
    return fs.fstatSync(fd, { bigint: true });
  } catch (error) {
    throw fileError(path, "look at", error);
  }
}

/**
 * Opens a regular file, never through a symbolic link.
 *
 * @param {string | Buffer} path
 * @param {number} flags
 * @param {number} [mode]
 */
export function openRegular(path, flags, mode) {
  return orClose(fs.openSync(path, flags | O_SAFE, mode), (fd) => {
    if (fs.fstatSync(fd).isFile()) return fd;
    throw notRegular(path.toString());
  });
}

/**
 * Opens a regular file to read it, as `openRegular`. Also returns its stamp, because one look at the
 * file is enough for both.
 *
 * @param {string | Buffer} path
 */
export function openStamped(path) {
  return orClose(fs.openSync(path, O_RDONLY | O_SAFE), (fd) => {
    const stat = fs.fstatSync(fd, { bigint: true });
    if (stat.isFile()) return { fd, stamp: stampOf(stat) };
    throw notRegular(path.toString());
  });
}

/**
 * Sets the mode of a new file exactly, because the umask may have removed bits.
 *
 * @param {number} fd
 * @param {number} mode
 */
export function setMode(fd, mode) {
  const made = fs.fstatSync(fd).mode & 0o7777;
  if (made === mode) return;
  try {
    fs.fchmodSync(fd, mode);
  } catch (error) {
    // Node's permission model refuses fchmod, and chmod by path might change another file. A file
    // that is too private is left so. Windows has no such modes.
    const isLooser = (made & ~mode) !== 0 && process.platform !== "win32";
    if (isLooser || !hasCode(error, "ERR_ACCESS_DENIED")) throw error;
  }
}

/**
 * Opens a file to append to it. Creates the file and its directories if they are missing.
 *
 * @param {string} path
 * @param {Modes} modes
 * @param {Set<string>} unsynced receives the directories that have new entries
 */
export function openToAppend(path, { mode, dirMode }, unsynced) {
  for (let left = 10; ; left -= 1) {
    try {
      return openRegular(path, O_RDWR | O_APPEND);
    } catch (error) {
      if (!hasCode(error, "ENOENT")) throw error;
    }
    makeDirectories(dirname(path), dirMode, unsynced);
    let fd;
    try {
      fd = openRegular(path, O_RDWR | O_APPEND | O_CREAT | O_EXCL, mode);
    } catch (error) {
      // Another process created the file or removed the directory. Try again, up to ten times.
      if ((!hasCode(error, "EEXIST") && !hasCode(error, "ENOENT")) || left === 0) throw error;
      continue;
    }
    // If this fails the file stays, because others may have appended to it already.
    orClose(fd, () => setMode(fd, mode));
    return fd;
  }
}

/**
 * Creates a directory and its missing parents, each with exactly the given mode.
 *
 * @param {string} dir
 * @param {number} mode
 * @param {Set<string>} unsynced
 */
export function makeDirectories(dir, mode, unsynced) {
  const missing = [];
  for (
    let each = dir;
    !makeDirectory(each, mode, unsynced) && each !== dirname(each);
    each = dirname(each)
  )
    missing.push(each);
  for (const each of missing.reverse()) makeDirectory(each, mode, unsynced);
}

/**
 * Creates a directory if it is missing. Does not look at its parent, because that may be forbidden.
 *
 * @param {string} dir
 * @param {number} mode
 * @param {Set<string>} unsynced
 * @returns {boolean} false when its parent is missing
 */
function makeDirectory(dir, mode, unsynced) {
  try {
    fs.mkdirSync(dir, { mode });
  } catch (error) {
    if (hasCode(error, "ENOENT")) return false;
    // Creating may be forbidden although the directory exists.
    if (hasCode(error, "EEXIST") || fs.existsSync(dir)) return true;
    throw error;
  }
  fs.chmodSync(dir, mode);
  unsynced.add(dirname(dir));
  return true;
}

/** @param {string} dir */
export function syncDirectory(dir) {
  syncOpened(fs.openSync(dir, O_RDONLY));
}

/**
 * Syncs a directory, and closes it.
 *
 * @param {number} fd
 */
function syncOpened(fd) {
  try {
    fs.fsyncSync(fd);
  } catch (error) {
    // Windows cannot sync a directory. It keeps directory entries in a journal.
    if (!hasCode(error, "EPERM") && !hasCode(error, "EISDIR")) throw error;
  } finally {
    closeRead(fd);
  }
}

/**
 * The directories whose names, and those of the directories above, this process has synced: their
 * identities and paths, because one may be moved below another.
 */
const rooted = new Set();

/** The most of them that are remembered. A process may make a directory for each run. */
const MOST_ROOTED = 1000;

/**
 * Syncs the directories above a directory, once in a process, because another process may just have
 * made them. Ends where another file system starts, and at a directory that may not be read.
 *
 * @param {string} dir
 */
export function syncAbove(dir) {
  const passed = [];
  for (let each = realDirectory(dir); each && !rooted.has(each.key); ) {
    passed.push(each.key);
    const above = mayLook(dirname(each.path)) ? realDirectory(dirname(each.path)) : null;
    if (!above || above.path === each.path || above.device !== each.device) break;
    const fd = unlessForbidden(() => fs.openSync(above.path, O_RDONLY));
    if (fd === null) break;
    syncOpened(fd);
    each = above;
  }
  if (rooted.size + passed.length > MOST_ROOTED) rooted.clear();
  for (const key of passed) rooted.add(key);
}

/**
 * @param {string} dir
 * @returns {{ path: string, device: bigint, key: string } | null} null when it may not be looked at
 */
function realDirectory(dir) {
  return unlessForbidden(() => {
    const path = fs.realpathSync(dir);
    const stat = fs.statSync(path, { bigint: true });
    return { path, device: stat.dev, key: `${identity(stat)} ${path}` };
  });
}

/**
 * Tells whether a directory can be looked at without a question to Deno's user.
 *
 * @param {string} path
 */
function mayLook(path) {
  const { Deno } = /** @type {any} */ (globalThis);
  return Deno?.permissions?.querySync({ name: "read", path }).state !== "prompt";
}

/** What the system says of a directory that this process may not see, or that is gone. */
const FORBIDDEN = ["EACCES", "EPERM", "ERR_ACCESS_DENIED", "ENOENT"];

/**
 * @template T
 * @param {() => T} look
 * @returns {T | null} null when the directory may not be seen
 */
function unlessForbidden(look) {
  try {
    return look();
  } catch (error) {
    if (FORBIDDEN.some((code) => hasCode(error, code))) return null;
    throw error;
  }
}

/**
 * Returns what identifies a file. An inode number alone is reused after a delete.
 *
 * @param {fs.BigIntStats} stat
 */
export function identity({ dev, ino, birthtimeNs }) {
  return `${dev}:${ino}:${birthtimeNs}`;
}

/**
 * Returns the stamp of a file: see `ScannedLog.stamp`.
 *
 * @param {fs.BigIntStats} stat
 * @returns {bigint[]}
 */
export function stampOf({ dev, ino, birthtimeNs, size, mtimeNs, ctimeNs }) {
  return [dev, ino, birthtimeNs, size, mtimeNs, ctimeNs];
}
