// What changed from one output to another.

import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";

import { differenceOf } from "../../../viewer/entry/diff-blocks.js";

/** @import { Difference, Word } from "../../../viewer/entry/diff-blocks.js" */

const textOf = (/** @type {Word[]} */ words) => words.map(([text]) => text).join("");

/**
 * Returns one of the two texts again, line by line.
 *
 * @param {Difference} difference
 * @param {"left" | "right"} side
 */
function linesOf({ blocks }, side) {
  return blocks.flatMap((block) => {
    if (block.kind === "same") return [...block.head, ...block.tail];
    return block.rows.flatMap((row) => (row[side] ? [textOf(row[side])] : []));
  });
}

test("has all lines of both texts, and numbers them", () => {
  const lines = fc.array(fc.constantFrom("a", "b b", "c 1 2", "c 1 3", "", "d d d e", "d d d f"), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(lines, lines, (left, right) => {
      const ended = (/** @type {string[]} */ all) => all.map((line) => `${line}\n`).join("");
      const difference = differenceOf(ended(left), ended(right));
      assert.deepEqual(linesOf(difference, "left"), left);
      assert.deepEqual(linesOf(difference, "right"), right);
      for (const block of difference.blocks) {
        if (block.kind === "same") assert.equal(left[block.left - 1], right[block.right - 1]);
      }
    }),
  );
});

test("marks the words that changed within a line", () => {
  const { blocks, removed, added } = differenceOf("expected 200, got 500", "expected 200, got 200");
  assert.deepEqual([removed, added], [1, 1]);
  assert.deepEqual(blocks[0].kind === "change" && blocks[0].rows, [
    {
      left: [
        ["expected 200, got ", false],
        ["500", true],
      ],
      right: [
        ["expected 200, got ", false],
        ["200", true],
      ],
    },
  ]);
});

test("puts the lines that are alike beside each other when there are more lines on one side", () => {
  const { blocks } = differenceOf(
    "ok login 5 ms\n",
    "started\nprepared the store\nok login 7 ms\n",
  );
  assert.ok(blocks[0].kind === "change");
  assert.deepEqual(
    blocks[0].rows.map(({ left, right }) => [left && textOf(left), right && textOf(right)]),
    [
      [undefined, "started"],
      [undefined, "prepared the store"],
      ["ok login 5 ms", "ok login 7 ms"],
    ],
  );
});

for (const [title, left, right, options] of /** @type {const} */ ([
  ["colours differ alone", "\x1b[31ma\x1b[0m\nb", "a\n\x1b[32mb", {}],
  ["line ends differ alone", "a\r\nb\r\n", "a\nb\n", {}],
  [
    "numbers differ alone and are ignored",
    "a (12.5 ms)\n1,000",
    "a (9 ms)\n7",
    { ignoresNumbers: true },
  ],
])) {
  test(`finds no difference when ${title}`, () => {
    const { removed, added } = differenceOf(left, right, options);
    assert.deepEqual([removed, added], [0, 0]);
  });
}

const random = (/** @type {number} */ seed, /** @type {number} */ count) => {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return `line ${state}`;
  }).join("\n");
};

for (const [title, left, right] of /** @type {const} */ ([
  ["nothing is alike", random(1, 40_000), random(2, 40_000)],
  ["there are 400,000 lines", random(1, 400_000), random(3, 400_000)],
  ["lines are long", `${"a b ".repeat(500_000)}x`, `${"a b ".repeat(500_000)}y`],
  ["every line is alike but shuffled", "a\nb\n".repeat(20_000), "b\na\na\n".repeat(20_000)],
])) {
  test(`stays within bounds of time and size when ${title}`, () => {
    const start = performance.now();
    const difference = differenceOf(left, right);
    assert.ok(performance.now() - start < 10_000);
    assert.ok(JSON.stringify(difference).length < 2_000_000);
    assert.ok(difference.removed > 0 && difference.added > 0);
  });
}
