// The JSON that the program writes is valid for every reader.

import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";

import { jsonText, withoutLoneSurrogates } from "../../js/cli/json-text.js";

/** Replaces each lone surrogate by U+FFFD. @param {string} text */
const whole = (text) => Buffer.from(text).toString();

// Parts of escapes, so that backslashes, surrogates and look-alikes meet in every way.
const part = fc.constantFrom(
  "\\ud83d",
  "\\uDE00",
  "\\uD83d",
  "\\udE00",
  "\\\\",
  "\\\\ud83d",
  '\\"',
  "\\u005c",
  "ud83d",
  "\\n",
  "😀",
  "é",
  "\\ufffd",
  "\\ud83d\\ude00",
);
const json = fc.array(part, { maxLength: 8 }).map((parts) => `"${parts.join("")}"`);

test("replaces only lone surrogates when JSON has some", () => {
  fc.assert(
    fc.property(json, json, (key, text) => {
      const given = `{${key}:[${text},1e400]}`;
      const left = withoutLoneSurrogates(given);
      // JSON.parse pairs surrogates that meet, as every reader does.
      assert.deepEqual(JSON.parse(left), {
        [whole(JSON.parse(key))]: [whole(JSON.parse(text)), Infinity],
      });
      // Of the escapes and characters, only the lone surrogates have changed.
      const tokens = (/** @type {string} */ of) =>
        of.match(/\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u....|\\.|./gsu) ?? [];
      const isHalf = (/** @type {string} */ token) => /^\\u[dD][89a-fA-F]..$/.test(token);
      assert.deepEqual(
        tokens(left),
        tokens(given).map((token) => (isHalf(token) ? "\ufffd" : token)),
      );
    }),
    { numRuns: 5000 },
  );
});

test("takes time in proportion to the text when all of it is escapes", () => {
  const time = (/** @type {number} */ count) => {
    const text = `"${"\\ud83d\\\\ud83d\\ude00".repeat(count)}"`;
    const start = performance.now();
    assert.equal(withoutLoneSurrogates(text).length, 2 + 9 * count);
    return performance.now() - start;
  };
  time(10_000);
  const few = Math.min(...Array.from({ length: 5 }, () => time(20_000)));
  assert.ok(Math.min(...Array.from({ length: 3 }, () => time(320_000))) < 16 * 8 * few);
});

test("writes what JSON.stringify writes, and all digits when a value is a bigint", () => {
  fc.assert(
    fc.property(fc.jsonValue({ depthSize: "medium" }), (value) => {
      assert.equal(jsonText(value), JSON.stringify(value));
    }),
  );
  assert.equal(
    jsonText({ at: new Date(0), none: undefined, big: [2n ** 63n, -1n], id: "a\ud83d" }),
    '{"at":"1970-01-01T00:00:00.000Z","big":[9223372036854775808,-1],"id":"a\ufffd"}',
  );
});
