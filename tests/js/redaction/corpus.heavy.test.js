// A hundred thousand realistic entries with a secret, and as many without.

import assert from "node:assert/strict";
import test from "node:test";

import { findsAll, foundInPlain } from "./planted-entries.js";

const COUNT = 100_000;

test("misses no planted secret when there are a hundred thousand", () => findsAll(COUNT, 1));

test("replaces something in under 0.1 % of a hundred thousand entries without secrets", async (t) => {
  const wrong = await foundInPlain(COUNT, 2);
  t.diagnostic(`${wrong.length} of ${COUNT}`);
  assert.ok(wrong.length < COUNT / 1_000, `${wrong.length}: ${wrong.slice(0, 5)}`);
});
