// A file behind a handle, read in place, while others may hold it and write to it.

import { SkillLogError } from "../../errors.js";
import { isMarked, MARK_BYTES } from "../file-mark.js";
import { BlobReader } from "../blob.js";
import { isSettled } from "../chunks.js";
import { opfsRoot } from "./directory.js";
import { fileError, isNamed } from "./errors.js";
import { inTurn } from "./exclusive-file.js";

/** @import { FileMark, Source } from "../storage.js" */

/** How often a read that met a change of the file is tried again at once: browsers give no more of a File that has changed since. */
const ATTEMPTS = 3;

/** How often between the appends of others, who make Chromium's File a thing of the past with each. */
const ATTEMPTS_IN_TURN = 100;

/** How long to wait for that turn, in milliseconds. */
const LONGEST_TURN = 500;

/** @implements {Source} */
export class HandleSource {
  #handle;
  /** What the file was like when it was looked at last. */
  #file;
  #reader;
  /** Whether its bytes are looked at by who follows it. */
  #isFollowed;
  /** @type {FileMark} */
  #lastRead = { offset: 0, bytes: new Uint8Array(0) };

  /**
   * @param {FileSystemFileHandle} handle
   * @param {File} file its own, taken just now
   * @param {string} path to name it by
   * @param {string | object} identity
   * @param {boolean} isFollowed whether it may become another file while it is read
   */
  constructor(handle, file, path, identity, isFollowed) {
    this.#isFollowed = isFollowed;
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
      this.#renew(await this.#handle.getFile());
    } catch (error) {
      // One that was removed has nothing new.
      if (!isNamed(error, "NotFoundError")) throw fileError(this.path, "read", error);
    }
    return this.#file.size;
  }

  async version() {
    const { lastModified } = this.#file;
    return isSettled(lastModified) ? `${lastModified}` : null;
  }

  /** @param {File} file */
  #renew(file) {
    this.#reader.close();
    this.#file = file;
    this.#reader = new BlobReader(file);
  }

  /**
   * @param {number} offset
   * @param {Uint8Array} into
   * @throws {SkillLogError} `NOT_FOUND` where the file was removed; `REPLACED` where another one has taken its place
   */
  async read(offset, into) {
    const readAgain = async () => {
      this.#renew(await this.#newFile());
      return this.#readNow(offset, into);
    };
    for (let attempt = 0; ; attempt += 1) {
      try {
        if (attempt === 0) return await this.#readNow(offset, into);
        const path = attempt > ATTEMPTS ? await this.#pathInOpfs() : null;
        return await (path === null ? readAgain() : inTurn(path, LONGEST_TURN, readAgain));
      } catch (error) {
        if (error instanceof SkillLogError || attempt === ATTEMPTS + ATTEMPTS_IN_TURN)
          throw fileError(this.path, "read", error);
      }
    }
  }

  async #newFile() {
    try {
      return await this.#handle.getFile();
    } catch (error) {
      if (isNamed(error, "NotFoundError"))
        throw new SkillLogError("NOT_FOUND", `${this.path} was removed`, {
          path: this.path,
          cause: error,
        });
      throw fileError(this.path, "read", error);
    }
  }

  /**
   * @param {number} offset
   * @param {Uint8Array} into
   */
  async #readNow(offset, into) {
    const reader = this.#reader;
    const { openings } = reader;
    const count = await reader.read(offset, into);
    // Chromium tells a File from what is at its path by the second at which that was modified.
    if (reader.openings > openings) await this.#recognise();
    if (count > 0)
      this.#lastRead = {
        offset: offset + Math.max(0, count - MARK_BYTES),
        bytes: into.slice(Math.max(0, count - MARK_BYTES), count),
      };
    return count;
  }

  /** Looks whether what was read last still stands there, after any number of appends. */
  async #recognise() {
    const { offset, bytes } = this.#lastRead;
    if (this.#isFollowed || bytes.length === 0) return;
    let file = this.#file;
    for (let left = ATTEMPTS_IN_TURN; ; left -= 1) {
      try {
        const now = new Uint8Array(await file.slice(offset, offset + bytes.length).arrayBuffer());
        if (isMarked(bytes, now)) return;
        break;
      } catch (error) {
        if (left === 0) throw error;
      }
      file = await this.#newFile();
    }
    throw new SkillLogError("REPLACED", `${this.path} is another file than when reading began`, {
      path: this.path,
    });
  }

  /** Gives the path that those who append to it take turns by; null where nobody can. */
  async #pathInOpfs() {
    try {
      const parts = await (await opfsRoot()).resolve(this.#handle);
      return parts && parts.join("/");
    } catch {
      return null;
    }
  }

  /**
   * Gives the last bytes that there were when the file was looked at last, with their offset.
   *
   * @returns {Promise<FileMark>}
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
 * @param {{ isFollowed?: boolean }} [options] `isFollowed` where it may become another file while it is read
 * @returns {Promise<HandleSource | null>} null where it is gone
 */
export async function handleSource(handle, path, identity, { isFollowed = false } = {}) {
  try {
    return new HandleSource(handle, await handle.getFile(), path, identity, isFollowed);
  } catch (error) {
    if (isNamed(error, "NotFoundError")) return null;
    throw fileError(path, "open", error);
  }
}
