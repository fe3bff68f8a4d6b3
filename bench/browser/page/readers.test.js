// Checks that a log parses alike in pieces and whole.

import assert from "node:assert/strict";
import { test } from "node:test";

import { heldEntries, streamEntries } from "./readers.js";

const entries = [{ message: "é" }, { message: "検索\u2028 🚀" }, { message: "x".repeat(40) }];
const bytes = new TextEncoder().encode(
  entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""),
);

test("finds whole entries when a stream is cut anywhere, even within a letter", async () => {
  for (const size of [1, 2, 3, 7, bytes.length]) {
    const file = {
      stream: () =>
        new ReadableStream({
          start(controller) {
            for (let at = 0; at < bytes.length; at += size)
              controller.enqueue(bytes.slice(at, at + size));
            controller.close();
          },
        }),
    };
    /** @type {object[]} */
    const found = [];
    await streamEntries(/** @type {any} */ (file), (entry) => found.push(entry));
    assert.deepEqual(found, entries, `pieces of ${size} bytes`);
  }
});

test("finds the same entries when it holds the text", async () => {
  assert.deepEqual(await heldEntries(new Blob([bytes])), entries);
});
