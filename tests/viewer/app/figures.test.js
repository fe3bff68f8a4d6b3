// Numbers, times and statuses as the page shows them.

import assert from "node:assert/strict";
import { test } from "node:test";

import { agoText, bytesText, counted } from "../../../viewer/app/figures.js";
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

const now = new Date(2026, 10, 29, 12).getTime();

/** @type {[number, string][]} */
const ages = [
  [now, "now"],
  [now - 59_999, "now"],
  [now + 30_000, "now"],
  [now - 60_000, "1 min"],
  [now - 3_599_999, "59 min"],
  [now - 3_600_000, "1 h"],
  [now - 86_400_000, "1 d"],
  [now - 7 * 86_400_000, "22 Nov"],
  [now + 7 * 86_400_000, "6 Dec"],
  [new Date(2024, 1, 3).getTime(), "3 Feb 2024"],
  [Number.NaN, ""],
];

for (const [instant, text] of ages) {
  test(`shows ${now - instant} ms ago as “${text}”`, () =>
    assert.equal(agoText(instant, now), text));
}

test("counts in words", () => {
  assert.equal(counted(1, "entry", "entries"), "1 entry");
  assert.equal(counted(1234, "entry", "entries"), "1,234 entries");
});

test("gives common statuses a tone, and the user's own words none", () => {
  const tones = ["pass", "FAILED", "needs_review", "timed out", "passenger", "", "__proto__"];
  assert.deepEqual(tones.map(toneOf), ["good", "bad", "warn", "bad", "plain", "plain", "plain"]);
});
