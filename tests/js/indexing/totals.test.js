// The totals of several indexes are the statistics of one index of all their entries.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import test from "node:test";
import vm from "node:vm";
import fc from "fast-check";
import { SessionLog, Totals } from "skill-log";

import { entry, line } from "../support/lines.js";

/** @param {{ skill: string }[]} entries */
const bytesOf = (entries) =>
  Buffer.from(entries.map(({ skill, ...more }) => `${line(skill, more)}\n`).join(""));

/** @param {{ skill: string }[]} entries */
const indexOf = async (entries) => (await SessionLog.from(bytesOf(entries))).index();

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

test("returns the totals that were computed by hand when two logs were added", async () => {
  const totals = new Totals();
  assert.deepEqual(totals.stats(), none);
  totals.add(await indexOf(one));
  assert.deepEqual(totals.stats(), (await indexOf(one)).stats());
  totals.add(await indexOf(other));
  const once = { entries: 1, attempts_mean: 0, attempts_max: 0 };
  const expected = {
    entries: 5,
    bytes: bytesOf(one).length + bytesOf(other).length - 5,
    // Of several timestamps of one instant, the first that was added.
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
  assert.deepEqual(totals.stats(), expected);
  assert.deepEqual(totals.stats(), expected);
});

test("adds each row as often as it is given when rows are given", async () => {
  const index = await indexOf([...one, ...other]);
  /** @type {[rows: Uint32Array | number[] | undefined, added: number[]][]} */
  const additions = [
    [[], []],
    [index.select({ skill: "nothing" }), []],
    [index.select({ skill: "tdd" }), [1, 2, 4]],
    [
      [3, 0, 3],
      [3, 0, 3],
    ],
    [vm.runInNewContext("Uint32Array.of(2)"), [2]],
    [vm.runInNewContext("[1]"), [1]],
    [undefined, [0, 1, 2, 3, 4]],
  ];
  const totals = new Totals();
  /** @type {number[]} */
  const added = [];
  for (const [rows, more] of additions) {
    totals.add(index, rows);
    added.push(...more);
    assert.deepEqual(totals.stats(), index.stats(added));
  }
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
      const totals = new Totals();
      for (const entries of logs) totals.add(await indexOf(entries));
      assert.deepEqual(totals.stats(), (await indexOf(logs.flat())).stats());
    }),
    { numRuns: 100 },
  );
});

test("counts the rows of its own additions when several totals share an index", async () => {
  const index = await indexOf(one);
  const [before, after] = [new Totals(), new Totals()];
  before.add(index);
  assert.deepEqual(after.stats(), none);
  after.add(index);
  after.add(index);
  assert.deepEqual(before.stats(), index.stats());
  assert.deepEqual(after.stats(), index.stats([0, 1, 0, 1]));
});

test("throws INVALID_ARGUMENT and adds nothing when an index or its rows are wrong", async () => {
  const totals = new Totals();
  const index = await indexOf(one);
  totals.add(index);
  const before = totals.stats();
  const copy = createRequire(import.meta.url)("skill-log");
  const ofCopy = await (await copy.SessionLog.from(bytesOf(one))).index();
  const anIndex = "index: expected a LogIndex, made by this copy of the package, got ";
  const row = (/** @type {number} */ at) =>
    `rows[${at}]: expected one of the index's 2 rows, counted from 0, got `;
  const rows = "rows: expected a Uint32Array, an array of numbers, or { start, end }, got ";
  /** @type {[args: unknown[], message: string][]} */
  const refusals = [
    [[], `${anIndex}undefined`],
    [[null], `${anIndex}null`],
    [["index"], `${anIndex}the string "index"`],
    [[{}], `${anIndex}an object`],
    [[[index]], `${anIndex}an array`],
    [[Object.create(index)], `${anIndex}an object`],
    [[totals], `${anIndex}an object`],
    [[await SessionLog.from(bytesOf(one))], `${anIndex}an object`],
    [[ofCopy], `${anIndex}an object`],
    [[index, null], `${rows}null`],
    [[index, 0], `${rows}the number 0`],
    [[index, new Set([0])], `${rows}an object (Set)`],
    [[index, { skill: "tdd" }], `${rows}an object`],
    [[index, [0, 2]], `${row(1)}the number 2`],
    [[index, [0, -1]], `${row(1)}the number -1`],
    [[index, ["0"]], `${row(0)}the string "0"`],
    [[index, Uint32Array.of(1, 2 ** 32 - 1)], `${row(1)}the number 4294967295`],
  ];
  for (const [args, message] of refusals)
    assert.throws(() => totals.add(.../** @type {[any, any]} */ (args)), {
      code: "INVALID_ARGUMENT",
      message,
    });
  assert.deepEqual(totals.stats(), before);
});
