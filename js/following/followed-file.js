// Reads what is new in one file as it grows, and checks that the bytes read before are still there.
// follower.js notices when another file is at the path.

import { SkillLogError } from "../errors.js";
import { BatchReader, NO_DAMAGE } from "../reading/batches.js";
import { matchesMark, MARK_BYTES } from "../storage/file-mark.js";
import { LINE_END } from "../line-end.js";
import { Patience } from "../reading/patience.js";

/** @import { Batch, Reading, Start } from "../reading/batches.js" */
/** @import { FileMark, Source } from "../storage/storage.js" */

const CHUNK_BYTES = 1 << 18;

/** The bytes that are searched first for the start of a line. */
const FIRST_RANGE_BYTES = 1 << 12;

const NOTHING = new Uint8Array(0);

/**
 * What was read.
 *
 * @typedef {{ batch: Batch, refused?: SkillLogError }} Step `refused` says why nothing after the
 *   batch can be read
 */

/**
 * What is remembered of a file that was closed, so that reading goes on later where it stopped.
 *
 * @typedef {object} Rest
 * @property {number} from where reading started
 * @property {Start} start where the next chunk starts: never within a line that was read
 * @property {FileMark | null} mark
 * @property {number} returnedEnd
 * @property {number} damageEnd damage up to this offset was reported
 */

/** Reads a file as it grows, each byte once. */
export class FollowedFile {
  #source;
  #reading;
  #reader;
  /** Where reading started. */
  #from = 0;
  /** Where the next chunk starts. */
  #position = 0;
  /** The last bytes before the position. */
  #recent = new Uint8Array();
  /**
   * The last bytes of the last entry, or of the bytes before the start. They change only when the
   * file is rewritten.
   *
   * @type {FileMark | null}
   */
  #mark = null;
  /**
   * The start of a line with NULs that another process may be writing, and the wait for that
   * process; null when there is no such line.
   *
   * @type {{ start: Start, patience: Patience } | null}
   */
  #unsettled = null;
  /** The end of the last entry that was read, also when the caller has not returned it yet. */
  #readEnd = 0;
  /** The bytes after the last line that was read, and the line ends before them. */
  #rest = { offset: 0, lines: 0 };
  /** NULs before this offset are damage, because the wait for them is over. */
  #settledTo = 0;
  /** Whether the bytes after the last line end were judged as they are. */
  #isJudged = true;
  /**
   * The version of the file at the last look, or null when a later change may not change it. All
   * that was read was still in the file then.
   */
  #version = /** @type {string | null} */ (null);
  #isBusy = false;
  #isClosed = false;

  /** Where following continues after the last entry that was returned. The caller advances it. */
  returnedEnd = 0;

  /** The end of the last damage that was reported. The caller advances it. */
  damageEnd = 0;

  /** Damage up to this offset was reported before the file was closed and opened again. */
  knownDamageEnd = 0;

  /**
   * @param {Source} source closed by `close`
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

  /** Whether reading waits before a line with NULs that another process may be writing. */
  get isUnsettled() {
    return this.#unsettled !== null;
  }

  /**
   * Returns what `resume` needs. Every entry that was read must have been returned.
   *
   * @returns {Rest}
   */
  get rest() {
    return {
      from: this.#from,
      start: { ...this.#rest, returnedTo: this.#readEnd },
      mark: this.#mark,
      returnedEnd: this.returnedEnd,
      damageEnd: this.damageEnd,
    };
  }

  /**
   * Goes on where another reader of the file stopped. The first read checks the mark.
   *
   * @param {Rest} rest
   */
  resume({ from, start, mark, returnedEnd, damageEnd }) {
    this.#goTo(start.offset);
    this.#from = from;
    this.#readEnd = start.returnedTo ?? 0;
    this.#readAgain(start);
    this.#rest = { offset: start.offset, lines: start.lines };
    this.#mark = mark;
    this.returnedEnd = returnedEnd;
    this.damageEnd = this.knownDamageEnd = damageEnd;
  }

  async size() {
    return this.#isClosed ? 0 : this.#source.size();
  }

  /**
   * Starts to read at an offset.
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
   * Starts to read at the end that the file had at a size: after the last line end, or after an
   * entry without a line end.
   *
   * @param {number} size
   * @param {Uint8Array} [tail] the last bytes that the file had then; default: those it has now
   */
  async skipToEnd(size, tail) {
    await this.#whileOpen(async () => {
      this.#goTo(await this.#lineStart(size));
      // Pending bytes stay in the reader, because they may become an entry.
      while (this.#position < size && !this.#isClosed) {
        const before = this.#position;
        const { batch, refused } = this.#take(await this.#nextChunk(size), size);
        if (refused) throw refused;
        this.returnedEnd = batch.restOffset;
        if (this.#position === before) break;
      }
      if (tail) this.#mark = { offset: size - tail.length, bytes: tail };
      else await this.#markEndAt(size);
    });
  }

