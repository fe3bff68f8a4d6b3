// Decompresses in a wasm module of its own, which loads when a compressed log is read.

import { SkillLogError } from "../../errors.js";
import { bytesOfBase64 } from "../../wasm/base64.js";

/** @import { Format } from "./formats.js" */

/**
 * What a call to the decompressor comes to. `decompressor/src/status.rs` explains each, and has the
 * same list.
 */
export const STATUS = /** @type {const} */ ({
  input: 0,
  output: 1,
  frame: 2,
  end: 3,
  truncated: 4,
  damaged: 5,
  checksum: 6,
  window: 7,
  dictionary: 8,
  foreign: 9,
});

/** The text that is made at once, about. */
const STEP_BYTES = 1 << 20;

/** Memory that must be there when the module says that it got none, unless the machine has none. */
const PROBED_PAGES = 256;

/**
 * @typedef {object} Exports
 * @property {WebAssembly.Memory} memory
 * @property {(isGzip: boolean) => void} begin
 * @property {(length: number) => number} space
 * @property {(isLast: boolean, most: number) => number} decompress
 * @property {() => number} output
 * @property {() => number} output_length
 * @property {() => number} consumed
 * @property {() => number} checksum
 * @property {() => number} is_checked
 */

/** @type {Promise<WebAssembly.Module> | null} */
let compiling = null;

/**
 * @returns {Promise<WebAssembly.Module>}
 * @throws {SkillLogError} `NOT_STARTED`
 */
async function compiled() {
  compiling ??= import("../../../dist/skill-log-decompressor.js").then((module) =>
    WebAssembly.compile(bytesOfBase64(module.default)),
  );
  try {
    return await compiling;
  } catch (cause) {
    compiling = null;
    throw notStarted(cause);
  }
}

/** @param {unknown} cause */
function notStarted(cause) {
  const reason = cause instanceof Error ? cause.message : cause;
  const message =
    "a compressed log cannot be read, because the package's skill-log-decompressor.js did not load, or its wasm was refused";
  return new SkillLogError("NOT_STARTED", `${message} (${reason})`, { cause });
}

/** The most memory of a decompressor that is kept for another stream. */
const MOST_SPARE_BYTES = 16 << 20;

/** A decompressor that nobody uses. It takes longer to start one than to decompress a frame. */
/** @type {Decompressor | null} */
let spare = null;

/** Decompresses one stream after another. */
export class Decompressor {
  #exports;
  #isBroken = false;
  /** How many bytes of the stream were used. */
  consumed = 0;

  /** @param {Exports} exports */
  constructor(exports) {
    this.#exports = exports;
  }

  /**
   * Returns a decompressor with a memory of its own.
   *
   * @returns {Promise<Decompressor>}
   * @throws {SkillLogError} `NOT_STARTED`
   */
  static async start() {
    const kept = spare;
    spare = null;
    if (kept) return kept;
    const module = await compiled();
    try {
      const { exports } = await WebAssembly.instantiate(module);
      return new Decompressor(/** @type {any} */ (exports));
    } catch (cause) {
      throw notStarted(cause);
    }
  }

  /** Ends the use of it. */
  release() {
    const { byteLength } = this.#exports.memory.buffer;
    if (!this.#isBroken && byteLength <= MOST_SPARE_BYTES) spare = this;
  }

  /**
   * Starts a stream.
   *
   * @param {Format} format
   */
  begin(format) {
    this.#exports.begin(format === "gzip");
    this.consumed = 0;
  }

  /**
   * Adds input.
   *
   * @param {Uint8Array} bytes
   * @throws {SkillLogError} `OUT_OF_MEMORY`
   */
  put(bytes) {
    const { memory, space } = this.#exports;
    let at;
    try {
      at = space(bytes.length);
    } catch (cause) {
      this.#isBroken = true;
      throw noMemory(cause);
    }
    new Uint8Array(memory.buffer, at, bytes.length).set(bytes);
  }

  /**
   * Makes the next text.
   *
   * @param {boolean} isLast whether no input follows
   * @param {number} [most] about the most bytes
   * @returns {{ status: number, text: Uint8Array }} the text lasts until the next call
   * @throws {SkillLogError} `OUT_OF_MEMORY`
   */
  next(isLast, most = STEP_BYTES) {
    const { memory, decompress, consumed, output, output_length } = this.#exports;
    try {
      const status = decompress(isLast, most);
      this.consumed = consumed();
      return { status, text: new Uint8Array(memory.buffer, output(), output_length()) };
    } catch (cause) {
      this.#isBroken = true;
      // The module ended. Only a block that is longer than the format allows needs all of its memory.
      if (isMemoryGone(memory)) throw noMemory(cause);
      return { status: STATUS.damaged, text: new Uint8Array(0) };
    }
  }

  /** The low 32 bits of the XXH64 of the last frame's text. */
  get checksum() {
    return this.#exports.checksum() >>> 0;
  }

  /** Whether the last frame has a checksum, which is right. */
  get isChecked() {
    return Boolean(this.#exports.is_checked());
  }
}

/** @param {unknown} cause */
function noMemory(cause) {
  return new SkillLogError("OUT_OF_MEMORY", "there is no memory to decompress a log", { cause });
}

/** @param {WebAssembly.Memory} memory */
function isMemoryGone(memory) {
  try {
    memory.grow(PROBED_PAGES);
    return false;
  } catch {
    return memory.buffer.byteLength < 1 << 27;
  }
}
