// Moves logs into archives, so that at each moment a reader finds every entry once. FORMAT.md,
// "Archives", has the steps.

import fs from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

import { Failure } from "../failures.js";
import { counted } from "../terminal/counted.js";
import { Archive, writeArchive } from "./archive-file.js";
import { saveLateBytes } from "./late-bytes.js";
import { isSameFile, openRegular, statAt, syncDirectory } from "./regular-file.js";

/** @import { Lock } from "./directory-lock.js" */
/** @import { SessionFiles } from "./session-files.js" */
/** @import { OnBytes } from "./archive-file.js" */
/** @import { Codec } from "./zstd-codec.js" */

/**
 * The milliseconds between two looks at a log that is being archived. An open log of the package
 * notices within half of them that its file was renamed.
 */
const SETTLE_TIME = 1000;

/** How often a log is compressed again because it has changed. */
const MOST_ROUNDS = 5;

/** What was archived. @typedef {{ bytes: number, archived: number }} Archived `archived`: bytes of the archive */

/** Archives the logs of a directory. */
export class SessionArchiver {
  #lock;
  #codec;
  #onBytes;
  /** The logs that are compressed, and not removed yet. @type {Compressed[]} */
  #settling = [];

  /**
   * @param {Lock} lock
   * @param {Codec} codec
   * @param {OnBytes} onBytes is called for each byte twice: it is compressed, and compared
   */
  constructor(lock, codec, onBytes) {
    this.#lock = lock;
    this.#codec = codec;
    this.#onBytes = onBytes;
  }

  /**
   * Compresses what an earlier run left of a session, or its log. The log is removed later, by
   * `settle`.
   *
   * @param {SessionFiles} files
   * @returns {Promise<Archived | null>} null when there is nothing to do
   */
  async compress(files) {
    files.removeIncomplete();
    const archive = this.#open(files);
    try {
      const parts = archive?.table.parts ?? 0;
      let at = asideOf(files, parts);
      if (at === 0 && !archive && isSameFile(statAt(files.aside(at)), files.lookAtLog())) {
        // Undoing was interrupted when it was all but done.
        fs.unlinkSync(files.aside(at));
        files.asides.delete(at);
        at = null;
      }
      if (at === null) {
        const log = files.lookAtLog();
        if (!log?.size) return null;
        if (log.nlink > 1) throw new Failure(`${files.log} ${linkedFault(log.nlink)}`);
        at = parts;
        this.#lock.check(files.dir);
        fs.renameSync(files.log, files.aside(at));
        files.asides.add(at);
        syncDirectory(files.dir);
      }
      const fd = openRegular(files.aside(at));
      const compressed = new Compressed(files, at, fd);
      try {
        await this.#publish(compressed, archive);
      } catch (error) {
        compressed.close();
        throw error;
      }
      this.#settling.push(compressed);
      return { bytes: compressed.size, archived: compressed.archived };
    } finally {
      archive?.close();
    }
  }

  /** @param {SessionFiles} files */
  #open(files) {
    return files.lookAtArchive() ? new Archive(files.archive, this.#codec) : null;
  }

  /**
   * Writes an archive with a log as its last part, and gives it its name.
   *
   * @param {Compressed} log
   * @param {Archive | null} before
   */
  async #publish(log, before) {
    const { files, parts } = log;
    const { newArchive, archive } = files;
    log.look();
    try {
      const owner = log.stat;
      await writeArchive(
        newArchive,
        { before, parts, text: log, codec: this.#codec, owner },
        this.#onBytes,
      );
      const old = before && fs.fstatSync(before.fd);
      const modified = new Date(Math.max(owner.mtimeMs, old?.mtimeMs ?? 0));
      fs.utimesSync(newArchive, modified, modified);
      this.#lock.check(files.dir);
      const there = files.lookAtArchive();
      if (old ? !isSameFile(old, there) : there)
        throw new Failure(`${archive} was replaced meanwhile; run the command again`);
      // Otherwise a session that was removed would be there again.
      if (files.asides.has(parts) && !isSameFile(log.stat, statAt(files.aside(parts))))
        throw new Failure(`${log.path} was removed or replaced meanwhile; nothing was archived`);
      fs.renameSync(newArchive, archive);
    } catch (error) {
      files.removeIncomplete();
      throw error;
    }
    syncDirectory(files.dir);
    log.published = statAt(archive);
    log.archived = log.published?.size ?? 0;
    log.due = performance.now() + SETTLE_TIME;
  }

