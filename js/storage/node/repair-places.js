// What a repair writes beside a log: what may stand there already is looked at first.

import fs from "node:fs";

import { SkillLogError } from "../../errors.js";
import { hasCode, identity, inTheWay, openToAppend, reasonOf, setMode } from "./regular-file.js";

/** What a user may do with the file that damaged bytes are saved to: they may be secrets. */
const SAVED_MODE = 0o600;

/**
 * Opens the file that damaged bytes are saved to, and makes it private where others may read it.
 *
 * @param {string} path
 * @param {{ path: string, fd: number }} log
 * @param {Set<string>} unsynced gets the directories whose entries are new
 * @returns {number} a file descriptor, in append mode
 * @throws {SkillLogError} `REPLACED` where the log is no longer beside it; `IO_ERROR` where the file is another user's
 */
export function openToSave(path, log, unsynced) {
  checkPlace(log);
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
 * @param {string} path
 * @param {number} fd
 * @param {number} logOwner who may read the log's secrets in any case
 */
function makePrivate(path, fd, logOwner) {
  const { mode, uid } = fs.fstatSync(fd);
  const user = process.geteuid?.();
  const refused = (/** @type {string} */ why, /** @type {unknown} */ cause = undefined) =>
    new SkillLogError("IO_ERROR", `${path}: ${why}: move it away, for damaged bytes, which may be secrets, are saved there; nothing was changed`, { path, cause });
  if (user !== undefined && uid !== user && uid !== logOwner) throw refused(`it belongs to another user (${uid})`);
  try {
    setMode(fd, mode & SAVED_MODE);
  } catch (cause) {
    throw refused(`others may read it (mode 0${(mode & 0o777).toString(8)}), and it cannot be made private (${reasonOf(cause)})`, cause);
  }
}

/**
 * Refuses to go on with a log that its path no longer leads to: what is saved beside the path would not be beside the log.
 *
 * @param {{ path: string, fd: number }} log
 */
function checkPlace({ path, fd }) {
  const there = fs.lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (there && identity(there) === identity(fs.fstatSync(fd, { bigint: true }))) return;
  const what = there ? "is another file" : "is gone";
  throw new SkillLogError("REPLACED", `${path} ${what} since its repair began: what is there now was not touched; repair it again`, { path });
}

/**
 * Refuses to save damaged bytes where what stands is no file.
 *
 * @param {string} path
 * @throws {SkillLogError} `NOT_A_REGULAR_FILE`
 */
export function checkSaved(path) {
  const stat = fs.lstatSync(path, { throwIfNoEntry: false });
  if (stat && !stat.isFile()) throw inTheWay(path, stat, "damaged bytes are saved there before they are overwritten; none were; move it away first");
}

/**
 * Refuses to replace a log by a rewritten copy where that would part it from its other names, or from what took its place.
 *
 * @param {{ path: string, fd: number }} log
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
  if (stat && !stat.isFile()) throw inTheWay(copyPath, stat, "the log is written anew there, and was not; move it away first");
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
