// The file that an index is of, told from one that took its place.

import { SkillLogError } from "./errors.js";

/** @import { Source } from "./storage/source.js" */

/** How many bytes before the end of the last entry tell a file from one that took its place. */
const TAIL_BYTES = 64;

export class IndexedFile {
  #open;
  /** @type {Source | undefined} as it was opened first; closed */
  #known;
  /** The last bytes of the last entry that has a line end behind it, and where they end: no repair changes them. */
  #tail = { end: 0, bytes: new Uint8Array(0) };

  /** @param {(signal?: AbortSignal) => Promise<Source | null>} open */
  constructor(open) {
    this.#open = open;
  }

  /**
   * Opens the file, where all that was read of it is still there.
   *
   * @param {number} bytes that were read of it
   * @param {AbortSignal} [signal]
   * @returns {Promise<Source | null>} null where there was none yet
   * @throws {SkillLogError} `REPLACED` where it is not the file that was opened first
   */
  async open(bytes, signal) {
    const source = await this.#openKnown(signal);
    if (!source) return null;
    try {
      this.#known ??= source;
      if (source.identity !== this.#known.identity) throw replaced(source, "is another file now");
      await this.#check(source, bytes);
      return source;
    } catch (error) {
      await source.close();
      throw error;
    }
  }

  /** @param {AbortSignal | undefined} signal */
  async #openKnown(signal) {
    const known = this.#known;
    if (!known) return this.#open(signal);
    const source = await this.#open(signal).catch((error) => {
      if (error instanceof SkillLogError && error.code === "NOT_FOUND") return null;
      throw error;
    });
    if (!source) throw replaced(known, "was removed");
    return source;
  }

  /**
   * @param {Source} source
   * @param {number} least how many bytes it must have
   */
  async #check(source, least) {
    if ((await source.size()) < least) throw replaced(source, "was truncated");
    const { end, bytes } = this.#tail;
    const found = new Uint8Array(bytes.length);
    await source.read(end - bytes.length, found);
    if (bytes.some((byte, at) => byte !== found[at])) throw replaced(source, "was truncated and written anew");
  }

  /**
   * Keeps what the file is known by.
   *
   * @param {Source} source
   * @param {{ offset: number, length: number }} last its last entry that has a line end
   */
  async keepTail(source, { offset, length }) {
    const bytes = new Uint8Array(Math.min(length, TAIL_BYTES));
    const end = offset + length;
    // Who scanned it may have seen more than this source did when it was opened.
    await source.size();
    if ((await source.read(end - bytes.length, bytes)) === bytes.length) this.#tail = { end, bytes };
  }
}

/**
 * @param {Source} source
 * @param {string} what
 */
export function replaced({ name, path }, what) {
  return new SkillLogError("REPLACED", `${name} ${what} since it was indexed: make another index`, path === undefined ? {} : { path });
}