  /**
   * Reads the next new bytes, at most a chunk of them.
   *
   * @returns {Promise<Step | null>} null when there is nothing new
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
        if (await this.#source.renew?.()) continue;
        // Perhaps only pending bytes were cut.
        const isCut = size >= this.returnedEnd && (await this.#hasMark(this.#mark));
        this.#goTo(isCut ? this.returnedEnd : 0);
        continue;
      }
      const unsettled = this.#unsettled;
      if (unsettled && (await unsettled.patience.isOver())) {
        this.#unsettled = null;
        this.#settledTo = size;
      }
      // The line is read again at each look, because its writer may have gone on.
      if (unsettled) this.#readAgain(unsettled.start);
      else if (size === this.#position && !(await this.#updateVersion())) return this.#judge();
      const isSettled = this.#position < this.#settledTo;
      this.#reader.settle(isSettled);
      const bytes = await this.#nextChunk(isSettled ? Math.min(size, this.#settledTo) : size);
      // Checked after the chunk was read, because then the chunk is of the same file.
      const unchangedTo = await this.#unchangedUpTo();
      if (unchangedTo < this.#position) {
        if (!(await this.#source.renew?.())) this.#goTo(unchangedTo);
        continue;
      }
      if (bytes.length === this.#recent.length) return this.#judge();
      const step = this.#take(bytes, size, isSettled);
      return this.#unsettled && isEmpty(step) ? null : step;
    }
  }

  /**
   * Judges the bytes after the last line end as they are, because no more bytes came for a while.
   * Does so only once.
   *
   * @returns {Step | null} null when they are still pending
   */
  #judge() {
    if (this.#isJudged || this.#reading.strict) return null;
    this.#isJudged = true;
    const step = this.#reader.read(NOTHING, true);
    this.#noteRest(step);
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
      { ...start, returnedTo: this.#readEnd },
    );
    this.#position = start.offset;
    this.#recent = NOTHING;
  }

  /** @param {Step} step */
  #noteRest({ batch: { restOffset, lines } }) {
    this.#rest = { offset: restOffset, lines };
  }

  /** @param {Step} step */
  #noteUnsettled({ batch }) {
    const patience = this.#unsettled?.patience ?? new Patience(this.#source);
    const start = { offset: batch.restOffset, lines: batch.lines };
    if (this.#reader.isUnsettled) patience.begin();
    this.#unsettled = this.#reader.isUnsettled ? { start, patience } : null;
  }

  /**
   * Stores the file's version.
   *
   * @returns {Promise<boolean>} whether the file may have changed since the last look
   */
  async #updateVersion() {
    if (!this.#source.version) return false;
    const before = this.#version;
    this.#version = await this.#source.version();
    return this.#version === null || this.#version !== before;
  }

  /**
   * Returns the offset up to which the file still has the bytes that were read: the position, the
   * end of the last entry that was returned, or 0.
   */
  async #unchangedUpTo() {
    if (!(await this.#hasMark(this.#mark))) return 0;
    const recent = { offset: this.#position - this.#recent.length, bytes: this.#recent };
    return (await this.#hasMark(recent)) ? this.#position : this.returnedEnd;
  }

  /**
   * Forgets what was read, and starts to read at an offset.
   *
   * @param {number} offset
   */
  #goTo(offset) {
    this.#reader.free();
    this.#reader = new BatchReader(this.#source, { ...this.#reading, from: offset });
    this.#from = offset;
    this.#position = offset;
    this.#rest = { offset, lines: 0 };
    this.returnedEnd = offset;
    this.damageEnd = this.knownDamageEnd = 0;
    this.#recent = NOTHING;
    this.#unsettled = null;
    this.#settledTo = 0;
    this.#readEnd = 0;
    this.#isJudged = true;
    if (offset === 0) this.#mark = null;
  }

  /**
   * Reads a chunk. Returns the recent bytes with the chunk after them.
   *
   * @param {number} size of the file
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
   * Takes a chunk that was read.
   *
   * @param {Uint8Array} bytes the recent bytes with the chunk after them
   * @param {number} size of the file
   * @param {boolean} [isSettled] whether NULs in the chunk are damage
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
    this.#noteRest(step);
    this.#noteUnsettled(step);
    this.#markLast(step.batch, bytes, start);
    return step;
  }

  /**
   * Keeps a mark of the end of a batch's last entry.
   *
   * @param {Batch} batch
   * @param {Uint8Array} bytes the chunk, and some bytes before it
   * @param {number} start the offset of `bytes` in the file
   */
  #markLast({ places }, bytes, start) {
    if (places.length === 0) return;
    const [offset, length] = places.subarray(-4);
    const end = offset + length;
    this.#readEnd = end;
    const from = Math.max(offset, end - MARK_BYTES, start);
    // An entry that was held until its long line ended may lie before `bytes`.
    if (from < end) this.#mark = { offset: from, bytes: bytes.slice(from - start, end - start) };
  }

  /**
   * Keeps a mark of the bytes before an offset, whatever they are.
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
   * Returns whether the file still has the bytes of a mark, or there is no mark.
   *
   * @param {FileMark | null} mark
   */
  async #hasMark(mark) {
    if (!mark || mark.bytes.length === 0) return true;
    const { offset, bytes } = mark;
    const now = new Uint8Array(bytes.length);
    return matchesMark(bytes, now.subarray(0, await this.#source.read(offset, now)));
  }

  /**
   * Finds the last line start at or before an offset.
   *
   * @param {number} offset
   */
  async #lineStart(offset) {
    // Most lines are short.
    let length = FIRST_RANGE_BYTES;
    for (let end = offset; end > 0 && !this.#isClosed; length = CHUNK_BYTES) {
      const start = Math.max(0, end - length);
      const bytes = new Uint8Array(end - start);
      const count = await this.#source.read(start, bytes);
      const at = bytes.subarray(0, count).lastIndexOf(LINE_END);
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
 * Returns whether an entry may end where a chunk ends. A false saves decoding an entry that is cut.
 *
 * @param {Uint8Array} chunk
 */
function mayEndEntry(chunk) {
  // A brace, the last letter of a null, or a blank.
  return chunk.length > 0 && [0x7d, 0x6c, 0x20, 0x09, 0x0d].includes(chunk[chunk.length - 1]);
}
