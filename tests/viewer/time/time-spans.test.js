// When entries ran, and what their time went into.

import assert from "node:assert/strict";
import test from "node:test";

import { busyParts, quietStretches, sharesOf } from "../../../viewer/time/time-spans.js";

const histogram = { start: 100, width: 10, counts: new Uint32Array([1, 0, 0, 2, 0]) };

for (const [title, starts, durations, expected] of /** @type {const} */ ([
  ["nothing takes time", [100, 130], [0, 0], [0, 0, 0, 0, 0]],
  ["an entry runs over several buckets", [105], [20], [0.5, 1, 0.5, 0, 0]],
  ["entries overlap", [100, 102, 104], [8, 8, 2], [1, 0, 0, 0, 0]],
  ["entries are out of order", [130, 100], [5, 5], [0.5, 0, 0, 0.5, 0]],
  ["an entry runs beyond the end", [145], [1e9], [0, 0, 0, 0, 0.5]],
  ["a duration is negative", [120], [-50], [0, 0, 0, 0, 0]],
])) {
  test(`counts when entries ran once when ${title}`, () => {
    const order = Uint32Array.from(starts.keys()).sort((a, b) => starts[a] - starts[b]);
    const busy = busyParts(
      Float64Array.from(starts),
      Float64Array.from(durations),
      histogram,
      order,
    );
    assert.deepEqual([...busy], expected);
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

test("adds up durations, the longest first", () => {
  const column = { codes: Uint32Array.of(0, 1, 1, 0, 2), texts: ["a", "b", "c"] };
  assert.deepEqual(sharesOf(column, Float64Array.of(1, 5, 6, 2, 0)), [
    { name: "b", duration: 11, entries: 2 },
    { name: "a", duration: 3, entries: 2 },
    { name: "c", duration: 0, entries: 1 },
  ]);
});
