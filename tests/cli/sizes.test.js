// Sizes for people are those of pretty-bytes, although few of their texts are made.

import assert from "node:assert/strict";
import test from "node:test";
import prettyBytes from "pretty-bytes";

import { sizeText } from "../../js/cli/terminal/sizes.js";

test("returns the text of pretty-bytes when a size is rounded", () => {
  for (let bytes = 0; bytes < 12_000; bytes += 1) same(bytes);
  // Each size before, at and after a half of the last digit that is shown.
  for (let half = 10_050; half < 1_100_000; half += 50)
    for (const bytes of [half - 1, half, half + 1]) same(bytes);
  for (const bytes of [1e9 - 1, 1e9, 5e12, Number.MAX_SAFE_INTEGER]) same(bytes);
});

/** @param {number} bytes */
function same(bytes) {
  assert.equal(sizeText(bytes), prettyBytes(bytes), `${bytes} bytes`);
}
