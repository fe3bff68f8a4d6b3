// The lines of the file `.damaged`. A repair saves bytes there before it overwrites them.

import { LINE_END } from "../line-end.js";

/** About how many bytes are written at once. A browser locks the file during a write. */
const FULL_BYTES = 1 << 20;

/** How many arguments a call takes in every engine, with a margin. */
const ARGUMENTS = 8192;

/** A global in Node and Bun. Node's `btoa` encodes 8 MB/s. */
const { Buffer } = /** @type {any} */ (globalThis);

const encoder = new TextEncoder();

/** Collects lines until there are enough for a write. */
export class SavedLines {
  #text = "";

  /** Whether the lines should be written now. */
  get isFull() {
    return this.#text.length >= FULL_BYTES;
  }

  /**
   * Adds a line that keeps damaged bytes.
   *
   * @param {number} offset in the log
   * @param {string} kind of the damage
   * @param {Uint8Array} bytes
   */
  add(offset, kind, bytes) {
    this.#text += `{"offset":${offset},"length":${bytes.length},"kind":"${kind}","base64":"${base64Of(bytes)}"}\n`;
  }

  /**
   * Removes the lines and returns them.
   *
   * @returns {Uint8Array<ArrayBuffer> | null} a line end, which a file without a final line end
   *   needs, and the lines; null if there are none
   */
  take() {
    if (this.#text === "") return null;
    const bytes = encoder.encode(String.fromCharCode(LINE_END) + this.#text);
    this.#text = "";
    return bytes;
  }
}

/**
 * @param {Uint8Array} bytes
 * @returns {string}
 */
function base64Of(bytes) {
  if (Buffer) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");
  let binary = "";
  for (let at = 0; at < bytes.length; at += ARGUMENTS)
    binary += String.fromCharCode(...bytes.subarray(at, at + ARGUMENTS));
  return btoa(binary);
}
