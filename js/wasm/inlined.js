// The core's module, inlined, so that no bundler and no server has to find its file.

import base64 from "../../dist/wasm-inline.js";
import { startError } from "./start-error.js";

/** A global in Node and Bun. */
const { Buffer } = /** @type {any} */ (globalThis);

/**
 * Decodes base64. A Buffer takes a tenth of the time of the loop; Uint8Array.from with a function
 * takes five times as long as the loop.
 *
 * @param {string} base64
 * @returns {Uint8Array<ArrayBuffer>}
 */
function bytesOf(base64) {
  if (Buffer) return Buffer.from(base64, "base64");
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

function compiled() {
  try {
    return new WebAssembly.Module(bytesOf(base64));
  } catch (cause) {
    // Not every engine says what the page must allow.
    const message =
      "the package's wasm was refused: a Content-Security-Policy must have 'wasm-unsafe-eval' in its script-src, and an engine must know SIMD";
    const reason = cause instanceof Error ? cause.message : cause;
    throw startError(cause, "NOT_STARTED", `${message} (${reason})`);
  }
}

/** @type {WebAssembly.Module | null} */
export const inlined = compiled();
