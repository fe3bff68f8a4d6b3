// A file that is read as it grows.

import { SkillLogError } from "../errors.js";
import { BatchReader, NO_DAMAGE } from "../reading/batches.js";
import { matchesMark, MARK_BYTES } from "../storage/file-mark.js";
import { LINE_END } from "../storage/line-end.js";
import { Patience } from "../reading/patience.js";

/** @import { Batch, Reading, Start } from "../reading/batches.js" */
/** @import { FileMark, Source } from "../storage/storage.js" */

const CHUNK_BYTES = 1 << 18;

const NOTHING = new Uint8Array(0);

/** @typedef {{ batch: Batch, refused?: SkillLogError }} Step what was read, and why nothing behind it can be */

/** Reads each byte of a file once, as it comes. */
export class FollowedFile {
  #source;
  #reading;
  #reader;
  #from = 0;
  #position = 0;
  /** The last bytes before the position. */
  #recent = new Uint8Array();
  /**
   * The last bytes of the last entry, with their offset: no one changes them, unless the file is written anew.
   *
   * @type {FileMark | null}
   */
  #mark = null;
  /**
   * Where a line with NULs begins that somebody may be writing, and how long that is waited for.
   *
   * @type {{ start: Start, patience: Patience } | null}
   */
  #unsettled = null;
  /** The end of the last entry that was read. */
  #given = 0;
  /** Before this place NULs were waited for: there they are damage. */
  #settledTo = 0;
  /** Whether what is behind the last line end was judged as it stands. */
  #isJudged = true;
  /** What the file was like when all that was read of it stood there; null where it may change unseen. */
  #version = /** @type {string | null} */ (null);
  #isBusy = false;
  #isClosed = false;

  /** Where following goes on behind the last entry that was given: the caller's to advance. */
  end = 0;

  /**
   * @param {Source} source is closed with this
   * @param {Pick<Reading, "strict" | "output" | "integers" | "maxLineBytes" | "doubtful">} reading
   */
  constructor(source, reading) {
    this.#source = source;
    this.#reading = reading;
    this.#reader = new BatchReader(source, { ...reading, from: 0 });
  }

  /** Where the next chunk begins. */
  get position() {
    return this.#position;
  }

  async size() {
    return this.#isClosed ? 0 : this.#source.size();
  }

