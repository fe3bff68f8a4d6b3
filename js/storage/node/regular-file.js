// Regular files and their directories: opened safely, made with the modes that are asked for, and synced.

import fs from "node:fs";
import { dirname } from "node:path";

import { hasCode, notRegular } from "./errors.js";

const { O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_RDWR } = fs.constants;
// Absent on Windows, which has neither such links nor such pipes.
const O_SAFE = (fs.constants.O_NOFOLLOW ?? 0) | (fs.constants.O_NONBLOCK ?? 0);

/** @typedef {{ mode: number, dirMode: number }} Modes permission bits of what is made */

/**
 * Opens a regular file, never through a symbolic link.
 *
 * @param {string} path
 * @param {number} flags
 * @param {number} [mode]
 */
export function openRegular(path, flags, mode) {
  const fd = fs.openSync(path, flags | O_SAFE, mode);
  if (fs.fstatSync(fd).isFile()) return fd;
  fs.closeSync(fd);
  throw notRegular(path);
}

/**
 * Gives a file that was made with a mode just that mode, whatever the umask took of it.
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
    // Node's permission model knows no fchmod, and by its path another file might be changed. A file that is more private than
    // it was to be is left so. On Windows there are no such modes.
    const isLooser = (made & ~mode) !== 0 && process.platform !== "win32";
    if (isLooser || !hasCode(error, "ERR_ACCESS_DENIED")) throw error;
  }
}

/**
 * Opens a file to append to, and makes it and its directories where they are missing.
 *
 * @param {string} path
 * @param {Modes} modes
 * @param {Set<string>} unsynced gets the directories whose entries are new
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
      // Another process made it, or removed the directory: begin again, within reason.
      if ((!hasCode(error, "EEXIST") && !hasCode(error, "ENOENT")) || left === 0) throw error;
      continue;
    }
    try {
      setMode(fd, mode);
      return fd;
    } catch (error) {
      // The file stays: others may have appended to it already.
      fs.closeSync(fd);
      throw error;
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
  for (
    let each = dir;
    !makeDirectory(each, mode, unsynced) && each !== dirname(each);
    each = dirname(each)
  )
    missing.push(each);
  for (const each of missing.reverse()) makeDirectory(each, mode, unsynced);
}

/**
 * Makes a directory where it is missing. Looks at nothing above it: the program may not be allowed to.
 *
 * @param {string} dir
 * @param {number} mode
 * @param {Set<string>} unsynced
 * @returns {boolean} false where the one above it is missing
 */
function makeDirectory(dir, mode, unsynced) {
  try {
    fs.mkdirSync(dir, { mode });
  } catch (error) {
    if (hasCode(error, "ENOENT")) return false;
    // Where it must not be made, it may be there all the same.
    if (hasCode(error, "EEXIST") || fs.existsSync(dir)) return true;
    throw error;
  }
  fs.chmodSync(dir, mode);
  unsynced.add(dirname(dir));
  return true;
}

/** @param {string} dir */
export function syncDirectory(dir) {
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
export function identity({ dev, ino, birthtimeNs }) {
  return `${dev}:${ino}:${birthtimeNs}`;
}
