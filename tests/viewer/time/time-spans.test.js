// When entries ran, and what their time went into.

import assert from "node:assert/strict";
import test from "node:test";

import {
  addShares,
  busyParts,
  longestShares,
  quietStretches,
} from "../../../viewer/time/time-spans.js";

const histogram = { start: 100, width: 10, counts: new Uint32Array([1, 0, 0, 2, 0]) };

for (const [title, ends, durations, expected] of /** @type {const} */ ([
  ["nothing takes time", [100, 130], [0, 0], [0, 0, 0, 0, 0]],
  ["an entry ran over several buckets", [125], [20], [0.5, 1, 0.5, 0, 0]],
  ["runs overlap", [108, 110, 106], [8, 8, 2], [1, 0, 0, 0, 0]],
  ["a run holds others", [104, 128, 122], [2, 18, 5], [0.2, 1, 0.8, 0, 0]],
  ["entries are out of order", [135, 105], [5, 5], [0.5, 0, 0, 0.5, 0]],
  ["a run started before the first end", [105], [1e9], [0.5, 0, 0, 0, 0]],
  ["a duration is negative", [120], [-50], [0, 0, 0, 0, 0]],
])) {
  test(`counts when entries ran once when ${title}`, () => {
    const order = Uint32Array.from(ends.keys()).sort((a, b) => ends[a] - ends[b]);
    const busy = busyParts(Float64Array.from(ends), Float64Array.from(durations), histogram, order);
    assert.deepEqual(
      Array.from(busy, (part) => Math.round(part * 1e9) / 1e9),
      expected,
    );
  });
}

test("tells idle stretches from those in which an entry ran", () => {
  const counts = new Uint32Array([1, 0, 0, 0, 0, 1, 0, 0, 1, 0]);
  const busy = Float64Array.from([1, 1, 1, 0, 0, 0, 0, 0, 0, 0]);
  assert.deepEqual(quietStretches(counts, busy, 2), [
    { from: 1, to: 3, isStall: true },
    { from: 3, to: 5, isStall: false },
    { from: 6, to: 8, isStall: false },
  ]);
  assert.deepEqual(quietStretches(new Uint32Array(), new Float64Array(), 2), []);
});

test("adds up durations of all parts, the longest first", () => {
  const shares = new Map();
  addShares(shares, { codes: Uint32Array.of(0, 1), texts: ["a", "b"] }, Float64Array.of(1, 5));
  const second = { codes: Uint32Array.of(0, 1, 0), texts: ["b", "c"] };
  addShares(shares, second, Float64Array.of(6, 2, 0));
  assert.deepEqual(longestShares(shares, 2), {
    longest: [
      { name: "b", duration: 11, entries: 3 },
      { name: "c", duration: 2, entries: 1 },
    ],
    rest: 1,
    total: 14,
  });
});
