// Reads a file as it grows: what is new in it, and whether what was read is still there.

import { SkillLogError } from "../errors.js";
import { BatchReader, NO_DAMAGE } from "../reading/batches.js";
import { matchesMark, MARK_BYTES } from "../storage/file-mark.js";
import { LINE_END } from "../storage/line-end.js";
import { Patience } from "../reading/patience.js";

/** @import { Batch, Reading, Start } from "../reading/batches.js" */
/** @import { FileMark, Source } from "../storage/storage.js" */

const CHUNK_BYTES = 1 << 18;

const NOTHING = new Uint8Array(0);

/**
 * What was read, and why nothing after it can be read.
 *
 * @typedef {{ batch: Batch, refused?: SkillLogError }} Step
 */

/** Reads a file as it grows, each byte once. */
export class FollowedFile {
  #source;
  #reading;
  #reader;
  #from = 0;
  #position = 0;
  /** The last bytes before the position. */
  #recent = new Uint8Array();
  /**
   * The last bytes of the last entry. They change only where the file is rewritten.
   *
   * @type {FileMark | null}
   */
  #mark = null;
  /**
   * Where a line with NULs starts that another process may be writing, and the wait for it.
   *
   * @type {{ start: Start, patience: Patience } | null}
   */
  #unsettled = null;
  /** The end of the last entry that was read. */
  #given = 0;
  /** NULs before this offset are damage, because they were waited for. */
  #settledTo = 0;
  /** Whether the bytes after the last line end were judged as they are. */
  #isJudged = true;
  /**
   * The version of the file when all that was read was still in it; null where changes are not
   * seen.
   */
  #version = /** @type {string | null} */ (null);
  #isBusy = false;
  #isClosed = false;

  /** Where following continues after the last entry that was returned. The caller advances it. */
  end = 0;

  /**
   * @param {Source} source is closed when this is closed
   * @param {Pick<Reading, "strict" | "output" | "integers" | "maxLineBytes" | "doubtful">} reading
   */
  constructor(source, reading) {
    this.#source = source;
    this.#reading = reading;
    this.#reader = new BatchReader(source, { ...reading, from: 0 });
  }

  /** Where the next chunk starts. */
  get position() {
    return this.#position;
  }

  async size() {
    return this.#isClosed ? 0 : this.#source.size();
  }

  /**
   * Goes to the offset where reading starts.
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
   * Goes to the end that the file had at a size: after the last line end, or after an entry without
   * a line end.
   *
   * @param {number} size
   * @param {Uint8Array} tail the last bytes that the file had then
   */
  async skipToEnd(size, tail) {
    await this.#whileOpen(async () => {
      this.#goTo(await this.#lineStart(size));
      // Pending bytes stay in the reader, because they may become an entry.
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
   * Reads the next new bytes, at most a chunk of them.
   *
   * @returns {Promise<Step | null>} null where there is nothing new
   */
  async read() {
    try {
      return (await this.#whileOpen(() => this.#readNext())) ?? null;
    } catch (error) {
      // The file was removed, on a platform where that ends its reading.
      if (error instanceof SkillLogError && error.code === "NOT_FOUND") return null;
      throw error;
    }
  }

  /** Closes the file: at once, or after the read that is running. */
  close() {
    this.#isClosed = true;
    if (this.#isBusy) return;
    this.#isBusy = true;
    this.#reader.free();
    // Nothing was written, so an error of closing loses nothing.
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
        // Perhaps only pending bytes were cut.
        this.#goTo(size >= this.end && (await this.#stands(this.#mark)) ? this.end : 0);
        continue;
      }
      const unsettled = this.#unsettled;
      if (unsettled && (await unsettled.patience.isOver())) {
        this.#unsettled = null;
        this.#settledTo = size;
      }
      // Each time, because the writer may have gone on.
      if (unsettled) this.#readAgain(unsettled.start);
      else if (size === this.#position && (await this.#isUnchanged())) return this.#judge();
      const isSettled = this.#position < this.#settledTo;
      this.#reader.settle(isSettled);
      const bytes = await this.#nextChunk(isSettled ? Math.min(size, this.#settledTo) : size);
      // After the chunk was read, so that the chunk is known to be of the same file.
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
   * Judges the bytes after the last line end as they are, once, because none came for a while.
   *
   * @returns {Step | null} null where they are still pending
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

  /** Returns whether the file surely has the version that it had at the last look. */
  async #isUnchanged() {
    if (!this.#source.version) return true;
    const before = this.#version;
    this.#version = await this.#source.version();
    return this.#version !== null && this.#version === before;
  }

  /**
   * Returns up to where the file still has the bytes that were read: the position, the end of the
   * last entry that was returned, or 0.
   */
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
   * Reads a chunk, and returns the recent bytes and the chunk.
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
   * @param {boolean} [isSettled] whether NULs in it were waited for
   * @returns {Step}
   */
  #take(bytes, size, isSettled = false) {
    const chunk = bytes.subarray(this.#recent.length);
    const start = this.#position - this.#recent.length;
    this.#position += chunk.length;
    const isAtEnd = this.#position >= size;
    this.#recent = bytes.slice(-MARK_BYTES);
    // Strict reading judges a line only after its line end, because until then more bytes may come.
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
   * @param {Uint8Array} bytes the chunk, and some bytes before it
   * @param {number} start the offset of `bytes` in the file
   */
  #markLast({ places }, bytes, start) {
    if (places.length === 0) return;
    const [offset, length] = places.subarray(-4);
    const end = offset + length;
    this.#given = end;
    const from = Math.max(offset, end - MARK_BYTES, start);
    // An entry that was held until its long line ended may lie before `bytes`.
    if (from < end) this.#mark = { offset: from, bytes: bytes.slice(from - start, end - start) };
  }

  /**
   * Marks the bytes before an offset, whatever they are.
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
   * Returns whether the file still has the bytes of a mark.
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
   * Finds the start of the line in which the first `size` bytes end.
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
 * Returns whether a step found nothing.
 *
 * @param {Step} step
 */
function isEmpty({ batch, refused }) {
  return batch.places.length === 0 && batch.damage === NO_DAMAGE && !refused;
}

/**
 * Returns whether an entry may end where a chunk ends. Saves decoding most of the entries that are
 * cut.
 *
 * @param {Uint8Array} chunk
 */
function mayEndEntry(chunk) {
  // A brace, the last letter of a null, or a blank.
  return chunk.length > 0 && [0x7d, 0x6c, 0x20, 0x09, 0x0d].includes(chunk[chunk.length - 1]);
}
