// Holds lines until all of standard input was checked: in memory, and in a temporary file when they
// are many.

import fs from "node:fs";

import { Failure } from "../failures.js";
import { temporaryFile } from "../selection/temporary-file.js";
import { LINE_END } from "./lines.js";

/** The most bytes that are held in memory, and the length of a chunk read back. */
const MEMORY_BYTES = 1024 * 1024;

/** Holds lines with their numbers. */
export class LineSpool {
  #held = Buffer.allocUnsafe(MEMORY_BYTES);
  #length = 0;
  #number = 0;
  #path = "";
  #fd = -1;
  /** The bytes of all lines. */
  bytes = 0;

  /**
   * Adds a line.
   *
   * @param {number} number greater than that of the line before; lines between them become blank
   *   lines
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
      const where = this.#path || "the temporary directory";
      throw new Failure(
        `cannot keep entries in ${where} while the rest is checked: ${/** @type {Error} */ (cause).message}; set TMPDIR to a directory with more room`,
        { cause },
      );
    }
  }

  /**
   * Yields all lines, once, in chunks that need not end with a line.
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
