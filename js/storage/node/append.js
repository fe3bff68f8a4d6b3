import fs from "node:fs";
import { dirname } from "node:path";

import { isError } from "../../builtins.js";
import { SkillLogError } from "../../errors.js";
import { LINE_END } from "../../line-end.js";
import { SyncGroup } from "./sync-group.js";
import { fileError } from "./errors.js";
import { identity, statOf, syncAbove, syncDirectory } from "./regular-file.js";

const lastByte = new Uint8Array(1);

/** A file that lines are appended to, through one open descriptor. */
export class AppendedFile {
  #fd;
  #unsynced;
  /** The size after our last write if that write ended in a line end; else -1. */
  #end = -1;
  #size;
  #syncs;

  /**
   * @param {string} path
   * @param {number} fd
   * @param {Set<string>} unsynced directories that the first sync must sync
   */
  constructor(path, fd, unsynced) {
    this.path = path;
    this.#fd = fd;
    this.#unsynced = unsynced;
    const stat = fs.fstatSync(fd, { bigint: true });
    this.identity = identity(stat);
    this.#size = Number(stat.size);
    this.#syncs = new SyncGroup(async () => {
      await new Promise((done, failed) =>
        fs.fdatasync(fd, (error) => (error ? failed(error) : done(undefined))),
      );
      this.#syncNames();
    });
  }

  /** Syncs the directories that may not have the file's name, or theirs, on the disk. */
  #syncNames() {
    // Whoever removed the file removed its entries.
    if (this.#unsynced.size === 0 || !this.look()) return;
    for (const dir of this.#unsynced) {
      syncDirectory(dir);
      this.#unsynced.delete(dir);
    }
    syncAbove(dirname(this.path));
  }

  /**
   * Looks at the file. Call this before each append, because it starts at the size that was found.
   *
   * @returns {boolean} whether the file is still in its directory
   * @throws {SkillLogError} `IO_ERROR`
   */
  look() {
    const { size, nlink } = statOf(this.path, this.#fd);
    this.#size = size;
    return nlink > 0;
  }

  /**
   * Appends lines by one write. Call `look` first.
   *
   * @param {Uint8Array} lines after a line end, which is written only if the file does not end in a
   *   line end
   * @returns {number} bytes written
   * @throws {SkillLogError} `WRITE_FAILED` when not all bytes were written
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
    // The file may end in a part of a line. The next append must check, and end that line.
    this.#end = -1;
    const why = isError(cause) ? cause.message : "the disk is full, or a limit was reached";
    throw new SkillLogError(
      "WRITE_FAILED",
      `${this.path}: ${written} of ${expected} bytes were written: ${why}`,
      {
        path: this.path,
        written,
        expected,
        cause,
      },
    );
  }

  #endsInNewline() {
    if (this.#size === this.#end || this.#size === 0) return true;
    try {
      return (
        fs.readSync(this.#fd, lastByte, 0, 1, this.#size - 1) === 1 && lastByte[0] === LINE_END
      );
    } catch (error) {
      throw fileError(this.path, "read", error);
    }
  }

  /** Syncs the file, together with other callers that wait for a sync. */
  sync() {
    return this.#syncs.next();
  }

  /** Syncs the file before this returns. */
  syncNow() {
    fs.fdatasyncSync(this.#fd);
    this.#syncNames();
  }

  /**
   * Has the next sync do what another descriptor of the file needs too.
   *
   * @param {AppendedFile} file
   */
  syncToo(file) {
    for (const dir of file.#unsynced) this.#unsynced.add(dir);
  }

  /**
   * Closes the file after its syncs have ended.
   *
   * @throws {SkillLogError} `IO_ERROR` when the system could not store what was appended, and says
   *   so at last, as NFS does
   */
  async close() {
    await this.#syncs.settled();
    try {
      fs.closeSync(this.#fd);
    } catch (error) {
      throw fileError(this.path, "close", error);
    }
  }
}
