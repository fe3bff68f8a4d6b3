// A file behind a handle, read in place, while others may hold it and write to it.

import { SkillLogError } from "../../errors.js";
import { MARK_BYTES } from "../../followed-file.js";
import { BlobReader } from "../blob.js";
import { fileError, isNamed } from "./errors.js";

/** @import { Source } from "../source.js" */
/** @import { Mark } from "./exclusive-file.js" */

/** How often a read that met a change of the file is tried again: browsers give no more of a File that has changed since. */
const ATTEMPTS = 20;

/** @implements {Source} */
export class HandleSource {
  #handle;
  /** What the file was like when it was looked at last. */
  #file;
  #reader;

  /**
   * @param {FileSystemFileHandle} handle
   * @param {File} file its own, taken just now
   * @param {string} path to name it by
   * @param {string | object} identity
   */
  constructor(handle, file, path, identity) {
    this.#handle = handle;
    this.#file = file;
    this.#reader = new BlobReader(file);
    this.name = path;
    this.path = path;
    this.identity = identity;
  }

  /** What there is to be read, as it was when it was looked at last. */
  get snapshot() {
    return this.#file;
  }

  async size() {
    try {
      await this.#renew();
    } catch (error) {
      // One that was removed has nothing new.
      if (!isNamed(error, "NotFoundError")) throw fileError(this.path, "read", error);
    }
    return this.#file.size;
  }

  async #renew() {
    const file = await this.#handle.getFile();
    this.#reader.close();
    this.#file = file;
    this.#reader = new BlobReader(file);
  }

  /**
   * @param {number} offset
   * @param {Uint8Array} into
   */
  async read(offset, into) {
    for (let left = ATTEMPTS; ; left -= 1) {
      try {
        return await this.#reader.read(offset, into);
      } catch (error) {
        if (left === 0) throw fileError(this.path, "read", error);
      }
      try {
        await this.#renew();
      } catch (error) {
        if (isNamed(error, "NotFoundError")) throw new SkillLogError("NOT_FOUND", `${this.path} was removed`, { path: this.path, cause: error });
        throw fileError(this.path, "read", error);
      }
    }
  }

  /**
   * Gives the last bytes that there were when the file was looked at last, with their offset.
   *
   * @returns {Promise<Mark>}
   */
  async mark() {
    const { size } = this.#file;
    const bytes = new Uint8Array(Math.min(size, MARK_BYTES));
    const offset = size - bytes.length;
    return { offset, bytes: bytes.subarray(0, await this.read(offset, bytes)) };
  }

  async close() {
    this.#reader.close();
  }
}

/**
 * Opens a file behind a handle.
 *
 * @param {FileSystemFileHandle} handle
 * @param {string} path
 * @param {string | object} identity
 * @returns {Promise<HandleSource | null>} null where it is gone
 */
export async function handleSource(handle, path, identity) {
  try {
    return new HandleSource(handle, await handle.getFile(), path, identity);
  } catch (error) {
    if (isNamed(error, "NotFoundError")) return null;
    throw fileError(path, "open", error);
  }
}
