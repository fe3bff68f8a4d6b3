// What two sessions have in common, and what they do not.

import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { comparisonOf, KINDS } from "../../../viewer/compare/comparison.js";
import { comparedRates, comparedTimes, MEASURES } from "../../../viewer/compare/differences.js";

/** @import { Columns } from "../../../viewer/compare/comparison.js" */

/**
 * A row: its skill, phase and status as letters, its duration, and whether each attempt is verified.
 *
 * @typedef {[name: string, duration?: number, attempts?: string]} Written
 */

/**
 * Makes columns of rows.
 *
 * @param {Written[]} rows
 * @returns {Columns}
 */
function columns(rows) {
  const code = (/** @type {number} */ at) =>
    Uint32Array.from(rows, ([name]) => name.charCodeAt(at));
  const flag = (/** @type {number} */ at) =>
    Uint8Array.from(rows, ([, , attempts = ""]) => Number(attempts.at(at) === "+"));
  return {
    skills: code(0),
    phases: code(1),
    statuses: code(2),
    durations: Float64Array.from(rows, ([, duration = 0]) => duration),
    attempts: Float64Array.from(rows, ([, , attempts = ""]) => attempts.length),
    verified: flag(-1),
    firstVerified: flag(0),
  };
}

/**
 * Returns rows of a comparison as texts, such as `0=1` and `2 -`.
 *
 * @param {Written[]} left
 * @param {Written[]} right
 */
function written(left, right) {
  const { pairs } = comparisonOf({ left: columns(left), right: columns(right) });
  const name = (/** @type {number} */ at) => (at < 0 ? "-" : String(at));
  return Array.from(
    pairs.kinds,
    (kind, at) => `${name(pairs.left[at])} ${name(pairs.right[at])} ${KINDS[kind]}`,
  );
}

/** @type {[what: string, left: Written[], right: Written[], rows: string[]][]} */
const cases = [
  ["the same entries", [["abp", 5]], [["abp", 5]], ["0 0 alike"]],
  ["another status", [["abp"]], [["abf"]], ["0 0 outcome"]],
  ["a verdict that changed", [["abp", 1, "--"]], [["abp", 1, "-+"]], ["0 0 outcome"]],
  ["a longer entry", [["abp", 4000]], [["abp", 5000]], ["0 0 longer"]],
  ["a shorter entry", [["abp", 5000]], [["abp", 4000]], ["0 0 shorter"]],
  ["a little more of a long time", [["abp", 50_000]], [["abp", 52_000]], ["0 0 alike"]],
  ["much more of a short time", [["abp", 100]], [["abp", 900]], ["0 0 alike"]],
  ["a duration that is not known", [["abp", 0]], [["abp", 90_000]], ["0 0 alike"]],
  ["another phase", [["abp"]], [["acp"]], ["0 - left", "- 0 right"]],
  [
    "entries that only one has",
    [["abp"], ["xbp"], ["cdp"]],
    [["abp"], ["ybp"], ["zbp"], ["cdp"]],
    ["0 0 alike", "1 - left", "- 1 right", "- 2 right", "2 3 alike"],
  ],
  ["an empty session", [], [["abp"]], ["- 0 right"]],
];

for (const [what, left, right, rows] of cases) {
  test(`pairs ${what}`, () => assert.deepEqual(written(left, right), rows));
}

test("has each entry of both sessions once, in its order", () => {
  const row = fc.tuple(fc.constantFrom("abp", "abf", "acp", "bbp"), fc.constantFrom(0, 10, 9000));
  const rows = fc.array(row, { maxLength: 30 });
  fc.assert(
    fc.property(rows, rows, (left, right) => {
      const { pairs, all } = comparisonOf({ left: columns(left), right: columns(right) });
      assert.deepEqual(
        [...pairs.left].filter((at) => at >= 0),
        [...left.keys()],
      );
      assert.deepEqual(
        [...pairs.right].filter((at) => at >= 0),
        [...right.keys()],
      );
      assert.ok(pairs.kinds.every((_, at) => pairs.left[at] >= 0 || pairs.right[at] >= 0));
      assert.deepEqual(
        all.map(({ entries }) => entries),
        [left.length, right.length],
      );
    }),
  );
});

test("counts entries, verdicts and durations, in all and in groups", () => {
  const { all, skills, statuses } = comparisonOf({
    left: columns([
      ["abp", 1000, "+"],
      ["acp", 3000, "-+"],
      ["bbf", 0, "--"],
      ["bbf", 8000],
    ]),
    right: columns([["abp", 500, "+"]]),
  });
  const figures = { entries: 4, tried: 3, verified: 2, firstTry: 1, time: 12_000, median: 3000 };
  assert.deepEqual(all[0], figures);
  const letter = (/** @type {{ code: number }} */ { code }) => String.fromCharCode(code);
  assert.deepEqual(skills.map(letter), ["a", "b"]);
  assert.deepEqual(
    skills.map(({ figures: [left, right] }) => [left.entries, left.median, right.entries]),
    [
      [2, 1000, 1],
      [2, 8000, 0],
    ],
  );
  assert.deepEqual(statuses.map(letter), ["p", "f"]);
  assert.equal(statuses[1].figures[1].median, null);
});

/** @type {[string, ReturnType<typeof comparedRates>, string[]][]} */
const differences = [
  ["a rate that rose", comparedRates(0.5, 0.625), ["50 %", "62.5 %", "+12.5 points", "good"]],
  ["a rate that fell", comparedRates(0.5, 0.49), ["50 %", "49 %", "−1 point", "bad"]],
  ["a rate that stayed", comparedRates(1 / 3, 1 / 3), ["33.3 %", "33.3 %", "", "plain"]],
  ["a rate of nothing", comparedRates(null, 0), ["–", "0 %", "", "plain"]],
  ["more time", comparedTimes(10_000, 15_000), ["10 s", "15 s", "+5.0 s (+50 %)", "bad"]],
  ["less time", comparedTimes(120_000, 60_000), ["2 min", "1 min", "−1 min (−50 %)", "good"]],
  [
    "hardly more time",
    comparedTimes(100_000, 100_100),
    ["1 min 40 s", "1 min 40 s", "+100 ms", "plain"],
  ],
  ["a time that is not known", comparedTimes(null, 5), ["–", "5 ms", "", "plain"]],
];

for (const [what, { left, right, difference, tone }, texts] of differences) {
  test(`writes ${what}`, () => assert.deepEqual([left, right, difference, tone], texts));
}

test("writes no difference of times when one session has none", () => {
  const none = { entries: 0, tried: 0, verified: 0, firstTry: 0, time: 0, median: null };
  const some = { ...none, entries: 1234, time: 5, median: 5 };
  const texts = (/** @type {keyof typeof MEASURES} */ name) =>
    Object.values(MEASURES[name].compared(none, some)).join("|");
  assert.equal(texts("entries"), "0|1,234|+1,234|plain");
  assert.equal(texts("time"), "–|5 ms||plain");
  assert.equal(texts("verified"), "–|–||plain");
});
