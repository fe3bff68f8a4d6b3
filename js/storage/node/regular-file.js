// Regular files and their directories: opened safely, made with the modes that are asked for, and synced.

import fs from "node:fs";
import { dirname } from "node:path";

import { isError } from "../../builtins.js";
import { SkillLogError } from "../../errors.js";

const { O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_RDWR } = fs.constants;
// Absent on Windows, which has neither such links nor such pipes.
const O_SAFE = (fs.constants.O_NOFOLLOW ?? 0) | (fs.constants.O_NONBLOCK ?? 0);

/** @typedef {{ mode: number, dirMode: number }} Modes permission bits of what is made */

/**
 * @param {string} path
 * @param {string} doing
 * @param {unknown} cause
 */
export function ioError(path, doing, cause) {
  if (cause instanceof SkillLogError) return cause;
  const code = isError(cause) ? cause.code : "";
  if (code === "ELOOP" || code === "EMLINK" || code === "EISDIR" || code === "ENXIO")
    return notRegular(path, cause);
  return new SkillLogError("IO_ERROR", `cannot ${doing} ${path}: ${reasonOf(cause)}`, {
    path,
    cause,
  });
}

/**
 * Says what the system says, but for the call and the path.
 *
 * @param {unknown} cause
 */
export function reasonOf(cause) {
  return isError(cause) ? cause.message.replace(/, \w+(?: '.*)?$/s, "") : String(cause);
}

/**
 * @param {string} path
 * @param {unknown} [cause]
 */
export function notRegular(path, cause) {
  return new SkillLogError(
    "NOT_A_REGULAR_FILE",
    `${path}: not a regular file, or a symbolic link`,
    { path, cause },
  );
}

/**
 * Says what stands where a file should.
 *
 * @param {string} path
 * @param {fs.Stats} stat its own, not that of what it links to
 * @param {string} consequence what comes of it
 */
export function inTheWay(path, stat, consequence) {
  const kinds = {
    Directory: "a directory",
    SymbolicLink: "a symbolic link",
    FIFO: "a named pipe",
    Socket: "a socket",
  };
  const kind =
    Object.entries(kinds).find(([name]) => /** @type {any} */ (stat)[`is${name}`]())?.[1] ??
    "a device";
  return new SkillLogError(
    "NOT_A_REGULAR_FILE",
    `${path}: ${kind} is in the way, and no regular file: ${consequence}`,
    { path },
  );
}

/**
 * @param {unknown} error
 * @param {string} code
 */
export function hasCode(error, code) {
  return isError(error) && error.code === code;
}

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
