// Which bytes of a damaged line a repair overwrites, and which bytes it leaves.

import assert from "node:assert/strict";
import test from "node:test";

import { DamagedGroup } from "../../../js/damage/damaged-stretches.js";

/** @typedef {[number, number][]} Places */

/**
 * @typedef {object} Case
 * @property {object} line what a reader reports of the line
 * @property {"keep" | "drop"} [doubtful]
 * @property {boolean} [parts]
 * @property {[offset: number, length: number, isFollowed?: true][]} stretches
 * @property {number} [left]
 * @property {number[]} [touching]
 */

const line = {
  kind: "corrupt",
  offset: 100,
  length: 50,
  lines: 1,
  whole: [],
  doubtful: [],
  damaged: [[100, 50]],
};
/** A torn piece, a whole entry, a damaged piece, a piece in doubt, a damaged piece. */
const mixed = {
  ...line,
  kind: "fused",
  whole: [[110, 10]],
  damaged: [
    [100, 10],
    [120, 5],
    [135, 15],
  ],
  doubtful: [[125, 10]],
};

/** @type {Record<string, Case>} */
const cases = {
  "a line with nothing to keep": { line, stretches: [[100, 50]] },
  "a stretch before a whole entry, and a stretch at the line's end": {
    line: {
      ...line,
      whole: [[110, 10]],
      damaged: [
        [100, 10],
        [120, 30],
      ],
    },
    stretches: [
      [100, 10, true],
      [120, 30],
    ],
  },
  "a line over the limit": { line: { ...line, kind: "too_long" }, stretches: [], left: 1 },
  "several lines, reported as one": { line: { ...line, lines: 25 }, stretches: [[100, 50]] },
  "several lines over the limit, reported as one": {
    line: { ...line, kind: "too_long", lines: 3 },
    stretches: [],
    left: 3,
  },
  "entries that touch": {
    line: {
      ...line,
      whole: [
        [100, 20],
        [120, 30],
      ],
      damaged: [],
    },
    stretches: [],
    left: 1,
  },
  "entries that touch, to be parted": {
    line: {
      ...line,
      whole: [
        [100, 20],
        [120, 30],
      ],
      damaged: [],
    },
    parts: true,
    stretches: [],
    touching: [120],
  },
  "a piece in doubt": { line: mixed, stretches: [], left: 1 },
  "a piece in doubt that is kept": {
    line: mixed,
    doubtful: "keep",
    stretches: [
      [100, 10, true],
      [120, 5, true],
      [135, 15],
    ],
  },
  "a piece in doubt that is kept, and counted as damaged too": {
    line: {
      ...mixed,
      damaged: [
        [100, 10],
        [120, 30],
      ],
    },
    doubtful: "keep",
    stretches: [
      [100, 10, true],
      [120, 5, true],
      [135, 15],
    ],
  },
  "a piece in doubt that is dropped": {
    line: mixed,
    doubtful: "drop",
    stretches: [
      [100, 10, true],
      [120, 30],
    ],
  },
  "a piece in doubt that is dropped, and counted as damaged too": {
    line: {
      ...mixed,
      damaged: [
        [100, 10],
        [120, 30],
      ],
    },
    doubtful: "drop",
    stretches: [
      [100, 10, true],
      [120, 30],
    ],
  },
  "pieces in doubt that are kept, side by side": {
    line: {
      ...line,
      damaged: [
        [100, 5],
        [125, 25],
      ],
      doubtful: [
        [105, 10],
        [115, 10],
      ],
    },
    doubtful: "keep",
    stretches: [
      [100, 5, true],
      [125, 25],
    ],
    left: 1,
  },
  "pieces in doubt of which one holds the other": {
    line: {
      ...line,
      damaged: [[100, 50]],
      doubtful: [
        [110, 30],
        [120, 10],
      ],
    },
    doubtful: "keep",
    stretches: [
      [100, 10, true],
      [140, 10],
    ],
  },
};

for (const [
  what,
  { line, doubtful, parts = false, stretches, left = 0, touching = [] },
] of Object.entries(cases)) {
  test(`overwrites the bytes that are no entry when the line has: ${what}`, () => {
    const group = new DamagedGroup(0);
    group.add(/** @type {any} */ (line), doubtful, parts);
    assert.deepEqual(
      found(group),
      stretches.map(([offset, length, isFollowed = false]) => [offset, length, isFollowed]),
    );
    assert.deepEqual({ left: group.left, touching: group.touching }, { left, touching });
  });
}

test("makes one stretch of the gravest kind when damaged lines are side by side", () => {
  const group = new DamagedGroup(0);
  for (const [offset, kind] of /** @type {const} */ ([
    [0, "torn"],
    [3, "nul"],
    [6, "corrupt"],
    [9, "torn"],
    [13, "torn"],
  ])) {
    group.add(
      /** @type {any} */ ({
        kind,
        offset,
        length: 2,
        lines: 1,
        whole: [],
        doubtful: [],
        damaged: [[offset, 2]],
      }),
      undefined,
      false,
    );
  }
  assert.deepEqual(
    [...group.stretches()],
    [
      { offset: 0, length: 11, kind: 0, isFollowed: false },
      { offset: 13, length: 2, kind: 3, isFollowed: false },
    ],
  );
});

/** @param {DamagedGroup} group */
function found(group) {
  return [...group.stretches()].map(({ offset, length, isFollowed }) => [
    offset,
    length,
    isFollowed,
  ]);
}
