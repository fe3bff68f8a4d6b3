// Turns archives into logs again, so that at each moment a reader finds every entry once. FORMAT.md,
// "Archives", has the steps.

import fs from "node:fs";

import { openOutput, writeAll } from "../exporting/output-file.js";
import { Failure } from "../failures.js";
import { Archive, compareText, giveTo, writeAsOnePart } from "./archive-file.js";
import { isSameFile, openRegular, statAt, syncDirectory } from "./regular-file.js";
import { SessionArchiver } from "./session-archiver.js";

/** @import { OnBytes } from "./archive-file.js" */
/** @import { Lock } from "./directory-lock.js" */
/** @import { SessionFiles } from "./session-files.js" */
/** @import { Codec } from "./zstd-codec.js" */

/** How often it is tried again when a writer makes a log meanwhile. */
const MOST_ROUNDS = 5;

/** What a file system says that has no hard links. */
const NO_LINKS = ["EPERM", "ENOSYS", "ENOTSUP", "EOPNOTSUPP", "EMLINK"];

/**
 * Turns the archive of a session into its log. A log that was made since is archived first, so that
 * there is one text.
 *
 * @param {SessionFiles} files
 * @param {{ lock: Lock, codec: Codec, onBytes: OnBytes }} options
 * @returns {Promise<number>} the bytes of the log
 */
export async function unarchive(files, { lock, codec, onBytes }) {
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    files.removeIncomplete();
    // In a later round, a writer has made a log, and what has no archive yet gets one.
    if (files.lookAtArchive() || round > 0) {
      await archiveAll(files, new SessionArchiver(lock, codec, onBytes));
      await decompress(files, { lock, codec, onBytes });
    } else if (!files.asides.has(0) || files.asides.size > 1) {
      throw new Failure(`${files.log}: is not archived`);
    }
    lock.check(files.dir);
    if (nameAsLog(files)) return files.lookAtLog()?.size ?? 0;
  }
  throw new Failure(
    `${files.log} was made anew each time: a program appends to the session. Run the command again when the program has ended. All entries can be read`,
  );
}

/**
 * @param {SessionFiles} files
 * @param {SessionArchiver} archiver
 */
async function archiveAll(files, archiver) {
  for (let round = 0; round < MOST_ROUNDS && (await archiver.compress(files)); round += 1)
    await archiver.settle(true, (_, error) => {
      throw error;
    });
}

/**
 * Writes the text of an archive to the file that `nameAsLog` names, and removes the archive.
 *
 * @param {SessionFiles} files
 * @param {{ lock: Lock, codec: Codec, onBytes: OnBytes }} options
 */
async function decompress(files, { lock, codec, onBytes }) {
  const { archive: path, newArchive, newLog, dir } = files;
  const archive = new Archive(path, codec);
  try {
    const owner = fs.fstatSync(archive.fd);
    await writeText(newLog, archive, owner, onBytes);
    const isAgain = archive.table.parts > 1;
    if (isAgain) writeAsOnePart(newArchive, archive);
    const fd = openRegular(newLog);
    try {
      const text = { path: newLog, fd, size: archive.table.textBytes };
      await compareText(new Archive(isAgain ? newArchive : path, codec), text, onBytes);
    } finally {
      fs.closeSync(fd);
    }
    lock.check(dir);
    if (isAgain) {
      fs.renameSync(newArchive, path);
      syncDirectory(dir);
    }
    fs.utimesSync(newLog, owner.mtime, owner.mtime);
    fs.renameSync(newLog, files.aside(0));
    files.asides.add(0);
    syncDirectory(dir);
    fs.unlinkSync(path);
    syncDirectory(dir);
  } catch (error) {
    files.removeIncomplete();
    throw error;
  } finally {
    archive.close();
  }
}

/**
 * @param {string} path
 * @param {Archive} archive
 * @param {fs.Stats} owner
 * @param {OnBytes} onBytes
 */
async function writeText(path, archive, owner, onBytes) {
  const fd = openOutput(path, "ax");
  try {
    giveTo(path, fd, owner);
    for (const text of archive.text()) {
      writeAll(fd, text);
      await onBytes(text.length);
    }
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

/**
 * Gives the text the name of the log, unless a writer has made a log.
 *
 * @param {SessionFiles} files
 * @returns {boolean} whether it has the name
 */
function nameAsLog(files) {
  const { log, dir, asides } = files;
  const from = files.aside(0);
  if (!files.lookAtLog()) {
    try {
      fs.linkSync(from, log);
    } catch (error) {
      const { code = "" } = /** @type {NodeJS.ErrnoException} */ (error);
      if (code === "EEXIST") return false;
      if (!NO_LINKS.includes(code)) throw error;
      // Such file systems, as FAT, are for one writer at a time: nobody makes a log meanwhile.
      if (files.lookAtLog()) return false;
      fs.renameSync(from, log);
    }
  } else if (!isSameFile(statAt(log), statAt(from))) {
    return false;
  }
  syncDirectory(dir);
  if (statAt(from)) fs.unlinkSync(from);
  asides.delete(0);
  syncDirectory(dir);
  return true;
}
