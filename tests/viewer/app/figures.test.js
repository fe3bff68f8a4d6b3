// Numbers and statuses as the page shows them.

import assert from "node:assert/strict";
import { test } from "node:test";

import { bytesText, counted } from "../../../viewer/app/figures.js";
import { toneOf } from "../../../viewer/app/tones.js";

/** @type {[number, string][]} */
const sizes = [
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.0 KB"],
  [99_949, "99.9 KB"],
  [123_456, "123 KB"],
  [999_960, "1.0 MB"],
  [2_500_000_000, "2.5 GB"],
  [5e15, "5000 TB"],
];

for (const [bytes, text] of sizes) {
  test(`shows ${bytes} bytes as ${text}`, () => assert.equal(bytesText(bytes), text));
}

test("counts in words", () => {
  assert.equal(counted(1, "entry", "entries"), "1 entry");
  assert.equal(counted(1234, "entry", "entries"), "1,234 entries");
});

test("gives common statuses a tone, and the user's own words none", () => {
  const tones = ["pass", "FAILED", "needs_review", "timed out", "passenger", "", "__proto__"];
  assert.deepEqual(tones.map(toneOf), ["good", "bad", "warn", "bad", "plain", "plain", "plain"]);
});
