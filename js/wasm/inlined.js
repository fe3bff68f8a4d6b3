// The core's module, inlined, so that no bundler and no server has to find its file.

import base64 from "../../dist/wasm-inline.js";
import { bytesOfBase64 } from "./base64.js";
import { startError } from "./start-error.js";

function compiled() {
  try {
    return new WebAssembly.Module(bytesOfBase64(base64));
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
