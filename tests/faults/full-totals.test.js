// Totals that do not fit into memory.

import assert from "node:assert/strict";
import test from "node:test";

import { facts } from "./child.js";

test("totals that memory does not suffice for say so, then and later; the index is as it was", async () => {
  const { times, ...said } = await facts("full-totals.js", [], { preload: "small-memory.js" });
  assert(times > 1 && times < 1_000, `added ${times} times`);
  const error = {
    name: "SkillLogError",
    code: "OUT_OF_MEMORY",
    message: "no memory for more rows",
  };
  assert.deepEqual(said, {
    ...error,
    later: [true, true],
    isWhole: [true, true],
    refreshed: { added: 0, removed: 0 },
  });
});
