// The text of a file in the Zstandard seekable format: each frame is decompressed when it is read.

import { Decompressor, STATUS } from "./decompressor.js";
import { faultError } from "./faults.js";

/** @import { Source } from "../storage.js" */
/** @import { SeekTable } from "./seek-table.js" */

/** The text that is kept. One frame more may be kept, because others are near its last bytes. */
const KEPT_BYTES = 4 << 20;

/** The compressed bytes that are read at once, unless a frame has more. */
const READ_BYTES = 1 << 20;

/** Several sources of the file share the frames that were decompressed. */
export class FramedText {
  #table;
  /** The frames that were read last, the latest one last. @type {Map<number, Uint8Array>} */
  #kept = new Map();
  #keptBytes = 0;

  /** @param {SeekTable} table */
  constructor(table) {
    this.#table = table;
  }

  /** Where each part of an archive starts in the text. */
  get partStarts() {
    return this.#table.partStarts;
  }

  /**
   * Returns what reads the text.
   *
   * @param {Source} packed
   */
  reader(packed) {
    const { count, offsets } = this.#table;
    return {
      size: async () => offsets[count],
      read: (/** @type {number} */ offset, /** @type {Uint8Array} */ into) =>
        this.#read(packed, offset, into),
      close() {},
    };
  }

  /**
   * @param {Source} packed
   * @param {number} offset
   * @param {Uint8Array} into
   * @returns {Promise<number>} fewer bytes than fit at the end of the text, or before a frame that is
   *   damaged
   * @throws {SkillLogError} when the first frame is damaged
   */
  async #read(packed, offset, into) {
    const { count, offsets } = this.#table;
    const end = Math.min(offset + into.length, offsets[count]);
    let filled = 0;
    try {
      for (let frame = this.#frameAt(offset); offset + filled < end; ) {
        const kept = this.#kept.get(frame);
        if (kept) {
          this.#keep(frame, kept);
          filled += put(kept, offsets[frame], offset, into, filled);
          frame += 1;
          continue;
        }
        const to = this.#runEnd(frame, end);
        const bytes = await this.#compressed(packed, frame, to);
        const decompressor = await Decompressor.start();
        for (const first = frame; frame < to; frame += 1) {
          const text = this.#decompress(packed, decompressor, frame, bytes, first);
          const isPart = offsets[frame] < offset || offsets[frame + 1] > end;
          if (isPart) this.#keep(frame, text);
          filled += put(text, offsets[frame], offset, into, filled);
        }
        decompressor.release();
      }
    } catch (error) {
      // The next read throws it.
      if (filled === 0) throw error;
    }
    return filled;
  }

  /**
   * Returns the frame with an offset.
   *
   * @param {number} offset
   */
  #frameAt(offset) {
    const { count, offsets } = this.#table;
    let [low, high] = [0, count];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (offsets[middle + 1] > offset) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /**
   * Returns where the frames end that are read at once.
   *
   * @param {number} frame the first one
   * @param {number} end an offset up to which text is wanted
   */
  #runEnd(frame, end) {
    const { positions, offsets, count } = this.#table;
    let to = frame + 1;
    while (
      to < count &&
      offsets[to] < end &&
      !this.#kept.has(to) &&
      positions[to + 1] - positions[frame] <= READ_BYTES
    )
      to += 1;
    return to;
  }

  /**
   * Reads the compressed bytes of frames.
   *
   * @param {Source} packed
   * @param {number} from
   * @param {number} to
   */
  async #compressed(packed, from, to) {
    const { positions } = this.#table;
    const bytes = new Uint8Array(positions[to] - positions[from]);
    const count = await packed.read(positions[from], bytes);
    return bytes.subarray(0, count);
  }

  /**
   * Decompresses a frame, and checks it: its own checksum, or else the table's; and its length.
   *
   * @param {Source} packed
   * @param {Decompressor} decompressor
   * @param {number} frame
   * @param {Uint8Array} bytes those of several frames
   * @param {number} first the first of these
   * @returns {Uint8Array} a copy
   */
  #decompress(packed, decompressor, frame, bytes, first) {
    const { positions, offsets, sums } = this.#table;
    const start = positions[first];
    const length = offsets[frame + 1] - offsets[frame];
    const fail = (/** @type {number} */ status, used = 0) => {
      const position = positions[frame] + used;
      return faultError(packed, { status, offset: offsets[frame], position });
    };
    decompressor.begin("zstd");
    decompressor.put(bytes.subarray(positions[frame] - start, positions[frame + 1] - start));
    /** @type {Uint8Array | null} */
    let text = null;
    for (;;) {
      const { status, text: part } = decompressor.next(true, length + 1);
      if (status > STATUS.end) throw fail(status, decompressor.consumed);
      if (status === STATUS.end) break;
      const isChecked = decompressor.isChecked || !sums || decompressor.checksum === sums[frame];
      if (status === STATUS.frame && !isChecked) throw fail(STATUS.checksum);
      // A few frames that the table has as one.
      text = text === null ? part.slice() : joined(text, part);
      if (text.length > length) break;
    }
    if ((text?.length ?? 0) !== length) throw fail(STATUS.checksum);
    return text ?? new Uint8Array(0);
  }

  /**
   * Keeps the text of a frame, as the latest one.
   *
   * @param {number} frame
   * @param {Uint8Array} text
   */
  #keep(frame, text) {
    if (this.#kept.delete(frame)) this.#keptBytes -= text.length;
    this.#kept.set(frame, text);
    this.#keptBytes += text.length;
    for (const [oldest, { length }] of this.#kept) {
      if (this.#keptBytes <= KEPT_BYTES || oldest === frame) break;
      this.#kept.delete(oldest);
      this.#keptBytes -= length;
    }
  }
}

/**
 * Puts what a read wants of a frame.
 *
 * @param {Uint8Array} text of the frame
 * @param {number} start where the frame starts in the text of the file
 * @param {number} offset of the read
 * @param {Uint8Array} into
 * @param {number} filled the bytes that were put
 * @returns {number} the number of bytes
 */
function put(text, start, offset, into, filled) {
  const from = offset + filled - start;
  const some = text.subarray(from, from + into.length - filled);
  into.set(some, filled);
  return some.length;
}

/**
 * @param {Uint8Array} text
 * @param {Uint8Array} part
 */
function joined(text, part) {
  const both = new Uint8Array(text.length + part.length);
  both.set(text);
  both.set(part, text.length);
  return both;
}
