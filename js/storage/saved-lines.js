// The lines of the file `.damaged`, where a repair saves bytes before it overwrites them.

import { LINE_END } from "./line-end.js";

/** Bytes of lines that are written at once, about. A browser keeps all others from the file meanwhile. */
const FULL_BYTES = 1 << 20;

/** Bytes whose characters are the arguments of one call. */
const ARGUMENTS = 8192;

/** Node's own, and that of others who have one. */
const { Buffer } = /** @type {any} */ (globalThis);

const encoder = new TextEncoder();

/** Collects lines until they are worth a write. */
export class SavedLines {
  #text = "";

  /** Whether they are to be written now. */
  get isFull() {
    return this.#text.length >= FULL_BYTES;
  }

  /**
   * Adds the line of some damaged bytes.
   *
   * @param {number} offset in the log
   * @param {string} kind of the damage
   * @param {Uint8Array} bytes
   */
  add(offset, kind, bytes) {
    this.#text += `{"offset":${offset},"length":${bytes.length},"kind":"${kind}","base64":"${base64Of(bytes)}"}\n`;
  }

  /**
   * Takes the lines out.
   *
   * @returns {Uint8Array<ArrayBuffer> | null} with a line end before them, for a file that does not end in one; null without lines
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
