// The statistics of several logs are those of one log with all their entries.

import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { SessionLog, Sessions } from "skill-log";

import { entry, line } from "../support/lines.js";

/** @param {{ skill: string }[]} entries */
const bytesOf = (entries) =>
  Buffer.from(entries.map(({ skill, ...more }) => `${line(skill, more)}\n`).join(""));

/** @param {{ skill: string }[]} entries */
const indexOf = async (entries) => (await SessionLog.from(bytesOf(entries))).index();

/** @param {{ skill: string }[][]} logs */
const indexOfAll = async (logs) => (await Sessions.open(logs.map(bytesOf))).index();

const none = { entries: 0, bytes: 0, skills: [], phases: [], statuses: [], models: [] };

const yes = { attempt: 1, model: "m", verified: true };
const no = { attempt: 1, model: "m", verified: false };

// Two logs that share a skill, a status and a model, with different codes in their indexes.
const one = [
  entry("plan", {
    timestamp: "2026-01-01T00:00:00Z",
    phase: "red",
    model_used: "opus",
    duration_ms: 10,
    attempts: [no, yes],
  }),
  entry("tdd", { timestamp: "2026-01-03T00:00:00Z", final_status: "failed", duration_ms: 40 }),
];
const other = [
  entry("tdd", {
    timestamp: "2026-01-02T00:00:00Z",
    final_status: "failed",
    model_used: "haiku",
    duration_ms: 20,
    attempts: [no],
  }),
  entry("", { timestamp: "2025-12-31T23:00:00-01:00", final_status: "", duration_ms: 2n ** 60n }),
  entry("tdd", {
    timestamp: "2026-01-03T02:00:00+02:00",
    model_used: "opus",
    duration_ms: 30,
    attempts: [yes],
  }),
];

test("returns what was computed by hand when there are two logs", async () => {
  assert.deepEqual((await indexOfAll([])).stats(), none);
  assert.deepEqual((await indexOfAll([one])).stats(), (await indexOf(one)).stats());
  const once = { entries: 1, attempts_mean: 0, attempts_max: 0 };
  const expected = {
    entries: 5,
    bytes: bytesOf(one).length + bytesOf(other).length - 5,
    // Of several timestamps of one instant, that of the first row.
    first: "2026-01-01T00:00:00Z",
    last: "2026-01-03T00:00:00Z",
    skills: [
      {
        name: "tdd",
        entries: 3,
        attempts_mean: 2 / 3,
        attempts_max: 1,
        verified_rate: 0.5,
        first_try_rate: 0.5,
        duration_ms: { p50: 30, p95: 40, max: 40 },
      },
      { name: "", ...once, duration_ms: { p50: 2n ** 60n, p95: 2n ** 60n, max: 2n ** 60n } },
      {
        name: "plan",
        entries: 1,
        attempts_mean: 2,
        attempts_max: 2,
        verified_rate: 1,
        first_try_rate: 0,
        duration_ms: { p50: 10, p95: 10, max: 10 },
      },
    ],
    phases: [
      {
        name: "red",
        entries: 1,
        attempts_mean: 2,
        attempts_max: 2,
        verified_rate: 1,
        first_try_rate: 0,
        duration_ms: { p50: 10, p95: 10, max: 10 },
      },
    ],
    statuses: [
      {
        name: "failed",
        entries: 2,
        attempts_mean: 0.5,
        attempts_max: 1,
        verified_rate: 0,
        first_try_rate: 0,
        duration_ms: { p50: 20, p95: 40, max: 40 },
      },
      {
        name: "ok",
        entries: 2,
        attempts_mean: 1.5,
        attempts_max: 2,
        verified_rate: 1,
        first_try_rate: 0.5,
        duration_ms: { p50: 10, p95: 30, max: 30 },
      },
      { name: "", ...once, duration_ms: { p50: 2n ** 60n, p95: 2n ** 60n, max: 2n ** 60n } },
    ],
    models: [
      {
        name: "opus",
        entries: 2,
        attempts_mean: 1.5,
        attempts_max: 2,
        verified_rate: 1,
        first_try_rate: 0.5,
        duration_ms: { p50: 10, p95: 30, max: 30 },
      },
      {
        name: "haiku",
        entries: 1,
        attempts_mean: 1,
        attempts_max: 1,
        verified_rate: 0,
        first_try_rate: 0,
        duration_ms: { p50: 20, p95: 20, max: 20 },
      },
    ],
  };
  const index = await indexOfAll([one, other]);
  assert.deepEqual(index.stats(), expected);
  assert.deepEqual(index.stats([3, 0, 3]), (await indexOf([...one, ...other])).stats([3, 0, 3]));
});

test("returns the statistics of all entries when they are spread over logs at random", async () => {
  const text = fc.constantFrom("", "a", "b", "__proto__", "é");
  const any = fc.record({
    skill: text,
    final_status: text,
    phase: fc.option(fc.constantFrom("p", "q"), { nil: undefined }),
    model_used: fc.option(fc.constantFrom("m", "n"), { nil: undefined }),
    duration_ms: fc.option(fc.oneof(fc.integer(), fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)), {
      nil: undefined,
    }),
    attempts: fc.option(fc.array(fc.constantFrom(yes, no), { minLength: 1, maxLength: 3 }), {
      nil: undefined,
    }),
    timestamp: fc
      .date({ min: new Date(0), max: new Date(1e12), noInvalidDate: true })
      .map((date) => date.toISOString()),
  });
  const logs = fc.array(
    fc.array(
      any.map(({ skill, ...more }) => entry(skill, more)),
      { maxLength: 12 },
    ),
    { maxLength: 6 },
  );
  await fc.assert(
    fc.asyncProperty(logs, async (logs) => {
      assert.deepEqual((await indexOfAll(logs)).stats(), (await indexOf(logs.flat())).stats());
    }),
    { numRuns: 100 },
  );
});
