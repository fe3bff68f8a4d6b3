// A source of a file handle. Other tabs may hold the file and write to it during reads.

import { SkillLogError } from "../../errors.js";
import { matchesMark, MARK_BYTES } from "../file-mark.js";
import { BlobReader } from "../blob.js";
import { showsNextChange } from "../chunks.js";
import { opfsRoot } from "./directory.js";
import { fileError, isNamed } from "./errors.js";
import { inTurn } from "./exclusive-file.js";
import { TURN_WAIT } from "./waits.js";

/** @import { FileMark, Source } from "../storage.js" */

/**
 * How often to retry a read at once. Browsers refuse to read a File after the file has changed.
 */
const ATTEMPTS = 3;

/**
 * How often to retry between the appends of others, because each append makes Chromium's File
 * useless.
 */
const ATTEMPTS_IN_TURN = 100;

/** @implements {Source} */
export class HandleSource {
  #handle;
  /** The file as it was when its size was last asked for. */
  #file;
  #reader;
  /** Whether the follower checks its bytes. */
  #isFollowed;
  /** @type {FileMark} */
  #lastRead = { offset: 0, bytes: new Uint8Array(0) };

  /**
   * @param {FileSystemFileHandle} handle
   * @param {File} file of the handle, just taken
   * @param {string} path its name in messages
   * @param {string | object} identity
   * @param {boolean} isFollowed whether the file may be replaced while it is read
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

  /** The file as it was when its size was last asked for. */
  get snapshot() {
    return this.#file;
  }

  async size() {
    try {
      this.#renew(await this.#handle.getFile());
    } catch (error) {
      // A removed file has nothing new.
      if (!isNamed(error, "NotFoundError")) throw fileError(this.path, "read", error);
    }
    return this.#file.size;
  }

  async version() {
    const { lastModified } = this.#file;
    return showsNextChange(lastModified) ? `${lastModified}` : null;
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
   * @throws {SkillLogError} `NOT_FOUND` when the file was removed; `REPLACED` when it was replaced
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
        return await (path === null ? readAgain() : inTurn(path, TURN_WAIT, readAgain));
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
    // Chromium notices a replaced file only if it was modified in another second.
    if (reader.openings > openings) await this.#recognise();
    if (count > 0)
      this.#lastRead = {
        offset: offset + Math.max(0, count - MARK_BYTES),
        bytes: into.slice(Math.max(0, count - MARK_BYTES), count),
      };
    return count;
  }

  /**
   * Checks that the file still has the bytes that were read last. Appends may have followed them.
   */
  async #recognise() {
    const { offset, bytes } = this.#lastRead;
    if (this.#isFollowed || bytes.length === 0) return;
    let file = this.#file;
    for (let left = ATTEMPTS_IN_TURN; ; left -= 1) {
      try {
        const now = new Uint8Array(await file.slice(offset, offset + bytes.length).arrayBuffer());
        if (matchesMark(bytes, now)) return;
        break;
      } catch (error) {
        if (left === 0) throw error;
      }
      file = await this.#newFile();
    }
    throw replacedWhileRead(this.path);
  }

  /**
   * Returns the path by which writers take turns; null outside OPFS, where there are no writers.
   */
  async #pathInOpfs() {
    try {
      const parts = await (await opfsRoot()).resolve(this.#handle);
      return parts && parts.join("/");
    } catch {
      return null;
    }
  }

  /**
   * Returns the last bytes of the file as it was when its size was last asked for.
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
 * Makes the error of a file that has other bytes than were read.
 *
 * @param {string} path
 */
export function replacedWhileRead(path) {
  const message = `${path} was replaced by another file since reading began`;
  return new SkillLogError("REPLACED", message, { path });
}

/**
 * Opens the file of a handle.
 *
 * @param {FileSystemFileHandle} handle
 * @param {string} path
 * @param {string | object} identity
 * @param {{ isFollowed?: boolean }} [options] `isFollowed` if the file may be replaced while it is
 *   read
 * @returns {Promise<HandleSource | null>} null when the file is gone
 */
export async function handleSource(handle, path, identity, { isFollowed = false } = {}) {
  try {
    return new HandleSource(handle, await handle.getFile(), path, identity, isFollowed);
  } catch (error) {
    if (isNamed(error, "NotFoundError")) return null;
    throw fileError(path, "open", error);
  }
}
