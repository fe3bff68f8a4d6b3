// Writes down what is removed, before it is removed.

import fs from "node:fs";
import path from "node:path";

import { statAt, syncDirectory } from "../archiving/regular-file.js";
import { writeAll } from "../exporting/output-file.js";
import { Failure } from "../failures.js";
import { jsonText } from "../json-text.js";

const { O_APPEND, O_CREAT, O_NOFOLLOW = 0, O_NONBLOCK = 0, O_RDWR } = fs.constants;

/** The name of the file in the directory of the logs, if no other is wanted. */
export const AUDIT_NAME = "prune.audit";

const LINE_END = "\n";

/** A file of JSON lines that grows. */
export class AuditLog {
  #path;
  #fd;

  /** @param {string} file */
  constructor(file) {
    this.#path = file;
    const isNew = !statAt(file);
    try {
      this.#fd = fs.openSync(file, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
    } catch (error) {
      throw new Failure(
        `cannot write ${file}: ${/** @type {Error} */ (error).message}; nothing was removed`,
        { cause: error },
      );
    }
    if (!fs.fstatSync(this.#fd).isFile()) {
      fs.closeSync(this.#fd);
      throw new Failure(`${file} is not a regular file; nothing was removed`);
    }
    if (isNew) syncDirectory(path.dirname(path.resolve(file)));
  }

  /**
   * Appends records by one write, and waits until the disk has them.
   *
   * @param {object[]} records
   */
  append(records) {
    const lines = records.map((each) => jsonText(each) + LINE_END).join("");
    try {
      writeAll(this.#fd, Buffer.from(this.#endsInLineEnd() ? lines : LINE_END + lines));
      fs.fdatasyncSync(this.#fd);
    } catch (error) {
      throw new Failure(
        `cannot write ${this.#path}: ${/** @type {Error} */ (error).message}; what it does not name was not removed`,
        { cause: error },
      );
    }
  }

  #endsInLineEnd() {
    const { size } = fs.fstatSync(this.#fd);
    const last = Buffer.alloc(1);
    return size === 0 || (fs.readSync(this.#fd, last, 0, 1, size - 1) === 1 && last[0] === 0x0a);
  }

  close() {
    fs.closeSync(this.#fd);
  }
}
