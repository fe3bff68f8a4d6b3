// Decodes and encodes each recorded line.

import assert from "node:assert/strict";
import { isUtf8 } from "node:buffer";
import { test } from "node:test";

import { decode } from "skill-log";

import { firstDifference } from "./first-difference.js";
import { canonicalize, stepOf } from "./outcome.js";
import { randomLines } from "./random-lines.js";
import { Random } from "./random.js";
import { canonicalizeVectors, failing } from "./vectors.js";

const vectors = canonicalizeVectors();

test("finds all 2,512 recorded lines", () => {
  assert.equal(vectors.length, 2512);
  assert.equal(new Set(vectors.map(({ id }) => id)).size, 2512);
  assert.equal(vectors.filter(({ ok }) => ok).length, 1700);
});

test("writes each recorded line as Go does, and refuses it when Go does", async () => {
  const failures = await failing(vectors, ({ line, ok, out, error }) => {
    const outcome = canonicalize(line);
    if ("step" in outcome) assert.equal(outcome.step, ok ? "" : stepOf(error), outcome.error);
    else assert.equal(outcome.out.toString("latin1"), ok ? out.toString("latin1") : error);
  });
  assert.deepEqual(failures, []);
});

test("writes a line unchanged when Go wrote it", async () => {
  const failures = await failing(
    vectors.filter(({ ok }) => ok),
    ({ out }) => {
      const outcome = canonicalize(out);
      assert.ok("out" in outcome && outcome.out.equals(out));
    },
  );
  assert.deepEqual(failures, []);
});

test("decodes a line to what JSON.parse returns for its canonical line", async () => {
  // Only UTF-8 lines, because JSON.parse needs a string.
  const text = vectors.filter(({ ok, out }) => ok && isUtf8(out));
  assert.ok(text.length > 1600, `only ${text.length} lines are UTF-8`);
  const failures = await failing(text, ({ line, out }) => {
    const entry = decode(line);
    const canonical = out.toString();
    const numbers = withoutBigInts(entry, canonical);
    const difference = firstDifference(numbers, JSON.parse(canonical));
    if (difference) assert.deepEqual(difference.got, difference.expected);
  });
  assert.deepEqual(failures, []);
});

test("decodes a random line and its canonical line to the same entry", () => {
  let compared = 0;
  for (const line of randomLines(
    new Random(7),
    20_000,
    vectors.filter(({ line }) => line.length < 4096).map(({ line }) => line.toString("latin1")),
  )) {
    const outcome = canonicalize(line);
    // Only UTF-8 lines, because invalid bytes in `input` have no one right string.
    if ("step" in outcome || !isUtf8(outcome.out)) continue;
    const difference = firstDifference(decode(line), decode(outcome.out));
    if (difference) assert.deepEqual(difference.got, difference.expected, line.toString("base64"));
    compared += 1;
  }
  assert.ok(compared > 5_000, `only ${compared} lines were compared`);
});

test("decodes an integer to a bigint when it is beyond ±2^53", () => {
  const seen = vectors.filter(({ ok, line }) => {
    if (!ok) return false;
    const { duration_ms, attempts = [] } = decode(line);
    return [duration_ms, ...attempts.map(({ attempt }) => attempt)].some(
      (number) => typeof number === "bigint",
    );
  });
  assert.ok(seen.length >= 5, seen.map(({ id }) => id).join(", "));
});

/**
 * Replaces each bigint of an entry with the number that JSON.parse would return. Checks that each
 * bigint is beyond ±2^53.
 *
 * @param {import("skill-log").Entry} entry
 * @param {string} canonical
 */
function withoutBigInts({ ...entry }, canonical) {
  const number = (/** @type {string} */ name, /** @type {number | bigint} */ value) => {
    if (typeof value === "number") {
      assert.ok(Math.abs(value) <= 2 ** 53, `${name} is the number ${value}`);
      return value;
    }
    assert.ok(!Number.isSafeInteger(Number(value)), `${name} is the bigint ${value}`);
    assert.ok(canonical.includes(`"${name}":${value}`), `${name} is the bigint ${value}`);
    return Number(value);
  };
  if (entry.duration_ms !== undefined) entry.duration_ms = number("duration_ms", entry.duration_ms);
  if (entry.attempts)
    entry.attempts = entry.attempts.map((a) => ({ ...a, attempt: number("attempt", a.attempt) }));
  return entry;
}
