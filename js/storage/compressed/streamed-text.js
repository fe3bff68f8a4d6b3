// The text of a compressed file without a table of its frames: it is decompressed from the front.

import { Decompression } from "./decompression.js";
import { faultError } from "./faults.js";
import { STATUS } from "./decompressor.js";

/** @import { Source } from "../storage.js" */
/** @import { FrameStart } from "./decompression.js" */
/** @import { Fault } from "./faults.js" */
/** @import { Format } from "./formats.js" */

/** A text of at most so many bytes is kept, once it was decompressed. */
const KEPT_BYTES = 64 << 20;

/** The least text between two frames from which decompressing may start again. */
const START_BYTES = 1 << 20;

/** What is known of a text, which several sources of the file share. */
export class StreamedText {
  #format;
  /** @type {Promise<{ bytes: Uint8Array, fault: Fault | null } | null> | null} null: not read yet */
  #kept = null;
  /** @type {FrameStart[]} frames that were found, some apart */
  starts = [{ position: 0, offset: 0 }];
  /** @type {{ size: number, fault: Fault | null } | null} null: not read to its end yet */
  end = null;

  /** Without a table, a text has one part. */
  partStarts = [0];

  /** @param {Format} format */
  constructor(format) {
    this.#format = format;
  }

  /**
   * Returns what reads the text.
   *
   * @param {Source} packed
   */
  reader(packed) {
    return new StreamedReader(this, packed);
  }

  /**
   * Decompresses the file if its text is short enough to be kept.
   *
   * Of a frame whose checksum is wrong, no text is kept. Of a frame that was cut, what came is kept.
   *
   * @param {Source} packed
   * @returns {Promise<{ bytes: Uint8Array, fault: Fault | null } | null>} null when it is too long
   */
  kept(packed) {
    const keeping = (this.#kept ??= this.#keep(packed));
    keeping.catch(() => {
      if (this.#kept === keeping) this.#kept = null;
    });
    return keeping;
  }

  /** @param {Source} packed */
  async #keep(packed) {
    const run = await this.start(packed, this.starts[0]);
    const parts = [];
    let sound = 0;
    for (let part = await run.part(); part; part = await run.part()) {
      if (run.offset > KEPT_BYTES) {
        run.close();
        return null;
      }
      parts.push(part.text.slice());
      if (part.isFrameEnd) sound = run.offset;
    }
    run.close();
    const { fault, offset } = run;
    const length = !fault || fault.status === STATUS.truncated ? offset : sound;
    const bytes = new Uint8Array(length);
    let at = 0;
    for (const part of parts) {
      const some = part.subarray(0, length - at);
      bytes.set(some, at);
      at += some.length;
    }
    return { bytes, fault: fault && { ...fault, offset: length } };
  }

  /**
   * @param {Source} packed
   * @param {FrameStart} start
   */
  start(packed, start) {
    return Decompression.start(packed, this.#format, start);
  }

  /**
   * Keeps where a frame starts.
   *
   * @param {FrameStart} start
   */
  found(start) {
    if (start.offset >= this.starts[this.starts.length - 1].offset + START_BYTES)
      this.starts.push(start);
  }
}

/** Reads a text, forwards at best: a read before the last one starts again at a frame before it. */
class StreamedReader {
  #text;
  #packed;
  /** @type {Decompression | null} */
  #run = null;
  /** The last part, a copy. */
  #part = new Uint8Array(0);
  #partOffset = 0;

  /**
   * @param {StreamedText} text
   * @param {Source} packed
   */
  constructor(text, packed) {
    this.#text = text;
    this.#packed = packed;
  }

  /** Returns the length of the text; where it has a fault, that of what can be read. */
  async size() {
    const kept = await this.#text.kept(this.#packed);
    if (kept) return kept.bytes.length;
    if (!this.#text.end) await this.#seek(Infinity);
    return /** @type {{ size: number }} */ (this.#text.end).size;
  }

  /**
   * @param {number} offset
   * @param {Uint8Array} into
   * @returns {Promise<number>} fewer bytes than fit at the end of the text, or before a fault
   * @throws {SkillLogError} at a fault
   */
  async read(offset, into) {
    const kept = await this.#text.kept(this.#packed);
    if (kept) {
      const some = kept.bytes.subarray(offset, offset + into.length);
      into.set(some);
      if (some.length === 0) this.#throwIf(kept.fault, into);
      return some.length;
    }
    await this.#seek(offset);
    let filled = 0;
    do {
      const at = offset + filled - this.#partOffset;
      const some = this.#part.subarray(at, at + into.length - filled);
      into.set(some, filled);
      filled += some.length;
    } while (filled < into.length && (await this.#next()));
    if (filled === 0) this.#throwIf(this.#run?.fault ?? null, into);
    return filled;
  }

  /**
   * @param {Fault | null} fault
   * @param {Uint8Array} into
   */
  #throwIf(fault, into) {
    if (fault && into.length > 0) throw faultError(this.#packed, fault);
  }

  /**
   * Decompresses up to the part with an offset.
   *
   * @param {number} offset
   */
  async #seek(offset) {
    const { starts } = this.#text;
    let nearest = starts.length - 1;
    while (starts[nearest].offset > offset) nearest -= 1;
    const from = this.#run ? this.#run.offset : -1;
    if (offset < this.#partOffset || from < starts[nearest].offset) {
      this.#run?.close();
      this.#part = new Uint8Array(0);
      this.#partOffset = starts[nearest].offset;
      this.#run = await this.#text.start(this.#packed, starts[nearest]);
    }
    while (this.#partOffset + this.#part.length <= offset && (await this.#next()));
  }

  /** Makes the next part. Returns false at the end. */
  async #next() {
    const run = /** @type {Decompression} */ (this.#run);
    const part = await run.part();
    if (!part) {
      this.#text.end ??= { size: run.offset, fault: run.fault };
      return false;
    }
    this.#partOffset = run.offset - part.text.length;
    this.#part = part.text.slice();
    if (part.isFrameEnd) this.#text.found(run.next);
    return true;
  }

  close() {
    this.#run?.close();
  }
}
