// Lines that are kept until all have come: in memory, and beyond some size in a file.

import fs from "node:fs";

import { Failure } from "../failures.js";
import { temporaryFile } from "../selection/temporary-file.js";

/** How much is held in memory, and given at once. */
const MEMORY_BYTES = 1024 * 1024;

const LINE_END = 0x0a;

/** Keeps lines with their numbers. */
export class LineSpool {
  #held = Buffer.allocUnsafe(MEMORY_BYTES);
  #length = 0;
  #number = 0;
  #path = "";
  #fd = -1;
  /** How many bytes there are. */
  bytes = 0;

  /**
   * Keeps a line.
   *
   * @param {number} number greater than those before; the numbers between are blank lines
   * @param {Uint8Array} line with its line end
   */
  add(number, line) {
    for (this.#number += 1; this.#number < number; this.#number += 1)
      this.#write(Uint8Array.of(LINE_END));
    this.#write(line);
  }

  /** @param {Uint8Array} bytes */
  #write(bytes) {
    this.bytes += bytes.length;
    if (this.#length + bytes.length > MEMORY_BYTES)
      this.#store(this.#held.subarray(0, this.#length)), (this.#length = 0);
    if (bytes.length > MEMORY_BYTES) return this.#store(bytes);
    this.#held.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** @param {Uint8Array} bytes */
  #store(bytes) {
    try {
      if (this.#fd < 0) {
        this.#path = temporaryFile("entries.jsonl");
        this.#fd = fs.openSync(this.#path, "ax", 0o600);
      }
      fs.writeFileSync(this.#fd, bytes);
    } catch (cause) {
      const place = this.#path || "a temporary directory";
      throw new Failure(
        `${place}: entries cannot be kept there while the rest is checked: ${/** @type {Error} */ (cause).message} (TMPDIR says where)`,
        { cause },
      );
    }
  }

  /**
   * Gives what was kept, once, in chunks that need not end with a line.
   *
   * @returns {AsyncGenerator<Buffer, void, void>}
   */
  async *chunks() {
    if (this.#fd >= 0) {
      fs.closeSync(this.#fd);
      yield* fs.createReadStream(this.#path, { highWaterMark: MEMORY_BYTES });
    }
    yield this.#held.subarray(0, this.#length);
  }
}
