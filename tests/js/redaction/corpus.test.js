// Realistic entries, from a seed: corpus.heavy.test.js has more of them.

import assert from "node:assert/strict";
import test from "node:test";

import { findsAll, foundInPlain } from "./planted-entries.js";

const COUNT = 3_000;

test("replaces each planted secret when entries are realistic", () => findsAll(COUNT, 7));

test("replaces something in one entry of a thousand at most when none has a secret", async () => {
  const wrong = await foundInPlain(COUNT, 21);
  assert.ok(wrong.length <= COUNT / 1_000, `${wrong.length}: ${wrong}`);
});
