// A file that appears complete, or not at all.

import { randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { getSystemErrorMap } from "node:util";

import { onExit } from "../cleanup.js";
import { Failure } from "../failures.js";

/** The mode of logs: only the owner can read them, because entries may hold secrets. */
const FILE_MODE = 0o600;

/** Returns a name for a file that is not complete. */
export const temporaryName = () => `.skill-log-${randomBytes(6).toString("hex")}.tmp`;

/**
 * Explains why a write failed.
 *
 * @param {string} output the name that the user gave
 * @param {unknown} error
 * @returns {unknown} a `Failure` for an error of the system; any other error unchanged
 */
export function writeFailure(output, error) {
  const { errno, message } = /** @type {NodeJS.ErrnoException} */ (error);
  return errno === undefined
    ? error
    : new Failure(`cannot write ${output}: ${getSystemErrorMap().get(errno)?.[1] ?? message}`, {
        cause: error,
      });
}

/**
 * Creates a file that only its owner can read, or opens it to append.
 *
 * @param {string} path
 * @param {"ax" | "a"} flags
 */
export function openOutput(path, flags) {
  return fs.openSync(path, flags, FILE_MODE);
}

/**
 * Writes all bytes: one call may write fewer than it was given.
 *
 * @param {number} fd
 * @param {Uint8Array} bytes
 */
export function writeAll(fd, bytes) {
  for (let at = 0; at < bytes.length; ) at += fs.writeSync(fd, bytes, at);
}

/** A file that has a temporary name in the same directory until it is complete. */
export class OutputFile {
  #path;
  #mayReplace;
  #temporary;
  #fd;
  #cancelCleanup;
  /** The bytes written. */
  bytes = 0;

  /**
   * @param {string} file
   * @param {object} [options]
   * @param {boolean | undefined} [options.force] whether to replace an existing file
   * @param {string} [options.temporary] the name that it has until it is complete
   */
  constructor(file, { force = false, temporary = temporaryName() } = {}) {
    this.#path = file;
    this.#mayReplace = force;
    this.#checkExisting();
    this.#temporary = path.join(path.dirname(file), temporary);
    this.#fd = openOutput(this.#temporary, "ax");
    this.#cancelCleanup = onExit(() => this.#remove());
  }

  #checkExisting() {
    const stat = fs.lstatSync(this.#path, { throwIfNoEntry: false });
    if (stat?.isDirectory())
      throw new Failure(`${this.#path} is a directory; name a file in it, or add --partition`);
    if (stat && !stat.isFile())
      throw new Failure(
        `${this.#path} is not a regular file, so it is not replaced; to write into it, use > ${this.#path}`,
      );
    if (stat && !this.#mayReplace)
      throw new Failure(`${this.#path} exists; add --force to replace it`);
  }

  /** @param {Uint8Array} bytes */
  write(bytes) {
    writeAll(this.#fd, bytes);
    this.bytes += bytes.length;
  }

  /** Syncs the file, and gives it its name. */
  complete() {
    fs.fsyncSync(this.#fd);
    this.#checkExisting();
    fs.renameSync(this.#temporary, this.#path);
    this.#cancelCleanup();
    this.#close();
  }

  /** Removes the file, unless it is complete. */
  discard() {
    if (this.#cancelCleanup()) this.#remove();
  }

  #remove() {
    this.#close();
    fs.rmSync(this.#temporary, { force: true });
  }

  /** Closes the file, which was synced or is removed: an error of the close changes neither. */
  #close() {
    try {
      fs.closeSync(this.#fd);
    } catch {
      // See above.
    }
  }
}
