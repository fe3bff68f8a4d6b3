import fs from "node:fs";

import { isError } from "../../builtins.js";
import { SkillLogError } from "../../errors.js";
import { SyncGroup } from "./sync-group.js";
import { identity, ioError, syncDirectory } from "./regular-file.js";

const NEWLINE = 0x0a;

const lastByte = new Uint8Array(1);

/** A file that lines are appended to. */
export class AppendedFile {
  #path;
  #fd;
  /** The size after our own last write, which ended in a line end; -1 where that is not known. */
  #end = -1;
  #size;
  #syncs;

  /**
   * @param {string} path
   * @param {number} fd
   * @param {Set<string>} unsynced directories to sync with the first sync
   */
  constructor(path, fd, unsynced) {
    this.#path = path;
    this.#fd = fd;
    const stat = fs.fstatSync(fd, { bigint: true });
    this.identity = identity(stat);
    this.#size = Number(stat.size);
    this.#syncs = new SyncGroup(async () => {
      await new Promise((done, failed) =>
        fs.fdatasync(fd, (error) => (error ? failed(error) : done(undefined))),
      );
      for (const dir of unsynced) {
        syncDirectory(dir);
        unsynced.delete(dir);
      }
    });
  }

  /** Tells whether the file has no name any more, and learns its size: to be called before each append. */
  isRemoved() {
    const stat = fs.fstatSync(this.#fd);
    this.#size = stat.size;
    return stat.nlink === 0;
  }

  /**
   * @param {Uint8Array} lines with a line end before them
   * @returns {number} bytes written
   */
  append(lines) {
    const start = this.#endsInNewline() ? 1 : 0;
    const expected = lines.length - start;
    let written = 0;
    let cause;
    try {
      written = fs.writeSync(this.#fd, lines, start, expected);
    } catch (error) {
      cause = error;
    }
    if (written === expected) {
      this.#end = this.#size + written;
      return written;
    }
    // What was written is no line: the next append must look, and seal it.
    this.#end = -1;
    const why = isError(cause) ? cause.message : "the disk is full, or a limit was reached";
    throw new SkillLogError(
      "WRITE_FAILED",
      `${this.#path}: ${written} of ${expected} bytes were written: ${why}`,
      {
        path: this.#path,
        written,
        expected,
        cause,
      },
    );
  }

  #endsInNewline() {
    if (this.#size === this.#end || this.#size === 0) return true;
    try {
      return fs.readSync(this.#fd, lastByte, 0, 1, this.#size - 1) === 1 && lastByte[0] === NEWLINE;
    } catch (error) {
      throw ioError(this.#path, "read", error);
    }
  }

  sync() {
    return this.#syncs.next();
  }

  /** Closes the file when the syncs that go on have ended. */
  async close() {
    await this.#syncs.settled();
    fs.closeSync(this.#fd);
  }
}
