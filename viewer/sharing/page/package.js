// Instead of app/package.js: a shared page has the wasm in its program, compressed.

import { init } from "skill-log/slim";

import { compressedWasm } from "./wasm.js";

/** @type {Promise<void> | undefined} */
let starting;

/** @returns {Promise<void>} */
export function started() {
  starting ??= init(decompressed());
  return starting;
}

async function decompressed() {
  const bytes = Uint8Array.from(atob(compressedWasm), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}
