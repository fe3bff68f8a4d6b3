import fs from "node:fs";
import { dirname } from "node:path";

import { SkillLogError } from "../../errors.js";
import { LINE_END } from "../../line-end.js";
import { overwrite } from "../overwrite-steps.js";
import { SavedLines } from "../saved-lines.js";
import { AppendedFile } from "./append.js";
import { fileSource } from "./source.js";
import { fileError } from "./errors.js";
import {
  closeRead,
  identity,
  openRegular,
  orClose,
  setMode,
  statOf,
  syncDirectory,
} from "./regular-file.js";
import {
  checkRewrite,
  checkSavedPath,
  directoryOf,
  openToSave,
  removeCopy,
} from "./repair-checks.js";

/** @import { OverwriteStep, RepairedFile as Interface, Stretches } from "../storage.js" */

const { O_APPEND, O_CREAT, O_EXCL, O_WRONLY } = fs.constants;

/** @implements {Interface} */
export class RepairedFile {
  #fd;
  #savedFd = -1;
  /** @type {AppendedFile | null} */
  #saved = null;
  #unsynced = new Set();
  #directory;
  #isNameSynced = false;
  /** Lines that are not written yet. */
  #lines = new SavedLines();

  /**
   * @param {string} path
   * @param {string} savedPath
   * @param {number} fd of the log, not in append mode, so that writes go to their offsets
   */
  constructor(path, savedPath, fd) {
    this.path = path;
    this.savedPath = savedPath;
    this.#fd = fd;
    this.#directory = directoryOf(path);
    this.source = fileSource(path, fd);
  }

  get #log() {
    return { path: this.path, fd: this.#fd, directory: this.#directory };
  }

