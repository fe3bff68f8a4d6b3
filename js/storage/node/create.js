// A file that appears at its path in one step, with all its bytes.

import fs from "node:fs";
import { dirname } from "node:path";

import { SkillLogError } from "../../errors.js";
import { GivenChunks, logExists } from "../new-log.js";
import { fileError, hasCode, reasonOf } from "./errors.js";
import { makeDirectories, openRegular, setMode, syncAbove, syncDirectory } from "./regular-file.js";

/** @import { Sync } from "../../types.js" */
/** @import { Modes } from "./regular-file.js" */

const { O_CREAT, O_EXCL, O_WRONLY } = fs.constants;

/** What a file system says that has no hard links. */
const NO_LINKS = ["EPERM", "ENOSYS", "ENOTSUP", "EOPNOTSUPP", "EMLINK"];

/**
 * Makes a file. It is written under another name first, which stays if this process is killed.
 *
 * @param {string} path
 * @param {AsyncIterable<Uint8Array>} chunks
 * @param {Modes & { sync: Sync }} options
 * @param {Set<string>} unsynced receives the directories that have new entries; empty after a sync
 * @returns {Promise<number>} its bytes
 * @throws {SkillLogError} `EXISTS` when there is something at the path; `SYNC_FAILED` when the file
 *   was made, and may not survive a loss of power
 */
export async function createFile(path, chunks, { sync, mode, dirMode }, unsynced) {
  const copyPath = `${path}.${randomHex()}.copying`;
  let isCopied = false;
  const given = new GivenChunks(chunks);
  let bytes = 0;
  try {
    makeDirectories(dirname(path), dirMode, unsynced);
    const copy = openRegular(copyPath, O_WRONLY | O_CREAT | O_EXCL, mode);
    isCopied = true;
    try {
      setMode(copy, mode);
      for await (const chunk of given) {
        writeAll(copy, chunk);
        bytes += chunk.length;
      }
      if (sync) fs.fsyncSync(copy);
    } finally {
      fs.closeSync(copy);
    }
    nameOnce(copyPath, path);
    isCopied = false;
  } catch (error) {
    if (isCopied) unlinkIfPossible(copyPath);
    throw given.threw(error) ? error : fileError(path, "create", error);
  }
  if (sync) syncNames(path, unsynced);
  return bytes;
}

/** Returns 12 random digits. To import `node:crypto` takes Node longer than to start the wasm. */
function randomHex() {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(6))).toString("hex");
}

/**
 * Syncs the directories of a new file.
 *
 * @param {string} path
 * @param {Set<string>} unsynced
 */
function syncNames(path, unsynced) {
  try {
    for (const dir of unsynced) {
      syncDirectory(dir);
      unsynced.delete(dir);
    }
    syncAbove(dirname(path));
  } catch (cause) {
    const message = `${path} was made, and may not be on the disk: ${reasonOf(cause)}`;
    throw new SkillLogError("SYNC_FAILED", message, { path, cause });
  }
}

/**
 * Gives a file the name that it shall have, unless something has this name.
 *
 * @param {string} from
 * @param {string} to
 */
function nameOnce(from, to) {
  try {
    fs.linkSync(from, to);
  } catch (error) {
    if (hasCode(error, "EEXIST")) throw logExists(to);
    if (!NO_LINKS.some((code) => hasCode(error, code))) throw error;
    // A log that appears between these two calls would be replaced. Such file systems, as FAT and
    // some of FUSE, are for one writer at a time.
    if (fs.lstatSync(to, { throwIfNoEntry: false })) throw logExists(to);
    fs.renameSync(from, to);
    return;
  }
  unlinkIfPossible(from);
}

/**
 * Takes a name away that nobody needs. What fails leaves it, as a kill does.
 *
 * @param {string} path
 */
function unlinkIfPossible(path) {
  try {
    fs.unlinkSync(path);
  } catch {
    // Whether the file was made does not depend on this.
  }
}

/**
 * @param {number} fd
 * @param {Uint8Array} bytes
 */
function writeAll(fd, bytes) {
  for (let at = 0; at < bytes.length; ) at += fs.writeSync(fd, bytes, at, bytes.length - at);
}