  /**
   * Removes the logs that are in their archives and that no writer has changed since.
   *
   * @param {boolean} all whether to wait for those that are not due yet
   * @param {(files: SessionFiles, error: unknown) => Promise<void> | void} onFailure
   */
  async settle(all, onFailure) {
    while (this.#settling.length > 0) {
      const [log] = this.#settling;
      const wait = log.due - performance.now();
      if (wait > 0 && !all) return;
      await pause(Math.max(0, wait));
      this.#settling.shift();
      try {
        if (await this.#finish(log)) log.close();
        else this.#settling.push(log);
      } catch (error) {
        log.close();
        await onFailure(log.files, error);
      }
    }
  }

  /**
   * Removes a log that is in its archive; or compresses it again, because it has changed.
   *
   * @param {Compressed} log
   * @returns {Promise<boolean>} whether it was removed
   */
  async #finish(log) {
    const { files, parts } = log;
    if (log.hasChanged()) {
      await this.#again(log);
      return false;
    }
    this.#lock.check(files.dir);
    const aside = files.aside(parts);
    if (!isSameFile(statAt(aside), log.stat) || !isSameFile(statAt(files.archive), log.published))
      throw new Failure(`${aside} or its archive was replaced; nothing was removed`);
    fs.unlinkSync(aside);
    files.asides.delete(parts);
    syncDirectory(files.dir);
    // A writer may have looked before the file was removed, and written after our last look.
    if (log.hasChanged()) await this.#addLate(log);
    return true;
  }

  /**
   * Compresses a log again that was removed. If that fails, what came late goes to the new log of the
   * session.
   *
   * @param {Compressed} log
   */
  async #addLate(log) {
    const { files, fd, size, published } = log;
    try {
      await this.#again(log);
    } catch (error) {
      if (isSameFile(statAt(files.archive), published)) {
        saveLateBytes(files.log, fd, size);
        syncDirectory(files.dir);
      }
      throw error;
    }
  }

  /** @param {Compressed} log */
  async #again(log) {
    log.rounds += 1;
    if (log.rounds > MOST_ROUNDS)
      throw new Failure(
        `${log.path} is still written to: a program keeps it open. Its entries can be read. Run the command again when the program has ended`,
      );
    const archive = this.#open(log.files);
    try {
      await this.#publish(log, archive);
    } finally {
      archive?.close();
    }
  }
}

/**
 * Says why a log with several names is not archived.
 *
 * @param {number} names
 */
export function linkedFault(names) {
  return `has ${names} names (hard links), and writers may use the others; remove these first`;
}

/** A log that is compressed. */
class Compressed {
  size = 0;
  /** The bytes of its archive. */
  archived = 0;
  rounds = 0;
  due = 0;
  /** @type {fs.Stats | undefined} */
  published;

  /**
   * @param {SessionFiles} files
   * @param {number} parts those before it
   * @param {number} fd
   */
  constructor(files, parts, fd) {
    this.files = files;
    this.parts = parts;
    this.fd = fd;
    this.path = files.aside(parts);
    this.stat = fs.fstatSync(fd);
    this.look();
  }

  /** Remembers what the file is now. */
  look() {
    this.stat = fs.fstatSync(this.fd);
    this.size = this.stat.size;
  }

  /** Reports whether the file has changed since the last look, also in place. */
  hasChanged() {
    const { size, mtimeMs } = fs.fstatSync(this.fd);
    return size !== this.size || mtimeMs !== this.stat.mtimeMs;
  }

  close() {
    fs.closeSync(this.fd);
  }
}

/**
 * Returns which file an earlier run has left.
 *
 * @param {SessionFiles} files
 * @param {number} parts those of the archive
 * @returns {number | null} null when there is none
 * @throws {Failure} when there are others than such a run leaves
 */
function asideOf(files, parts) {
  const { asides, archive } = files;
  if (asides.size === 0) return null;
  const [at] = asides;
  if (asides.size === 1 && (at === parts || at === parts - 1)) return at;
  throw new Failure(
    `${[...asides].map((at) => files.aside(at)).join(", ")}: no run of this command left this beside ${parts === 0 ? "no archive" : `${archive}, which has ${counted(parts, "part")}`}; move away what does not belong here`,
  );
}