  /**
   * Goes to where reading begins.
   *
   * @param {number} offset
   */
  async skipTo(offset) {
    await this.#whileOpen(async () => {
      this.#goTo(offset);
      await this.#markEndAt(offset);
    });
  }

  /**
   * Goes to the end that the file had at a size: behind the last line end, or behind an entry that none follows.
   *
   * @param {number} size
   * @param {Uint8Array} tail the last bytes that it had then
   */
  async skipToEnd(size, tail) {
    await this.#whileOpen(async () => {
      this.#goTo(await this.#lineStart(size));
      // What is pending stays in the reader: it will be an entry.
      while (this.#position < size && !this.#isClosed) {
        const before = this.#position;
        const { batch, refused } = this.#take(await this.#nextChunk(size), size);
        if (refused) throw refused;
        this.end = batch.restOffset;
        if (this.#position === before) break;
      }
      this.#mark = { offset: size - tail.length, bytes: tail };
    });
  }

  /**
   * Reads what has come since, up to a chunk of it.
   *
   * @returns {Promise<Step | null>} null where there is nothing new
   */
  async read() {
    try {
      return (await this.#whileOpen(() => this.#readNext())) ?? null;
    } catch (error) {
      // Removed, where that ends its reading: nothing more of it will come.
      if (error instanceof SkillLogError && error.code === "NOT_FOUND") return null;
      throw error;
    }
  }

  /** Closes the file: at once, or when what is being read from it was read. */
  close() {
    this.#isClosed = true;
    if (this.#isBusy) return;
    this.#isBusy = true;
    this.#reader.free();
    // Nothing was written: closing can tell nothing.
    this.#source.close().catch(() => {});
  }

  /**
   * @template T
   * @param {() => Promise<T>} work
   */
  async #whileOpen(work) {
    if (this.#isClosed) return;
    this.#isBusy = true;
    try {
      return await work();
    } finally {
      this.#isBusy = false;
      if (this.#isClosed) this.close();
    }
  }

  /** @returns {Promise<Step | null>} */
  async #readNext() {
    for (;;) {
      const size = await this.#source.size();
      if (size < this.#position) {
        // What is cut is perhaps only what was pending.
        this.#goTo(size >= this.end && (await this.#stands(this.#mark)) ? this.end : 0);
        continue;
      }
      const unsettled = this.#unsettled;
      if (unsettled && (await unsettled.patience.isOver())) {
        this.#unsettled = null;
        this.#settledTo = size;
      }
      // Each time: whoever writes may have been there since.
      if (unsettled) this.#readAgain(unsettled.start);
      else if (size === this.#position && (await this.#isUnchanged())) return this.#judge();
      const isSettled = this.#position < this.#settledTo;
      this.#reader.settle(isSettled);
      const bytes = await this.#nextChunk(isSettled ? Math.min(size, this.#settledTo) : size);
      // Looked at after the chunk was read: it is of the same file then.
      const standing = await this.#standing();
      if (standing < this.#position) {
        this.#goTo(standing);
        continue;
      }
      if (bytes.length === this.#recent.length) return this.#judge();
      const step = this.#take(bytes, size, isSettled);
      return this.#unsettled && isEmpty(step) ? null : step;
    }
  }

  /**
   * Judges what is behind the last line end as it stands, once: nothing came for a while.
   *
   * @returns {Step | null} null where that is still pending
   */
  #judge() {
    if (this.#isJudged || this.#reading.strict) return null;
    this.#isJudged = true;
    const step = this.#reader.read(NOTHING, true);
    this.#noteUnsettled(step);
    this.#markLast(step.batch, this.#recent, this.#position - this.#recent.length);
    return isEmpty(step) ? null : step;
  }

  /**
   * Goes back to the start of a line, to read it again.
   *
   * @param {Start} start
   */
  #readAgain(start) {
    this.#reader.free();
    this.#reader = new BatchReader(
      this.#source,
      { ...this.#reading, from: this.#from },
      { ...start, given: this.#given },
    );
    this.#position = start.offset;
    this.#recent = NOTHING;
  }

  /** @param {Step} step */
  #noteUnsettled({ batch }) {
    const patience = this.#unsettled?.patience ?? new Patience(this.#source);
    const start = { offset: batch.restOffset, lines: batch.lines };
    if (this.#reader.isUnsettled) patience.begin();
    this.#unsettled = this.#reader.isUnsettled ? { start, patience } : null;
  }

  /** Tells whether the file is known not to have been written to since what was read of it was seen to stand there. */
  async #isUnchanged() {
    if (!this.#source.version) return true;
    const before = this.#version;
    this.#version = await this.#source.version();
    return this.#version !== null && this.#version === before;
  }

  /** Tells how far what was read still stands there: to the position, to the end of the last entry that was given, or not at all. */
  async #standing() {
    if (!(await this.#stands(this.#mark))) return 0;
    const recent = { offset: this.#position - this.#recent.length, bytes: this.#recent };
    return (await this.#stands(recent)) ? this.#position : this.end;
  }

  /** @param {number} offset */
  #goTo(offset) {
    this.#reader.free();
    this.#reader = new BatchReader(this.#source, { ...this.#reading, from: offset });
    this.#from = offset;
    this.#position = offset;
    this.end = offset;
    this.#recent = NOTHING;
    this.#unsettled = null;
    this.#settledTo = 0;
    this.#given = 0;
    this.#isJudged = true;
    if (offset === 0) this.#mark = null;
  }

  /**
   * Reads a chunk, and gives it behind the recent bytes.
   *
   * @param {number} size
   */
  async #nextChunk(size) {
    const before = this.#recent.length;
    const bytes = new Uint8Array(before + Math.min(CHUNK_BYTES, size - this.#position));
    bytes.set(this.#recent);
    return bytes.subarray(
      0,
      before + (await this.#source.read(this.#position, bytes.subarray(before))),
    );
  }

  /**
   * @param {Uint8Array} bytes
   * @param {number} size
   * @param {boolean} [isSettled] whether its NULs were waited for
   * @returns {Step}
   */
  #take(bytes, size, isSettled = false) {
    const chunk = bytes.subarray(this.#recent.length);
    const start = this.#position - this.#recent.length;
    this.#position += chunk.length;
    const isAtEnd = this.#position >= size;
    this.#recent = bytes.slice(-MARK_BYTES);
    // Strict reading judges a line when it has its end: until then anyone may write on.
    const isEnd = isAtEnd && !this.#reading.strict && (isSettled || mayEndEntry(chunk));
    const step = this.#reader.read(chunk, isEnd);
    this.#isJudged = isEnd || step.batch.restLength === 0;
    this.#noteUnsettled(step);
    this.#markLast(step.batch, bytes, start);
    return step;
  }

  /**
   * Marks the end of the last entry of a batch.
   *
   * @param {Batch} batch
   * @param {Uint8Array} bytes the chunk's, and some before them
   * @param {number} start of these in the file
   */
  #markLast({ places }, bytes, start) {
    if (places.length === 0) return;
    const [offset, length] = places.subarray(-4);
    const end = offset + length;
    this.#given = end;
    const from = Math.max(offset, end - MARK_BYTES, start);
    // One that was held until its long line ended may lie further back.
    if (from < end) this.#mark = { offset: from, bytes: bytes.slice(from - start, end - start) };
  }

  /**
   * Marks what stands before an offset, whatever it is.
   *
   * @param {number} end
   */
  async #markEndAt(end) {
    const offset = Math.max(0, end - MARK_BYTES);
    const bytes = new Uint8Array(end - offset);
    if (end > 0 && (await this.#source.read(offset, bytes)) === bytes.length)
      this.#mark = { offset, bytes };
  }

  /**
   * Tells whether bytes still stand there.
   *
   * @param {FileMark | null} mark
   */
  async #stands(mark) {
    if (!mark || mark.bytes.length === 0) return true;
    const { offset, bytes } = mark;
    const now = new Uint8Array(bytes.length);
    return matchesMark(bytes, now.subarray(0, await this.#source.read(offset, now)));
  }

  /**
   * Finds the start of the line that a file of some size ends in.
   *
   * @param {number} size
   */
  async #lineStart(size) {
    const stretch = new Uint8Array(Math.min(CHUNK_BYTES, size));
    for (let end = size; end > 0 && !this.#isClosed; ) {
      const start = Math.max(0, end - CHUNK_BYTES);
      const at = stretch
        .subarray(0, await this.#source.read(start, stretch.subarray(0, end - start)))
        .lastIndexOf(LINE_END);
      if (at >= 0) return start + at + 1;
      end = start;
    }
    return 0;
  }
}

/**
 * Tells whether nothing was found.
 *
 * @param {Step} step
 */
function isEmpty({ batch, refused }) {
  return batch.places.length === 0 && batch.damage === NO_DAMAGE && !refused;
}

/**
 * Tells whether an entry may end where a chunk ends: most that are cut need not be decoded to be told from whole ones.
 *
 * @param {Uint8Array} chunk
 */
function mayEndEntry(chunk) {
  // A brace, the last letter of a null, or a blank.
  return chunk.length > 0 && [0x7d, 0x6c, 0x20, 0x09, 0x0d].includes(chunk[chunk.length - 1]);
}
