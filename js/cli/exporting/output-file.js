// A file that appears whole, or not at all.

import { randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { getSystemErrorMap } from "node:util";

import { onExit } from "../cleanup.js";
import { Failure } from "../failures.js";

/** As the logs: what is in them may be secret. */
const FILE_MODE = 0o600;

/** What is not complete yet is called so. */
export const temporaryName = () => `.skill-log-${randomBytes(6).toString("hex")}.tmp`;

/**
 * Says for people why something was not written.
 *
 * @param {string} output what they called it
 * @param {unknown} error
 * @returns {unknown} what the system refused, as a `Failure`; any other error as it is
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
 * Makes a file that nobody else can read, or opens it to write at its end.
 *
 * @param {string} path
 * @param {"ax" | "a"} flags
 */
export function openOutput(path, flags) {
  return fs.openSync(path, flags, FILE_MODE);
}

/**
 * Writes all of it: a write may take less than it was given.
 *
 * @param {number} fd
 * @param {Uint8Array} bytes
 */
export function writeAll(fd, bytes) {
  for (let at = 0; at < bytes.length; ) at += fs.writeSync(fd, bytes, at);
}

/** A file that has a temporary name beside its own until it is complete. */
export class OutputFile {
  #path;
  #mayReplace;
  #temporary;
  #fd;
  #cancelCleanup;
  /** How many were written. */
  bytes = 0;

  /**
   * @param {string} file
   * @param {{ force?: boolean | undefined }} [options] `force`: whether it takes the place of a file that is there
   */
  constructor(file, { force = false } = {}) {
    this.#path = file;
    this.#mayReplace = force;
    this.#checkExisting();
    this.#temporary = path.join(path.dirname(file), temporaryName());
    this.#fd = openOutput(this.#temporary, "ax");
    this.#cancelCleanup = onExit(() => this.#remove());
  }

  #checkExisting() {
    const stat = fs.lstatSync(this.#path, { throwIfNoEntry: false });
    if (stat?.isDirectory())
      throw new Failure(
        `${this.#path} is a directory: name a file in it, or divide what is written with --partition`,
      );
    if (stat && !stat.isFile())
      throw new Failure(
        `${this.#path} is no regular file, and nothing takes its place; to write into it: > ${this.#path}`,
      );
    if (stat && !this.#mayReplace)
      throw new Failure(`${this.#path} is there already; --force replaces it`);
  }

  /** @param {Uint8Array} bytes */
  write(bytes) {
    writeAll(this.#fd, bytes);
    this.bytes += bytes.length;
  }

  /** Gives it its name, when it is on the disk. */
  complete() {
    fs.fsyncSync(this.#fd);
    this.#checkExisting();
    fs.renameSync(this.#temporary, this.#path);
    fs.closeSync(this.#fd);
    this.#cancelCleanup();
  }

  /** Leaves nothing of it, where it is not complete. */
  discard() {
    if (this.#cancelCleanup()) this.#remove();
  }

  #remove() {
    fs.closeSync(this.#fd);
    fs.rmSync(this.#temporary, { force: true });
  }
}
