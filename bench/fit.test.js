// Checks the exponent of lines whose exponent is known.

import assert from "node:assert/strict";
import { test } from "node:test";

import { lineOf } from "./fit.js";

for (const exponent of [0, 0.5, 1, 2]) {
  test(`fits ${exponent} when the time grows as the size to the power of ${exponent}`, () => {
    const points = [100, 1_000, 10_000].map((size) => ({ size, seconds: 3 * size ** exponent }));
    const line = lineOf("a way", points);
    assert.ok(Math.abs(line.exponent - exponent) < 1e-9, `${line.exponent}`);
    assert.deepEqual(line.points, points);
  });
}
