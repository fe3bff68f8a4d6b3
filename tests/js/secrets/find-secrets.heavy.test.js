// How often a text without secrets has some, and how long it takes to look.

import assert from "node:assert/strict";
import test from "node:test";

import { findSecrets } from "skill-log/secrets";

import { exampleOf, SHAPES } from "../../../js/secrets/shapes.js";
import { makerOf, numbers } from "./made-up.js";

test("takes one entry in a thousand for a secret at most when none has one", () => {
  const { text, below, kinds } = makerOf(numbers(14));
  const count = 100_000;
  /** @type {string[]} */
  const wrong = [];
  for (let entry = 0; entry < count; entry += 1) {
    const whole = Array.from({ length: 1 + below(3) }, text).join(" ");
    if (findSecrets(whole).length > 0) wrong.push(whole);
  }
  assert.ok(kinds.length >= 15);
  assert.ok(wrong.length < count / 1000, `${wrong.length}: ${wrong.slice(0, 5).join("\n")}`);
});

test("takes twice the time at most when a text is twice as long", () => {
  /** @type {unknown[]} */
  const slow = [];
  for (const shape of SHAPES) {
    const [literal] = shape.literals;
    const example = exampleOf(shape);
    const unit = "k3Zt9WmRv7Yx".repeat(40);
    for (const repeated of [
      `-${literal}`,
      `${example.slice(0, -1)} `,
      literal + unit,
      unit + literal,
    ]) {
      const isSlow = () => {
        const [half, whole] = [0.5e6, 1e6].map((size) => timeOf(repeated, size));
        // What a garbage collection takes is not the text's.
        return whole > 3 * half + 10;
      };
      // Other programs run, too.
      if (isSlow() && isSlow() && isSlow()) slow.push([shape.name, repeated.slice(0, 40)]);
    }
  }
  assert.deepEqual(slow, []);
});

/**
 * Returns how long it takes to search a text, in milliseconds.
 *
 * @param {string} unit which it repeats
 * @param {number} size
 */
function timeOf(unit, size) {
  const text = Buffer.from(unit.repeat(Math.ceil(size / unit.length)).slice(0, size)).toString();
  const start = performance.now();
  findSecrets(text);
  return performance.now() - start;
}
