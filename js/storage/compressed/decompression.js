// Decompresses a file from one of its frames on, part by part.

import { ThreadTurns } from "../thread-turns.js";
import { Decompressor, STATUS } from "./decompressor.js";

/** @import { Source } from "../storage.js" */
/** @import { Fault } from "./faults.js" */
/** @import { Format } from "./formats.js" */

/** The compressed bytes that are read at once. */
const READ_BYTES = 1 << 18;

/** Where a frame starts: in the compressed file, and in the text. */
/** @typedef {{ position: number, offset: number }} FrameStart */

/** A run through a compressed file, from a frame on. */
export class Decompression {
  #packed;
  #start;
  #decompressor;
  #turns = new ThreadTurns();
  #input = new Uint8Array(READ_BYTES);
  #read = 0;
  #isLast = false;
  #needsInput = true;
  #isClosed = false;
  /** Where the text ends that was made, as an offset in the text of the file. */
  offset;
  /** @type {Fault | null} why it ended; null while it did not, and at the end of the file */
  fault = null;

  /**
   * @param {Source} packed
   * @param {Decompressor} decompressor in which the stream was begun
   * @param {FrameStart} start
   */
  constructor(packed, decompressor, start) {
    this.#packed = packed;
    this.#decompressor = decompressor;
    this.#start = start;
    this.offset = start.offset;
  }

  /**
   * Starts to decompress.
   *
   * @param {Source} packed
   * @param {Format} format
   * @param {FrameStart} start
   */
  static async start(packed, format, start) {
    const decompressor = await Decompressor.start();
    decompressor.begin(format);
    return new Decompression(packed, decompressor, start);
  }

  /** Where the next frame starts, where one has just ended. @returns {FrameStart} */
  get next() {
    const position = this.#start.position + this.#decompressor.consumed;
    return { position, offset: this.offset };
  }

  /**
   * Makes the next text.
   *
   * @returns {Promise<{ text: Uint8Array, isFrameEnd: boolean } | null>} the text lasts until the next
   *   call; null at the end, or at a fault
   */
  async part() {
    for (;;) {
      if (this.fault || this.#isClosed) return null;
      if (this.#needsInput && !this.#isLast) await this.#fill();
      await this.#turns.letOthersRun();
      if (this.#isClosed) return null;
      const { status, text } = this.#decompressor.next(this.#isLast);
      this.offset += text.length;
      this.#needsInput = status === STATUS.input;
      if (status === STATUS.end) {
        this.close();
        return null;
      }
      if (status > STATUS.end) this.fault = { status, ...this.next };
      const isFrameEnd = status === STATUS.frame;
      if (text.length > 0 || isFrameEnd) return { text, isFrameEnd };
    }
  }

  async #fill() {
    const position = this.#start.position + this.#read;
    const count = await this.#packed.read(position, this.#input);
    this.#decompressor.put(this.#input.subarray(0, count));
    this.#read += count;
    this.#isLast = count < this.#input.length;
  }

  close() {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#turns.close();
    this.#decompressor.release();
  }
}
