// Checks what the bench reads from the output of other programs.

import assert from "node:assert/strict";
import { test } from "node:test";

import { lineEnds, sumOfCounts } from "./commands.js";

test("adds the counts of each file, as rg and skill-log print them", () => {
  for (const [lines, sum] of /** @type {const} */ ([
    ["/logs/run-1.jsonl:12\n/logs/run-2.jsonl:3\n", 15],
    ["run-1: 12\nrun-2: 3\n", 15],
    ["C:\\logs\\run-7.jsonl:1\n", 1],
    ["", 0],
  ]))
    assert.equal(sumOfCounts(Buffer.from(lines)), sum);
});

test("counts line ends, and not what follows the last", () => {
  assert.equal(lineEnds(Buffer.from("a\n\nb")), 2);
});
