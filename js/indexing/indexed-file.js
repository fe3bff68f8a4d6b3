// Checks that a file is still the file that an index was made of.

import { SkillLogError } from "../errors.js";
import { matchesMark, LONG_MARK_BYTES } from "../storage/file-mark.js";

/** @import { FileMark, Source } from "../storage/storage.js" */

/** @type {FileMark} */
const NOTHING = { offset: 0, bytes: new Uint8Array(0) };

/**
 * Keeps the file mark of the lines that were read: their last bytes, as they were when they were
 * read.
 */
export class LineTail {
  /**
   * The last chunk, its offset, and the last bytes before it.
   *
   * @type {Uint8Array}
   */
  #chunk = new Uint8Array(0);
  #start;
  #before = new Uint8Array(0);
  /** The last bytes before the next chunk. */
  #recent = new Uint8Array(0);
  /** @type {FileMark | null} null where no line was read */
  mark = null;

  /** @param {number} start where reading starts */
  constructor(start) {
    this.#start = start;
  }

  /** Adds a chunk that is read. @param {Uint8Array} chunk lasts until the next one is read */
  add(chunk) {
    this.#start += this.#chunk.length;
    this.#chunk = chunk;
    this.#before = this.#recent;
    this.#recent = this.#last(chunk);
  }

  /**
   * Says where the complete lines end. What is judged late may end them in the same chunk again.
   *
   * @param {number} end
   */
  endAt(end) {
    if (end <= this.#start) return;
    const bytes = this.#last(this.#chunk.subarray(0, end - this.#start));
    this.mark = { offset: end - bytes.length, bytes };
  }

  /** @param {Uint8Array} bytes the first ones of the chunk */
  #last(bytes) {
    const surplus = this.#before.length + bytes.length - LONG_MARK_BYTES;
    const before = this.#before.subarray(Math.max(0, surplus));
    const last = new Uint8Array(before.length + Math.min(bytes.length, LONG_MARK_BYTES));
    last.set(before);
    last.set(bytes.subarray(-LONG_MARK_BYTES), before.length);
    return last;
  }
}

/** The file of a log that is indexed. */
export class IndexedFile {
  #open;
  /** @type {Source | undefined} the source that was opened first; it may be closed */
  #known;
  #wasThere = false;
  /**
   * The last bytes of the lines that were read.
   *
   * @type {FileMark}
   */
  #mark = NOTHING;

  /** @param {(signal?: AbortSignal) => Promise<Source | null>} open */
  constructor(open) {
    this.#open = open;
  }

  /**
   * Opens the file, and checks that it is the file that was indexed, with the same lines.
   *
   * @param {number} bytes how many bytes of it were read
   * @param {AbortSignal} [signal]
   * @returns {Promise<Source | null>} null when there is no file yet
   * @throws {SkillLogError} `REPLACED` when the file is not the file that was indexed
   */
  async open(bytes, signal) {
    const source = await this.#openKnown(signal);
    if (!source) return null;
    try {
      this.#known ??= source;
      this.#wasThere = true;
      if (source.identity !== this.#known.identity)
        throw replacedSinceIndexed(source, "is another file now");
      if (bytes > 0) await this.#check(source, bytes);
      const { scan } = source;
      // A scan opens the file again, and checks the mark again.
      if (scan)
        source.scan = (state, maxLineBytes, signal) =>
          scan(state, maxLineBytes, signal, this.#mark);
      return source;
    } catch (error) {
      await source.close();
      throw error;
    }
  }

  /** @param {AbortSignal | undefined} signal */
  async #openKnown(signal) {
    const source = await this.#open(signal).catch((error) => {
      const isGone = error instanceof SkillLogError && error.code === "NOT_FOUND";
      if (this.#wasThere && isGone) return null;
      throw error;
    });
    if (!source && this.#known) throw replacedSinceIndexed(this.#known, "was removed");
    return source;
  }

  /**
   * @param {Source} source
   * @param {number} least how many bytes the file must have
   */
  async #check(source, least) {
    if ((await source.size()) < least) throw replacedSinceIndexed(source, "was truncated");
    await checkSourceMark(source, this.#mark);
  }

  /** The last bytes of the lines that were read. */
  get mark() {
    return this.#mark;
  }

  /** Forgets the file. Whatever file is opened next is indexed. */
  forget() {
    this.#known = undefined;
    this.#mark = NOTHING;
  }

  /**
   * Keeps a mark of the lines that were read.
   *
   * @param {FileMark} mark
   */
  knowBy(mark) {
    // A short mark is lengthened by the mark before it, so that the mark does not get shorter.
    const known = lengthenedMark(this.#mark, mark);
    if (known.bytes.length >= this.#mark.bytes.length) this.#mark = known;
  }
}

/**
 * Lengthens a mark by the bytes of the mark before it, up to the longest length of a mark.
 *
 * @param {FileMark} before
 * @param {FileMark} mark
 * @returns {FileMark} `mark` when the two do not meet
 */
function lengthenedMark(before, mark) {
  const start = Math.max(before.offset, mark.offset + mark.bytes.length - LONG_MARK_BYTES);
  const isNear = before.offset + before.bytes.length >= mark.offset;
  if (!isNear || start >= mark.offset) return mark;
  const bytes = new Uint8Array(mark.offset - start + mark.bytes.length);
  bytes.set(before.bytes.subarray(start - before.offset, mark.offset - before.offset));
  bytes.set(mark.bytes, mark.offset - start);
  return { offset: start, bytes };
}

/**
 * Checks that a file still has the bytes of a mark.
 *
 * @param {Source} source
 * @param {FileMark} mark
 * @throws {SkillLogError} `REPLACED`
 */
export async function checkSourceMark(source, { offset, bytes }) {
  if (bytes.length === 0) return;
  const found = new Uint8Array(bytes.length);
  const count = await source.read(offset, found);
  if (!matchesMark(bytes, found.subarray(0, count)))
    throw replacedSinceIndexed(source, "was truncated and rewritten");
}

/**
 * Returns the error for a file that is no longer the file that was indexed.
 *
 * @param {{ name: string, path?: string }} source
 * @param {string} what happened to it
 */
export function replacedSinceIndexed({ name, path }, what) {
  return new SkillLogError(
    "REPLACED",
    `${name} ${what} since it was indexed: refresh the index`,
    path === undefined ? {} : { path },
  );
}
