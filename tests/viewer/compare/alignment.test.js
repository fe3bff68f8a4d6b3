// Which rows of two sessions belong together.

import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { alignedRows } from "../../../viewer/compare/alignment.js";

/** @type {[what: string, left: string, right: string, partners: number[]][]} */
const cases = [
  ["nothing with nothing", "", "", []],
  ["rows with nothing", "ab", "", [-1, -1]],
  ["nothing with rows", "", "ab", []],
  ["rows that are alike", "abc", "abc", [0, 1, 2]],
  ["a row that was added", "abc", "abxc", [0, 1, 3]],
  ["a row that was removed", "abxc", "abc", [0, 1, -1, 2]],
  ["a row that was replaced", "axc", "ayc", [0, -1, 2]],
  ["rows that have nothing in common", "aaa", "bbbb", [-1, -1, -1]],
  ["a row that moved", "abcd", "bcda", [-1, 0, 1, 2]],
  ["rows that repeat", "aaaa", "aa", [0, 1, -1, -1]],
];

for (const [what, left, right, partners] of cases) {
  test(`aligns ${what}`, () => {
    const { partners: found, isExact } = alignedRows(codes(left), codes(right));
    assert.deepEqual([...found], partners);
    assert.equal(isExact, true);
  });
}

const few = fc.integer({ min: 1, max: 6 }).chain((letters) => {
  const side = fc.array(fc.nat(letters - 1), { maxLength: 40, size: "max" });
  return fc.tuple(side, side).map((sides) => sides.map((side) => Uint32Array.from(side)));
});

test("has as many pairs as the best alignment when sessions are small", () => {
  fc.assert(
    fc.property(few, ([left, right]) => {
      const { partners, isExact } = alignedRows(left, right);
      checkOrder(left, right, partners);
      assert.equal(isExact, true);
      assert.equal(partners.filter((at) => at >= 0).length, lengthOfCommon([...left], [...right]));
    }),
    { numRuns: 2000 },
  );
});

test("keeps the order and each row once when no steps are left", () => {
  const letters = fc.integer({ min: 2, max: 12 });
  fc.assert(
    fc.property(letters, fc.nat(), fc.nat(600), fc.nat(600), (letters, seed, one, other) => {
      const random = randomOf(seed);
      const [left, right] = [one, other].map((length) =>
        Uint32Array.from({ length }, () => random() % letters),
      );
      const { partners, isExact } = alignedRows(left, right, { most: 0 });
      checkOrder(left, right, partners);
      const found = partners.filter((at) => at >= 0).length;
      const best = lengthOfCommon([...left], [...right]);
      assert.ok(found <= best);
      assert.ok(!isExact || found === best, `${found} of ${best} pairs are said to be all`);
      // Such an alignment is not exact, but where both have about as many rows it is of use.
      const isOfUse = found >= best * 0.5 || Math.max(one, other) > 1.5 * Math.min(one, other);
      assert.ok(isOfUse, `${found} of ${best}`);
    }),
    { numRuns: 200 },
  );
});

test("is exact for 200,000 rows that differ in 500 places, and bounded for any others", (t) => {
  const random = randomOf(1);
  const left = Uint32Array.from({ length: 200_000 }, () => random() % 18);
  const edited = [...left];
  for (let edit = 0; edit < 250; edit += 1) {
    edited.splice(random() % edited.length, 1);
    edited.splice(random() % edited.length, 0, 99);
  }
  const alike = timed(() => alignedRows(left, Uint32Array.from(edited)));
  assert.equal(alike.result.isExact, true);
  const pairs = alike.result.partners.filter((at) => at >= 0).length;
  assert.ok(pairs >= left.length - 250);
  const other = Uint32Array.from({ length: 200_000 }, () => random() % 18);
  const unlike = timed(() => alignedRows(left, other));
  checkOrder(left, other, unlike.result.partners);
  assert.equal(unlike.result.isExact, false);
  const share = unlike.result.partners.filter((at) => at >= 0).length / left.length;
  t.diagnostic(
    `alike: ${alike.time} ms; unlike: ${unlike.time} ms, ${Math.round(share * 100)} % in pairs`,
  );
  assert.ok(share > 0.35, `${share} of the rows are in pairs`);
});

/** @param {string} letters */
function codes(letters) {
  return Uint32Array.from(letters, (letter) => letter.charCodeAt(0));
}

/**
 * @param {Uint32Array} left
 * @param {Uint32Array} right
 * @param {Int32Array} partners
 */
function checkOrder(left, right, partners) {
  assert.equal(partners.length, left.length);
  let before = -1;
  for (const [at, partner] of partners.entries()) {
    if (partner === -1) continue;
    assert.ok(partner > before && partner < right.length);
    assert.equal(left[at], right[partner]);
    before = partner;
  }
}

/**
 * @param {readonly number[]} left
 * @param {readonly number[]} right
 */
function lengthOfCommon(left, right) {
  let row = new Uint32Array(right.length + 1);
  for (const code of left) {
    const next = new Uint32Array(right.length + 1);
    for (let at = 0; at < right.length; at += 1)
      next[at + 1] = code === right[at] ? row[at] + 1 : Math.max(row[at + 1], next[at]);
    row = next;
  }
  return row[right.length];
}

/** @param {number} seed */
function randomOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 8;
  };
}

/**
 * @template T
 * @param {() => T} run
 */
function timed(run) {
  const start = performance.now();
  const result = run();
  return { result, time: Math.round(performance.now() - start) };
}
