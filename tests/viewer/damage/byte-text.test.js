// Bytes as people read them, without a browser.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";

import { ascii, divided, shownRanges, textOf } from "../../../viewer/damage/byte-text.js";

/** @import { Stretch } from "../../../viewer/damage/byte-text.js" */

/** Returns pieces as one text: what is no plain text is in brackets. @param {Uint8Array} bytes */
const shown = (bytes) =>
  textOf(bytes)
    .map(({ text, kind }) => (kind ? `<${kind} ${text}>` : text))
    .join("");

for (const [bytes, expected] of /** @type {const} */ ([
  ["", ""],
  ["plain é 😀", "plain é 😀"],
  ["a\nb\r\n", "a<end LF>b<end CR><end LF>"],
  ["\0\x1b[31m\u202e\u200b", "<code U+0000><code U+001B>[31m<code U+202E><code U+200B>"],
  ["<b>&amp;</b>", "<b>&amp;</b>"],
]))
  test(`shows ${JSON.stringify(bytes)} as ${expected} when it is read as text`, () => {
    assert.equal(shown(Buffer.from(bytes)), expected);
  });

test("shows a byte by its number when it is no text", () => {
  // Cut, overlong, a surrogate, beyond Unicode.
  for (const bytes of ["c3", "e282", "c0af", "eda080", "f4908080", "ff", "80"]) {
    const wanted = bytes.replace(/../g, (byte) => `<byte ${byte.toUpperCase()}>`);
    assert.equal(shown(Buffer.from(`61${bytes}62`, "hex")), `a${wanted}b`);
    assert.equal(shown(Buffer.from(bytes, "hex")), wanted);
  }
  assert.equal([0x41, 0x20, 0, 0x7f, 0xe9].map(ascii).join(""), "A ...");
});

test("divides a range into its stretches, without a gap, when they overlap in any way", () => {
  const places = fc.tuple(fc.nat(40), fc.nat(40)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)]);
  const stretches = fc.array(
    fc.record({
      place: places,
      part: fc.constantFrom(/** @type {const} */ ("damaged"), "recovered", "doubtful"),
    }),
    { maxLength: 5 },
  );
  fc.assert(
    fc.property(places, stretches, ([start, end], given) => {
      /** @type {Stretch[]} */
      const all = given.map(({ place: [from, to], part }) => ({ start: from, end: to, part }));
      const parts = divided({ start, end }, all);
      const partAt = (/** @type {readonly Stretch[]} */ list, /** @type {number} */ at) =>
        list.findLast((one) => one.start <= at && at < one.end)?.part ?? "around";
      for (let at = start; at < end; at += 1) assert.equal(partAt(parts, at), partAt(all, at));
      for (const [at, part] of parts.entries())
        assert.equal(part.start, at === 0 ? start : parts[at - 1].end);
      assert.equal(parts.at(-1)?.end ?? end, end);
    }),
  );
});

test("shows the start and the end when damage is long", () => {
  assert.deepEqual(shownRanges({ offset: 10, length: 50 }, 60), {
    ranges: [{ start: 0, end: 220 }],
    left: 0,
  });
  assert.deepEqual(shownRanges({ offset: 1000, length: 5000 }, 600), {
    ranges: [
      { start: 840, end: 1400 },
      { start: 5800, end: 6160 },
    ],
    left: 4400,
  });
});