  get #copyPath() {
    return `${this.path}.rewriting`;
  }

  async modified() {
    return statOf(this.path, this.#fd).mtimeMs;
  }

  /**
   * Ends the last line, unless the log was changed.
   *
   * @param {number} end
   * @param {number} modified
   */
  async seal(end, modified) {
    // If nothing can be synced, nothing is changed.
    this.sync();
    let appended = -1;
    try {
      appended = openRegular(this.path, O_WRONLY | O_APPEND);
      const own = fs.fstatSync(this.#fd, { bigint: true });
      if (identity(fs.fstatSync(appended, { bigint: true })) !== identity(own)) return false;
      // Nothing is awaited from here to the write.
      const { size, mtimeMs } = fs.fstatSync(appended);
      if (size !== end || mtimeMs !== modified) return false;
      if (fs.writeSync(appended, Uint8Array.of(LINE_END)) !== 1) throw new Error("a short write");
      fs.fsyncSync(appended);
      return true;
    } catch (error) {
      throw fileError(this.path, "repair", error);
    } finally {
      if (appended >= 0) closeRead(appended);
    }
  }

  /**
   * Saves bytes of the log as a line of JSON.
   *
   * @param {number} offset
   * @param {string} kind of the damage
   * @param {Uint8Array} bytes
   */
  save(offset, kind, bytes) {
    this.#lines.add(offset, kind, bytes);
    if (this.#lines.isFull) this.#writeSaved();
  }

  #writeSaved() {
    const lines = this.#lines.take();
    if (!lines) return;
    if (!this.#saved) {
      // If nothing can be synced, as under Node's permission model, nothing is saved. Otherwise
      // each try would save the bytes again.
      this.sync();
      try {
        this.#savedFd = openToSave(this.savedPath, this.#log, this.#unsynced);
        this.#saved = orClose(
          this.#savedFd,
          (fd) => new AppendedFile(this.savedPath, fd, this.#unsynced),
        );
      } catch (error) {
        throw fileError(this.savedPath, "open", error);
      }
    }
    this.#saved.look();
    this.#saved.append(lines);
  }

  /** Syncs what was saved. Call this before anything is overwritten. */
  syncSaved() {
    this.#writeSaved();
    if (!this.#saved) return;
    try {
      fs.fsyncSync(this.#savedFd);
      if (!this.#isNameSynced) syncDirectory(dirname(this.savedPath));
      this.#isNameSynced = true;
    } catch (error) {
      throw fileError(this.savedPath, "sync", error);
    }
  }

  /**
   * Does a step of overwriting, unless another writer changed the stretches. Then lets other events
   * run, signals too.
   *
   * @param {Stretches} stretches
   * @param {OverwriteStep} step
   */
  async overwrite(stretches, step) {
    const read = (/** @type {Uint8Array} */ bytes, /** @type {number} */ offset) => {
      let filled = 0;
      for (let count = -1; filled < bytes.length && count !== 0; filled += count) {
        count = fs.readSync(this.#fd, bytes, filled, bytes.length - filled, offset + filled);
      }
      return filled;
    };
    const write = (/** @type {Uint8Array} */ bytes, /** @type {number} */ offset) => {
      const written = fs.writeSync(this.#fd, bytes, 0, bytes.length, offset);
      if (written !== bytes.length)
        throw new SkillLogError("IO_ERROR", `cannot repair ${this.path}: a short write`, {
          path: this.path,
        });
    };
    try {
      const sum = overwrite({ read, write }, stretches, step);
      await new Promise((done) => setImmediate(done));
      return sum;
    } catch (error) {
      throw fileError(this.path, "repair", error);
    }
  }

  sync() {
    try {
      fs.fsyncSync(this.#fd);
    } catch (error) {
      throw fileError(this.path, "sync", error);
    }
  }

  /**
   * @param {boolean} isSaved
   * @param {boolean} isRewritten
   */
  checkTargets(isSaved, isRewritten) {
    try {
      if (isSaved) checkSavedPath(this.savedPath);
      if (isRewritten) checkRewrite(this.#log, this.#copyPath);
    } catch (error) {
      throw fileError(this.path, "repair", error);
    }
  }

  /**
   * Replaces the file by a copy with line ends inserted. The copy has a new inode.
   *
   * @param {number[]} offsets of the bytes after the new line ends, rising
   */
  async insertNewlines(offsets) {
    const copyPath = this.#copyPath;
    let isCopied = false;
    try {
      checkRewrite(this.#log, copyPath);
      removeCopy(copyPath);
      const { mode, uid, gid, size } = fs.fstatSync(this.#fd);
      const copy = openRegular(copyPath, O_WRONLY | O_CREAT | O_EXCL, mode & 0o777);
      isCopied = true;
      try {
        const made = fs.fstatSync(copy);
        if (made.uid !== uid || made.gid !== gid) fs.fchownSync(copy, uid, gid);
        setMode(copy, mode & 0o777);
        const buffer = new Uint8Array(1 << 18);
        let at = 0;
        for (const end of [...offsets, size]) {
          while (at < end) {
            const chunk = buffer.subarray(
              0,
              await this.source.read(at, buffer.subarray(0, end - at)),
            );
            if (chunk.length === 0) throw new Error("the file became shorter");
            writeAll(copy, chunk);
            at += chunk.length;
          }
          if (end < size) writeAll(copy, Uint8Array.of(LINE_END));
        }
        // Copies what this process appended meanwhile. Nothing is awaited from here to the rename.
        copyRest(this.#fd, copy, at);
        fs.fsyncSync(copy);
      } finally {
        fs.closeSync(copy);
      }
      // Checks again, because the log may have been linked or replaced meanwhile.
      checkRewrite(this.#log, copyPath);
      fs.renameSync(copyPath, this.path);
      isCopied = false;
      syncDirectory(dirname(this.path));
    } catch (error) {
      // Only a copy that this repair made is removed.
      if (isCopied) removeCopy(copyPath);
      throw fileError(this.path, "rewrite", error);
    }
  }

  async close() {
    try {
      await this.#saved?.close();
    } finally {
      await this.source.close();
    }
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
 * @param {number} from
 * @param {number} to
 * @param {number} at
 */
function copyRest(from, to, at) {
  const buffer = new Uint8Array(1 << 16);
  for (let count; (count = fs.readSync(from, buffer, 0, buffer.length, at)) > 0; at += count)
    writeAll(to, buffer.subarray(0, count));
}
