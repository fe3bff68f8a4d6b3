// Checks of the paths that a repair writes to: the file `.damaged` and the rewritten copy of a log.

import fs from "node:fs";
import { dirname } from "node:path";

import { SkillLogError } from "../../errors.js";
import { hasCode, inTheWay, reasonOf } from "./errors.js";
import { identity, openToAppend, orClose, setMode } from "./regular-file.js";

/** The mode of `.damaged`. Only the user may read it, because damaged bytes may be secrets. */
const SAVED_MODE = 0o600;

/**
 * @typedef {{ path: string, fd: number, directory: string }} RepairedLog `directory` identifies the
 *   directory that the log was opened in
 */

/**
 * Returns what identifies the directory of a path.
 *
 * @param {string} path
 * @returns {string} empty when the directory is missing or must not be looked at
 */
export function directoryOf(path) {
  try {
    return identity(fs.statSync(dirname(path), { bigint: true }));
  } catch {
    return "";
  }
}

/**
 * Opens the file that damaged bytes are saved to. Makes it private if others may read it.
 *
 * @param {string} path
 * @param {RepairedLog} log may be renamed meanwhile, as log rotation does; damage is saved in its
 *   directory all the same
 * @param {Set<string>} unsynced receives the directories that have new entries
 * @returns {number} a file descriptor, in append mode
 * @throws {SkillLogError} `REPLACED` when the path leads to another directory; `IO_ERROR` when
 *   another user owns the file
 */
export function openToSave(path, log, unsynced) {
  if (directoryOf(log.path) !== log.directory)
    throw replaced(log.path, "is in another directory than when its repair began");
  const fd = openToAppend(path, { mode: SAVED_MODE, dirMode: 0o700 }, unsynced);
  orClose(fd, () => makePrivate(path, fd, fs.fstatSync(log.fd).uid));
  return fd;
}

/**
 * Tells whether this process acts for a user. Windows has no such numbers.
 *
 * @param {number} uid
 */
function isOwn(uid) {
  try {
    return process.geteuid === undefined || process.geteuid() === uid;
  } catch {
    // Deno throws without permission.
    return false;
  }
}

/**
 * @param {string} path
 * @param {number} fd
 * @param {number} logOwner may read the log's secrets anyway
 */
function makePrivate(path, fd, logOwner) {
  const { mode, uid } = fs.fstatSync(fd);
  const refused = (/** @type {string} */ why, /** @type {unknown} */ cause = undefined) =>
    new SkillLogError(
      "IO_ERROR",
      `${path}: ${why}: move it away, because damaged bytes, which may be secrets, are saved there; nothing was changed`,
      { path, cause },
    );
  if (uid !== logOwner && !isOwn(uid)) throw refused(`it belongs to another user (${uid})`);
  try {
    setMode(fd, mode & SAVED_MODE);
  } catch (cause) {
    throw refused(
      `others may read it (mode 0${(mode & 0o777).toString(8)}), and it cannot be made private (${reasonOf(cause)})`,
      cause,
    );
  }
}

/**
 * Throws unless the path still leads to the log.
 *
 * @param {RepairedLog} log
 */
function checkSameFile({ path, fd }) {
  const there = fs.lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (there && identity(there) === identity(fs.fstatSync(fd, { bigint: true }))) return;
  throw replaced(
    path,
    there ? "was replaced since its repair began" : "is gone since its repair began",
  );
}

/**
 * @param {string} path
 * @param {string} what
 */
function replaced(path, what) {
  return new SkillLogError(
    "REPLACED",
    `${path} ${what}: the file there now was not changed; repair it again`,
    { path },
  );
}

/**
 * Throws when the path for damaged bytes has something else than a file.
 *
 * @param {string} path
 * @throws {SkillLogError} `NOT_A_REGULAR_FILE`
 */
export function checkSavedPath(path) {
  const stat = fs.lstatSync(path, { throwIfNoEntry: false });
  if (stat && !stat.isFile())
    throw inTheWay(
      path,
      stat,
      "repair saves damaged bytes there; nothing was changed; move it away first",
    );
}

/**
 * Throws when a rewritten copy must not replace the log: the log has several names, or was itself
 * replaced.
 *
 * @param {RepairedLog} log
 * @param {string} copyPath
 * @throws {SkillLogError} `HARD_LINKED`, `REPLACED`, `NOT_A_REGULAR_FILE`
 */
export function checkRewrite(log, copyPath) {
  const { path, fd } = log;
  checkSameFile(log);
  const { nlink } = fs.fstatSync(fd);
  if (nlink > 1) {
    const others = nlink === 2 ? "the other name" : `the ${nlink - 1} other names`;
    const message =
      `${path} has ${nlink} names (hard links), and was not rewritten, because the old file would stay under ${others}. ` +
      "Remove the other names (find DIRECTORY -samefile LOG finds them), or repair it without exclusive";
    throw new SkillLogError("HARD_LINKED", message, { path, links: nlink });
  }
  const stat = fs.lstatSync(copyPath, { throwIfNoEntry: false });
  if (stat && !stat.isFile())
    throw inTheWay(
      copyPath,
      stat,
      "repair rewrites the log there; the log was not rewritten; move it away first",
    );
}

/**
 * Removes the copy that a rewrite made, or that a killed rewrite left.
 *
 * @param {string} copyPath
 */
export function removeCopy(copyPath) {
  try {
    fs.unlinkSync(copyPath);
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
  }
}
