// The files of a session that is removed: they are removed only as they were when they were looked at.

import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";

import { saveLateBytes } from "../archiving/late-bytes.js";
import { openRegular, syncDirectory } from "../archiving/regular-file.js";
import { readBytes } from "../archiving/seek-table.js";
import { Failure } from "../failures.js";

/** The bytes that are read at once. */
const CHUNK = 1 << 20;

/** A file that was looked at. */
export class RemovedFile {
  /** @type {number | null} */
  #fd = null;

  /**
   * @param {string} file
   * @param {fs.BigIntStats} stat
   */
  constructor(file, stat) {
    this.path = file;
    this.stat = stat;
    this.bytes = Number(stat.size);
  }

  /**
   * Opens the file, and returns what the audit says of it.
   *
   * @throws {Failure} when it has changed
   */
  async describe() {
    this.#fd = openRegular(this.path);
    const hash = createHash("sha256");
    for (let at = 0; at < this.bytes; at += CHUNK) {
      hash.update(readBytes(this.path, this.#fd, at, Math.min(CHUNK, this.bytes - at)));
      await new Promise((next) => setImmediate(next));
    }
    this.check();
    return {
      name: path.basename(this.path),
      bytes: this.bytes,
      modified: this.stat.mtime,
      sha256: hash.digest("hex"),
    };
  }

  /** Throws when the file has changed since it was looked at. */
  check() {
    const now = fs.lstatSync(this.path, { bigint: true, throwIfNoEntry: false });
    const { dev, ino, size, mtimeNs, ctimeNs } = this.stat;
    const isSameFile = now?.dev === dev && now.ino === ino;
    if (!isSameFile || now.size !== size || now.mtimeNs !== mtimeNs || now.ctimeNs !== ctimeNs)
      throw new Failure(`${this.path} changed since it was looked at; it was kept`);
  }

  /**
   * Removes the file, if it is still as it was. Appends what a writer wrote in that moment to a new
   * file.
   *
   * @returns {number} bytes that a writer wrote meanwhile
   */
  remove() {
    this.check();
    fs.unlinkSync(this.path);
    syncDirectory(path.dirname(path.resolve(this.path)));
    return saveLateBytes(this.path, /** @type {number} */ (this.#fd), this.bytes);
  }

  close() {
    if (this.#fd !== null) fs.closeSync(this.#fd);
    this.#fd = null;
  }
}
