// Numbers of stamps that are read without a BigInt.

import assert from "node:assert/strict";
import test from "node:test";

import {
  dateOf,
  modifiedIn,
  MTIME,
  numbersOf,
  SIZE,
  sizeIn,
  STAMP_NUMBERS,
  STAMP_WORDS,
} from "../../../js/storage/stamps.js";
import { Random } from "../../conformance/random.js";

test("reads the same size and time when no BigInt is made", () => {
  const random = new Random(3);
  const stamps = new BigInt64Array(2 * STAMP_WORDS);
  const numbers = numbersOf(stamps);
  const half = 500_000n;
  const times = [0n, 1n, -1n, half - 1n, half, -half, -half - 1n, 1n << 32n, (1n << 62n) - 1n];
  for (let count = 0; count < 20_000; count += 1) {
    const milliseconds = BigInt(random.below(2 ** 32)) * BigInt(random.below(2000)) - (1n << 40n);
    times.push(milliseconds * 1_000_000n + BigInt(random.below(1_000_000)));
    times.push(milliseconds * 1_000_000n + half - 1n + BigInt(random.below(3)));
  }
  for (const time of times) {
    stamps[STAMP_NUMBERS / 2 + MTIME] = stamps[STAMP_NUMBERS / 2 + SIZE] = time;
    assert.equal(modifiedIn(numbers, STAMP_NUMBERS), dateOf(time).getTime(), `${time} ns`);
    assert.equal(sizeIn(numbers, STAMP_NUMBERS), Number(time), `${time} bytes`);
  }
});
