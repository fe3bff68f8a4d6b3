// What goes wrong while compressed output is written.

import assert from "node:assert/strict";
import test from "node:test";

import { COMPRESSIONS } from "../../js/cli/exporting/export-format.js";
import { writeCompressed } from "../../js/cli/exporting/compressor.js";

for (const compression of [undefined, ...COMPRESSIONS]) {
  for (const bytes of [60, 5_000_000]) {
    test(`throws the error of a write when ${bytes} bytes are written (${compression ?? "plain"})`, async () => {
      const full = new Error("no space left");
      async function* chunks() {
        yield Buffer.alloc(bytes, "text");
      }
      const fail = () => Promise.reject(full);
      await assert.rejects(writeCompressed(chunks(), compression, fail), full);
    });
  }
}
