// Files whose texts follow each other, read as one.

import { SkillLogError } from "../errors.js";
import { LINE_END } from "../line-end.js";

/** @import { SessionFiles, Source } from "./storage.js" */

/**
 * A part of a text.
 *
 * @typedef {object} Piece
 * @property {number} start where it starts in the whole
 * @property {number} from where it starts in its source
 * @property {number} length Infinity for the last one, which may grow
 * @property {Source} source
 */

/** A text of one line end. @type {Source} */
const ONE_LINE_END = {
  name: "",
  identity: "",
  size: async () => 1,
  async read(offset, into) {
    if (offset > 0 || into.length === 0) return 0;
    into[0] = LINE_END;
    return 1;
  },
  async close() {},
};

/** A text of several sources. @implements {Source} */
export class JoinedSource {
  /** @type {Piece[]} */
  #pieces = [];
  /** Where the pieces end that do not grow. */
  #fixed = 0;
  #unread = 0;
  #endsLine = true;
  /** @type {Source | null} */
  #growing = null;
  mayFail = true;
  identity;
  name;
  path;
  /** @type {ArrayLike<bigint> | undefined} */
  stamp;
  /** Absent where the text cannot change. @type {Source["modified"]} */
  modified;
  /** Absent where the text cannot change. @type {Source["version"]} */
  version;

  #files;

  /**
   * @param {string} name
   * @param {Source["identity"]} identity
   * @param {Pick<SessionFiles, "areInPlace" | "close">} files those of the sources, also of those that
   *   have nothing to add
   */
  constructor(name, identity, files) {
    this.#files = files;
    this.name = name;
    this.path = name;
    this.identity = identity;
  }

  /** Returns whether the text is that of the session still, or of its start. */
  areInPlace() {
    return this.#files.areInPlace();
  }

  /** Where the last piece starts, if it may grow; else where the text ends. */
  get fixedLength() {
    return this.#fixed;
  }

  /**
   * Adds a text that does not grow.
   *
   * @param {Source} source
   * @param {number} from where what is new starts in it
   * @param {number} to where it ends
   * @param {boolean} isPart whether it goes on with the line before, if that has no end
   */
  async add(source, from, to, isPart) {
    if (to <= from) return;
    if (!isPart) this.#endLine();
    this.#put(source, from, to - from);
    this.#endsLine = await endsLine(source, to);
  }

  /**
   * Adds a text whose last bytes cannot be read, as the last one: what follows has no place. The size
   * has one byte more than can be read, so that whoever reads to the end learns of it.
   *
   * @param {Source} source
   * @param {number} length of what can be read
   */
  addBroken(source, length) {
    this.#pieces.push({ start: this.#fixed, from: 0, length: Infinity, source });
    this.#fixed += length;
    this.#unread = 1;
  }

  /**
   * Adds the text that may grow, as the last one.
   *
   * @param {Source} source
   */
  grow(source) {
    this.#endLine();
    this.#growing = source;
    this.#pieces.push({ start: this.#fixed, from: 0, length: Infinity, source });
    if (source.modified) this.modified = () => source.modified?.() ?? Promise.resolve(0);
    this.version = () => source.version?.() ?? Promise.resolve(null);
  }

  #endLine() {
    if (!this.#endsLine) this.#put(ONE_LINE_END, 0, 1);
    this.#endsLine = true;
  }

  /**
   * @param {Source} source
   * @param {number} from
   * @param {number} length
   */
  #put(source, from, length) {
    this.#pieces.push({ start: this.#fixed, from, length, source });
    this.#fixed += length;
  }

  async size() {
    return this.#fixed + this.#unread + ((await this.#growing?.size()) ?? 0);
  }

  /**
   * @param {number} offset
   * @param {Uint8Array} into
   */
  async read(offset, into) {
    let filled = 0;
    for (const { start, from, length, source } of this.#pieces) {
      const at = offset + filled - start;
      if (at < 0 || at >= length) continue;
      const most = Math.min(into.length - filled, length - at);
      if (most === 0) break;
      let count;
      try {
        count = await source.read(from + at, into.subarray(filled, filled + most));
      } catch (error) {
        // The next read throws it.
        if (filled > 0) return filled;
        throw error;
      }
      filled += count;
      if (count < most) break;
    }
    return filled;
  }

  cancel() {
    for (const { source } of this.#pieces) source.cancel?.();
  }

  async close() {
    await this.#files.close();
  }
}

/**
 * Returns whether a text ends a line before an offset.
 *
 * @param {Source} source
 * @param {number} end
 */
async function endsLine(source, end) {
  const last = new Uint8Array(1);
  try {
    await source.read(end - 1, last);
    return last[0] === LINE_END;
  } catch (error) {
    // Whoever reads it learns of it.
    if (isUnreadable(error)) return true;
    throw error;
  }
}

/**
 * Returns whether a read failed because compressed bytes are damaged.
 *
 * @param {unknown} error
 */
export function isUnreadable(error) {
  return error instanceof SkillLogError && error.code === "NOT_DECOMPRESSED";
}

/**
 * Returns the last bytes of a text; none where they cannot be decompressed, of which whoever reads
 * that far learns.
 *
 * @param {Pick<Source, "read">} source
 * @param {number} size
 * @param {number} length at most
 */
export async function tailOf(source, size, length) {
  const tail = new Uint8Array(Math.min(size, length));
  try {
    await source.read(size - tail.length, tail);
    return tail;
  } catch (error) {
    if (isUnreadable(error)) return tail.subarray(0, 0);
    throw error;
  }
}
