// What a repair writes beside a log: what may stand there already is looked at first.

import fs from "node:fs";
import { dirname } from "node:path";

import { SkillLogError } from "../../errors.js";
import { hasCode, identity, inTheWay, openToAppend, reasonOf, setMode } from "./regular-file.js";

/** What a user may do with the file that damaged bytes are saved to: they may be secrets. */
const SAVED_MODE = 0o600;

/** @typedef {{ path: string, fd: number, directory: string }} RepairedLog `directory` tells the one that it was opened in */

/**
 * Tells a path's directory from others.
 *
 * @param {string} path
 * @returns {string} empty where it cannot be told: there is none, or the program may not look at it
 */
export function directoryOf(path) {
  try {
    return identity(fs.statSync(dirname(path), { bigint: true }));
  } catch {
    return "";
  }
}

/**
 * Opens the file that damaged bytes are saved to, and makes it private where others may read it.
 *
 * @param {string} path
 * @param {RepairedLog} log may be renamed meanwhile, as logs are that are rotated: what is saved stays in its directory
 * @param {Set<string>} unsynced gets the directories whose entries are new
 * @returns {number} a file descriptor, in append mode
 * @throws {SkillLogError} `REPLACED` where the path leads to another directory; `IO_ERROR` where the file is another user's
 */
export function openToSave(path, log, unsynced) {
  if (directoryOf(log.path) !== log.directory)
    throw replaced(log.path, "is in another directory than when its repair began");
  const fd = openToAppend(path, { mode: SAVED_MODE, dirMode: 0o700 }, unsynced);
  try {
    makePrivate(path, fd, fs.fstatSync(log.fd).uid);
    return fd;
  } catch (error) {
    fs.closeSync(fd);
    throw error;
  }
}

/**
 * Tells whether a user is the one that this process acts for. Windows knows no such numbers.
 *
 * @param {number} uid
 */
function isOwn(uid) {
  try {
    return process.geteuid === undefined || process.geteuid() === uid;
  } catch {
    // Deno does not tell without a right to ask.
    return false;
  }
}

/**
 * @param {string} path
 * @param {number} fd
 * @param {number} logOwner who may read the log's secrets in any case
 */
function makePrivate(path, fd, logOwner) {
  const { mode, uid } = fs.fstatSync(fd);
  const refused = (/** @type {string} */ why, /** @type {unknown} */ cause = undefined) =>
    new SkillLogError(
      "IO_ERROR",
      `${path}: ${why}: move it away, for damaged bytes, which may be secrets, are saved there; nothing was changed`,
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
 * Refuses to replace what is not the log.
 *
 * @param {RepairedLog} log
 */
function checkPlace({ path, fd }) {
  const there = fs.lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (there && identity(there) === identity(fs.fstatSync(fd, { bigint: true }))) return;
  throw replaced(
    path,
    there ? "is another file than when its repair began" : "is gone since its repair began",
  );
}

/**
 * @param {string} path
 * @param {string} what
 */
function replaced(path, what) {
  return new SkillLogError(
    "REPLACED",
    `${path} ${what}: what is there now was not touched; repair it again`,
    { path },
  );
}

/**
 * Refuses to save damaged bytes where what stands is no file.
 *
 * @param {string} path
 * @throws {SkillLogError} `NOT_A_REGULAR_FILE`
 */
export function checkSaved(path) {
  const stat = fs.lstatSync(path, { throwIfNoEntry: false });
  if (stat && !stat.isFile())
    throw inTheWay(
      path,
      stat,
      "damaged bytes are saved there before they are overwritten; none were; move it away first",
    );
}

/**
 * Refuses to replace a log by a rewritten copy where that would part it from its other names, or from what took its place.
 *
 * @param {RepairedLog} log
 * @param {string} copyPath
 * @throws {SkillLogError} `HARD_LINKED`, `REPLACED`, `NOT_A_REGULAR_FILE`
 */
export function checkRewrite(log, copyPath) {
  const { path, fd } = log;
  checkPlace(log);
  const { nlink } = fs.fstatSync(fd);
  if (nlink > 1) {
    const others = nlink === 2 ? "the other one" : `the ${nlink - 1} others`;
    const message =
      `${path} has ${nlink} names (hard links), and was not written anew: that would leave the old file to ${others}. ` +
      "Remove the other names (find DIRECTORY -samefile LOG finds them), or repair it without exclusive";
    throw new SkillLogError("HARD_LINKED", message, { path, links: nlink });
  }
  const stat = fs.lstatSync(copyPath, { throwIfNoEntry: false });
  if (stat && !stat.isFile())
    throw inTheWay(
      copyPath,
      stat,
      "the log is written anew there, and was not; move it away first",
    );
}

/**
 * Removes the copy that a rewrite made, or that an interrupted one left.
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
