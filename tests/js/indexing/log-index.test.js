// The calls of an index, and what they refuse, wherever its log is stored.

import assert from "node:assert/strict";
import { openAsBlob } from "node:fs";
import fs from "node:fs/promises";
import path from "node:path";
import test from "node:test";
import vm from "node:vm";
import { LogIndex, matches, SessionLog, Sessions } from "skill-log";

import { entry, line, TORN } from "../support/lines.js";
import { assertPending } from "../support/pending.js";
import { UNCHANGED } from "./holes.js";
import { rowsOf } from "./row-of.js";
import { temporaryFolder } from "../support/temporary-folder.js";

/** @param {{ skill: string }[]} entries */
const bytesOf = (entries) =>
  Buffer.from(entries.map(({ skill, ...more }) => `${line(skill, more)}\n`).join(""));

/** @param {{ skill: string }[]} entries */
const indexOf = async (entries) => (await SessionLog.from(bytesOf(entries))).index();

const yes = { attempt: 1, model: "m", verified: true };
const no = { attempt: 1, model: "m", verified: false };

/** Entries that all differ in some answer of an index. */
const entries = [
  /* 0 */ entry("plan", {
    timestamp: "2026-01-01T00:00:00Z",
    phase: "red",
    model_used: "opus",
    duration_ms: 10,
    attempts: [no, yes],
  }),
  /* 1 */ entry("tdd", {
    timestamp: "2026-01-01T00:00:00.000000001Z",
    phase: "green",
    duration_ms: 2n ** 60n,
    attempts: [yes, no],
  }),
  /* 2 */ entry("__proto__", {
    timestamp: "2026-01-01T02:00:00+02:00",
    final_status: "failed",
    model_used: "haiku",
  }),
  /* 3 */ entry("constructor", {
    timestamp: "2025-12-31T23:59:59.999Z",
    final_status: "",
    phase: "toString",
    duration_ms: -5,
  }),
  /* 4 */ entry("", {
    timestamp: "2026-01-01T00:00:01Z",
    final_status: "hasOwnProperty",
    duration_ms: -(2n ** 63n),
    attempts: [yes],
  }),
  /* 5 */ entry("plan", {
    timestamp: "2027-06-01T12:00:00-03:00",
    phase: "red",
    model_used: "haiku",
    duration_ms: 9,
    attempts: [no],
  }),
  /* 6 */ entry("plan b", {
    timestamp: "0001-01-01T00:00:00Z",
    phase: "Red",
    model_used: "\ufffd",
    duration_ms: 11,
  }),
];

const all = [0, 1, 2, 3, 4, 5, 6];

/** @type {[wanted: import("skill-log").Select | undefined, rows: number[]][]} */
const selections = [
  [undefined, all],
  [{}, all],
  [{ skill: undefined, rows: undefined }, all],
  [{ skill: "plan" }, [0, 5]],
  [{ skill: ["plan", "tdd"] }, [0, 1, 5]],
  [{ skill: ["tdd", "plan", "tdd"] }, [0, 1, 5]],
  [{ skill: [] }, []],
  [{ skill: "pla" }, []],
  [{ skill: "Plan" }, []],
  [{ skill: "__proto__" }, [2]],
  [{ skill: "constructor" }, [3]],
  [{ skill: "toString" }, []],
  [{ skill: "" }, [4]],
  [{ skill: ["", "unheard of"] }, [4]],
  [{ phase: "red" }, [0, 5]],
  [{ phase: "" }, [2, 4]],
  [{ phase: ["", "toString"] }, [2, 3, 4]],
  [{ final_status: "ok" }, [0, 1, 5, 6]],
  [{ final_status: "" }, [3]],
  [{ final_status: "hasOwnProperty" }, [4]],
  [{ model_used: "haiku" }, [2, 5]],
  [{ model_used: "" }, [1, 3, 4]],
  // A lone surrogate is written as U+FFFD, and a condition treats it so.
  [{ model_used: "\ud800" }, [6]],
  [{ verified: true }, [0, 4]],
  [{ verified: false }, [1, 5]],
  [{ since: "2026-01-01T00:00:00Z" }, [0, 1, 2, 4, 5]],
  [{ since: "2026-01-01T00:00:00.000000001Z" }, [1, 4, 5]],
  [{ since: new Date("2026-01-01T00:00:00.000Z") }, [0, 1, 2, 4, 5]],
  [{ since: "2026-01-01T05:30:00.000000001+05:30" }, [1, 4, 5]],
  [{ until: "2026-01-01T00:00:00Z" }, [3, 6]],
  [{ until: "2026-01-01T00:00:00.000000001Z" }, [0, 2, 3, 6]],
  [{ until: new Date("2026-01-01T00:00:01Z") }, [0, 1, 2, 3, 6]],
  [{ since: "2026-01-01T00:00:00Z", until: "2026-01-01T00:00:00Z" }, []],
  [{ since: "2027-06-01T15:00:00Z", until: "2027-06-01T15:00:00.000000001Z" }, [5]],
  [{ since: new Date(-62_135_596_800_000) }, all],
  [{ min_duration_ms: 10 }, [0, 1, 6]],
  [{ min_duration_ms: 0 }, [0, 1, 2, 5, 6]],
  [{ min_duration_ms: -0 }, [0, 1, 2, 5, 6]],
  [{ min_duration_ms: -5 }, [0, 1, 2, 3, 5, 6]],
  [{ min_duration_ms: 2n ** 60n }, [1]],
  [{ min_duration_ms: 2n ** 60n + 1n }, []],
  [{ min_duration_ms: -(2n ** 63n) }, all],
  [{ min_duration_ms: 2n ** 63n - 1n }, []],
  [{ max_duration_ms: 0 }, [2, 3, 4]],
  [{ max_duration_ms: 10, min_duration_ms: 10 }, [0]],
  [{ max_duration_ms: 9, min_duration_ms: 10 }, []],
  [{ max_duration_ms: -(2n ** 63n) }, [4]],
  [{ not: undefined }, all],
  [{ not: {} }, all],
  [{ not: { skill: "plan" } }, [1, 2, 3, 4, 6]],
  [{ not: { skill: [] } }, all],
  // Each condition excludes by itself.
  [{ not: { skill: "plan", final_status: ["", "failed"] } }, [1, 4, 6]],
  [{ not: { verified: true } }, [1, 2, 3, 5, 6]],
  [{ not: { phase: "" } }, [0, 1, 3, 5, 6]],
  [{ phase: "red", not: { model_used: "haiku" } }, [0]],
  // Two bounds are one condition.
  [{ not: { min_duration_ms: 9, max_duration_ms: 10 } }, [1, 2, 3, 4, 6]],
  [{ not: { since: "2026-01-01T00:00:00Z", until: "2027-01-01T00:00:00Z" } }, [3, 5, 6]],
  [{ not: { since: "2026-01-01T00:00:00Z" } }, [3, 6]],
  [
    {
      skill: "plan",
      model_used: "haiku",
      verified: false,
      min_duration_ms: 9,
      since: "2027-01-01T00:00:00Z",
    },
    [5],
  ],
  [{ rows: [] }, []],
  [{ rows: [6, 0, 0, 3] }, [6, 0, 0, 3]],
  [{ rows: Uint32Array.of(5, 4, 0, 5), skill: "plan" }, [5, 0, 5]],
  [{ rows: vm.runInNewContext("Uint32Array.of(6, 5)"), phase: ["Red", "red"] }, [6, 5]],
  [{ rows: { start: 0, end: 7 } }, all],
  [{ rows: { start: 2, end: 2 } }, []],
  [{ rows: { start: 1, end: 6 }, skill: "plan" }, [5]],
  [{ since: vm.runInNewContext("new Date('2027-01-01T00:00:00Z')") }, [5]],
];

test("selects the rows, and matches the entries, when they meet all conditions", async () => {
  const index = await indexOf(entries);
  for (const [wanted, rows] of selections) {
    const shown = JSON.stringify(wanted, (_, value) =>
      typeof value === "bigint" ? `${value}n` : value,
    );
    const selected = index.select(wanted);
    assert(selected instanceof Uint32Array);
    assert.deepEqual([...selected], rows, shown);
    const { rows: among, ...conditions } = wanted ?? {};
    if (among) continue;
    const matched = all.filter((row) => matches(entries[row], conditions));
    assert.deepEqual(matched, rows, shown);
  }
  assert.deepEqual(
    (await index.entries(index.select({ skill: "plan" }))).map(({ duration_ms: ms }) => ms),
    [10, 9],
  );
});

test("returns the statistics that were computed by hand when it is asked for stats", async () => {
  const index = await indexOf(entries);
  const without = { attempts_mean: 0, attempts_max: 0 };
  const one = (/** @type {number | bigint} */ ms) => ({ p50: ms, p95: ms, max: ms });
  const lowest = -(2n ** 63n);
  assert.deepEqual(index.stats(), {
    entries: 7,
    bytes: bytesOf(entries).length - 7,
    first: "0001-01-01T00:00:00Z",
    last: "2027-06-01T12:00:00-03:00",
    // The most entries first, then by name.
    skills: [
      {
        name: "plan",
        entries: 2,
        attempts_mean: 1.5,
        attempts_max: 2,
        verified_rate: 0.5,
        first_try_rate: 0,
        duration_ms: { p50: 9, p95: 10, max: 10 },
      },
      {
        name: "",
        entries: 1,
        attempts_mean: 1,
        attempts_max: 1,
        verified_rate: 1,
        first_try_rate: 1,
        duration_ms: one(lowest),
      },
      { name: "__proto__", entries: 1, ...without },
      { name: "constructor", entries: 1, ...without, duration_ms: one(-5) },
      { name: "plan b", entries: 1, ...without, duration_ms: one(11) },
      {
        name: "tdd",
        entries: 1,
        attempts_mean: 2,
        attempts_max: 2,
        verified_rate: 0,
        first_try_rate: 1,
        duration_ms: one(2n ** 60n),
      },
    ],
    phases: [
      {
        name: "red",
        entries: 2,
        attempts_mean: 1.5,
        attempts_max: 2,
        verified_rate: 0.5,
        first_try_rate: 0,
        duration_ms: { p50: 9, p95: 10, max: 10 },
      },
      { name: "Red", entries: 1, ...without, duration_ms: one(11) },
      {
        name: "green",
        entries: 1,
        attempts_mean: 2,
        attempts_max: 2,
        verified_rate: 0,
        first_try_rate: 1,
        duration_ms: one(2n ** 60n),
      },
      { name: "toString", entries: 1, ...without, duration_ms: one(-5) },
    ],
    statuses: [
      {
        name: "ok",
        entries: 4,
        attempts_mean: 1.25,
        attempts_max: 2,
        verified_rate: 1 / 3,
        first_try_rate: 1 / 3,
        duration_ms: { p50: 10, p95: 2n ** 60n, max: 2n ** 60n },
      },
      { name: "", entries: 1, ...without, duration_ms: one(-5) },
      { name: "failed", entries: 1, ...without },
      {
        name: "hasOwnProperty",
        entries: 1,
        attempts_mean: 1,
        attempts_max: 1,
        verified_rate: 1,
        first_try_rate: 1,
        duration_ms: one(lowest),
      },
    ],
    models: [
      {
        name: "haiku",
        entries: 2,
        attempts_mean: 0.5,
        attempts_max: 1,
        verified_rate: 0,
        first_try_rate: 0,
        duration_ms: one(9),
      },
      {
        name: "opus",
        entries: 1,
        attempts_mean: 2,
        attempts_max: 2,
        verified_rate: 1,
        first_try_rate: 0,
        duration_ms: one(10),
      },
      { name: "\ufffd", entries: 1, ...without, duration_ms: one(11) },
    ],
  });
});

test("counts each row as often as it is given when stats has rows", async () => {
  const index = await indexOf(entries);
  const none = { entries: 0, bytes: 0, skills: [], phases: [], statuses: [], models: [] };
  assert.deepEqual(index.stats([]), none);
  assert.deepEqual(index.stats(index.select({ skill: [] })), none);
  const { length } = index.row(2);
  const group = { entries: 2, attempts_mean: 0, attempts_max: 0 };
  assert.deepEqual(index.stats(Uint32Array.of(2, 2)), {
    entries: 2,
    bytes: 2 * length,
    first: "2026-01-01T02:00:00+02:00",
    last: "2026-01-01T02:00:00+02:00",
    skills: [{ name: "__proto__", ...group }],
    phases: [],
    statuses: [{ name: "failed", ...group }],
    models: [{ name: "haiku", ...group }],
  });
});

test("returns nearest ranks of the durations when stats has percentiles", async () => {
  const ranks = [
    { count: 1, p50: 1, p95: 1 },
    { count: 2, p50: 1, p95: 2 },
    { count: 19, p50: 10, p95: 19 },
    { count: 20, p50: 10, p95: 19 },
    { count: 21, p50: 11, p95: 20 },
    { count: 100, p50: 50, p95: 95 },
    { count: 101, p50: 51, p95: 96 },
  ];
  for (const { count, p50, p95 } of ranks) {
    // The durations are not in order, and some entries have none.
    const durations = Array.from({ length: count }, (_, i) => ((i * 11) % count) + 1);
    const index = await indexOf([
      ...durations.map((duration_ms) => entry("a", { duration_ms })),
      entry("a"),
      entry("a", { duration_ms: 0 }),
    ]);
    const {
      skills: [skill],
    } = index.stats();
    assert.deepEqual(
      [skill.entries, skill.duration_ms],
      [count + 2, { p50, p95, max: count }],
      `${count} durations`,
    );
  }
  const big = [-(2n ** 63n), -(2n ** 53n), -3, 2n ** 53n, 2n ** 63n - 1n].map((duration_ms) =>
    entry("a", { duration_ms }),
  );
  assert.deepEqual((await indexOf(big)).stats().skills[0].duration_ms, {
    p50: -3,
    p95: 2n ** 63n - 1n,
    max: 2n ** 63n - 1n,
  });
});

/** @param {string} name */
const rowNamed = (name) => `${name}: expected one of the index's 7 rows, counted from 0, got `;
const row = rowNamed("row");
const rows = "rows: expected a Uint32Array, an array of numbers, or { start, end }, got ";
const range = "start and end: expected 0 <= start <= end <= 7, the number of rows, got ";
const text = (/** @type {string} */ name) =>
  `${name}: expected a string, or an array of strings, got `;
const time = (/** @type {string} */ name) =>
  `${name}: expected a Date from the year 0 to 9999, or an RFC 3339 time, got `;
const int64 = "min_duration_ms: expected a whole number of 64 bits with a sign, got ";
const criteria =
  "skill, phase, final_status, model_used, verified, since, until, min_duration_ms, max_duration_ms, session, recovered, foreign, not, rows";

/** @type {[call: (index: any) => unknown, message: string][]} */
const refusals = [
  [(index) => index.row(), `${row}undefined`],
  [(index) => index.row(-1), `${row}the number -1`],
  [(index) => index.row(7), `${row}the number 7`],
  [(index) => index.row(0.5), `${row}the number 0.5`],
  [(index) => index.row(NaN), `${row}the number NaN`],
  [(index) => index.row("0"), `${row}the string "0"`],
  [(index) => index.row(0n), `${row}the bigint 0`],
  [(index) => index.row(2 ** 32), `${row}the number 4294967296`],
  [(index) => index.entry(7), `${row}the number 7`],
  [(index) => index.entry([0]), `${row}an array`],
  [(index) => index.entry(0, "raw"), 'options: expected an object, got the string "raw"'],
  [
    (index) => index.entry(0, { input: "bytes" }),
    'options.input: expected "parsed" or "raw", got the string "bytes"',
  ],
  [
    (index) => index.entry(0, { strict: true }),
    "options.strict: unknown option; use only input, integers, signal",
  ],
  [
    (index) => index.entry(0, { integers: "bigint" }),
    'options.integers: expected "exact" or "number", got the string "bigint"',
  ],
  [(index) => index.entries(), `${rows}undefined`],
  [(index) => index.entries(0), `${rows}the number 0`],
  [(index) => index.entries({}), `${rows}an object`],
  [(index) => index.entries({ start: 0 }), `${rows}an object`],
  [(index) => index.entries({ from: 0, to: 2 }), `${rows}an object`],
  [(index) => index.entries(new Float64Array(2)), `${rows}an object (Float64Array)`],
  [(index) => index.entries([0, 8]), `${rowNamed("rows[1]")}the number 8`],
  [(index) => index.entries(Uint32Array.of(0, 7)), `${rowNamed("rows[1]")}the number 7`],
  [(index) => index.entries({ start: 0, end: 8 }), `${range}the number 0 and the number 8`],
  [(index) => index.entries({ start: -1, end: 2 }), `${range}the number -1 and the number 2`],
  [(index) => index.entries({ start: 3, end: 2 }), `${range}the number 3 and the number 2`],
  [(index) => index.entries({ start: 0, end: "2" }), `${range}the number 0 and the string "2"`],
  [(index) => index.entries({ start: 0.5, end: 2 }), `${range}the number 0.5 and the number 2`],
  [(index) => index.range(), `${range}undefined and undefined`],
  [(index) => index.range(0), `${range}the number 0 and undefined`],
  [(index) => index.range(0, 8), `${range}the number 0 and the number 8`],
  [(index) => index.range([0, 2]), `${range}an array and undefined`],
  [
    (index) => index.select({ rows: { start: 7, end: 8 } }),
    `${range}the number 7 and the number 8`,
  ],
  [(index) => index.stats({ start: 7, end: 8 }), `${range}the number 7 and the number 8`],
  [
    (index) => index.entries({ start: 0, end: 1 }, { signal: {} }),
    "options.signal: expected an AbortSignal, got an object",
  ],
  [(index) => index.select(null), "options: expected an object, got null"],
  [(index) => index.select("plan"), 'options: expected an object, got the string "plan"'],
  [
    (index) => index.select({ skills: "plan" }),
    `options.skills: unknown option; use only ${criteria}`,
  ],
  [(index) => index.select({ skill: 5 }), `${text("skill")}the number 5`],
  [(index) => index.select({ session: 5 }), `${text("session")}the number 5`],
  [
    (index) => index.select({ not: [5] }),
    `not.0: unknown option; use only ${criteria.replace(", not, rows", "")}`,
  ],
  [(index) => index.select({ not: { skill: 5 } }), `not.${text("skill")}the number 5`],
  [
    (index) => index.select({ recovered: 1 }),
    "recovered: expected true or false, got the number 1",
  ],
  [
    (index) => index.select({ foreign: "no" }),
    'foreign: expected true or false, got the string "no"',
  ],
  [(index) => index.select({ phase: null }), `${text("phase")}null`],
  [(index) => index.select({ final_status: ["ok", 5] }), `${text("final_status")}an array`],
  [(index) => index.select({ model_used: new Set(["m"]) }), `${text("model_used")}an object (Set)`],
  [(index) => index.select({ verified: 1 }), "verified: expected true or false, got the number 1"],
  [(index) => index.select({ verified: null }), "verified: expected true or false, got null"],
  [(index) => index.select({ since: 0 }), `${time("since")}the number 0`],
  [(index) => index.select({ since: "2026-01-01" }), `${time("since")}the string "2026-01-01"`],
  [(index) => index.select({ since: new Date(NaN) }), `${time("since")}an invalid Date`],
  [(index) => index.select({ until: "" }), `${time("until")}the string ""`],
  [(index) => index.select({ until: new Date(8.64e15) }), `${time("until")}a Date`],
  [
    (index) => index.select({ until: "2026-02-30T00:00:00Z" }),
    `${time("until")}the string "2026-02-30T00:00:00Z"`,
  ],
  [(index) => index.select({ min_duration_ms: 1.5 }), `${int64}the number 1.5`],
  [(index) => index.select({ min_duration_ms: "5" }), `${int64}the string "5"`],
  [(index) => index.select({ min_duration_ms: 2 ** 53 }), `${int64}the number 9007199254740992`],
  [
    (index) => index.select({ min_duration_ms: 2n ** 63n }),
    `${int64}the bigint 9223372036854775808`,
  ],
  [
    (index) => index.select({ min_duration_ms: -(2n ** 63n) - 1n }),
    `${int64}the bigint -9223372036854775809`,
  ],
  [(index) => index.select({ rows: [0, 7] }), `${rowNamed("rows[1]")}the number 7`],
  [(index) => index.select({ rows: new Set([0]) }), `${rows}an object (Set)`],
  [(index) => index.stats(null), `${rows}null`],
  [(index) => index.stats(0), `${rows}the number 0`],
  [(index) => index.stats([, 1]), `${rowNamed("rows[0]")}undefined`], // eslint-disable-line no-sparse-arrays -- a hole is no row
  [
    (index) => index.stats(Uint32Array.of(2 ** 32 - 1)),
    `${rowNamed("rows[0]")}the number 4294967295`,
  ],
  [(index) => index.refresh(5), "options: expected an object, got the number 5"],
  [
    (index) => index.refresh({ onProgress: true }),
    "options.onProgress: expected a function, got the boolean true",
  ],
  [
    (index) => index.refresh({ rows: [] }),
    "options.rows: unknown option; use only signal, onProgress",
  ],
];

test("returns the same rows when they are asked for by a list or by a range", async () => {
  const index = await indexOf(entries);
  assert.deepEqual(index.range(0, 7), rowsOf(index));
  assert.deepEqual(index.range(5, 7), [index.row(5), index.row(6)]);
  assert.deepEqual(index.range(7, 7), []);
  const read = await index.entries({ start: 0, end: 7 });
  // An array of two numbers is two rows.
  assert.deepEqual(await index.entries([5, 1]), [read[5], read[1]]);
  assert.deepEqual(await index.entries({ start: 5, end: 7 }), read.slice(5));
  assert.deepEqual(await index.entries([]), []);
  assert.deepEqual(index.stats({ start: 1, end: 3 }), index.stats([1, 2]));
  assert.deepEqual([...(await index.search("haiku", { rows: { start: 3, end: 7 } }))], [5]);
});

test("rounds integers in entries when integers is number, and keeps them exact otherwise", async () => {
  const index = await indexOf(entries);
  const options = { integers: /** @type {const} */ ("number") };
  assert.equal((await index.entry(1)).duration_ms, 2n ** 60n);
  assert.equal((await index.entry(1, options)).duration_ms, 2 ** 60);
  const durations = (/** @type {any[]} */ read) => read.map(({ duration_ms }) => duration_ms);
  const range = { start: 3, end: 5 };
  assert.deepEqual(durations(await index.entries(range)), [-5, -(2n ** 63n)]);
  assert.deepEqual(durations(await index.entries(range, options)), [-5, -(2 ** 63)]);
  assert.deepEqual(durations(await index.entries(range, { integers: "exact" })), [
    -5,
    -(2n ** 63n),
  ]);
});

test("rejects with INVALID_ARGUMENT when a row, a condition or an option is wrong", async () => {
  const index = await indexOf(entries);
  for (const [call, message] of refusals)
    await assert.rejects(
      async () => call(index),
      { code: "INVALID_ARGUMENT", message },
      String(call),
    );
  const log = await SessionLog.from(bytesOf(entries));
  for (const options of /** @type {any[]} */ ([null, "all", { maxLineBytes: 5 }, { signal: 5 }]))
    await assert.rejects(log.index(options), { code: "INVALID_ARGUMENT" });
  assert.deepEqual(await index.refresh(), UNCHANGED);
  assert.equal(index.length, 7);
});

test("makes the same index when the source is a path, a Blob, a File or bytes", async (t) => {
  const damaged = Buffer.from(
    `${bytesOf(entries)}${TORN}${line("x", { input: { n: 1 } })}\n${TORN}`,
  );
  const file = path.join(temporaryFolder(t), "any name.txt");
  await fs.writeFile(file, damaged);
  const whole = await (await SessionLog.from(file)).index();
  assert.deepEqual([whole.length, whole.damage.length, whole.pending?.length], [8, 1, TORN.length]);
  for (const source of [
    new Blob([damaged]),
    await openAsBlob(file),
    new File([damaged], "s.jsonl"),
    damaged,
  ]) {
    const index = await (await SessionLog.from(source)).index();
    assert(index instanceof LogIndex);
    assert.deepEqual(rowsOf(index), rowsOf(whole));
    assert.deepEqual([index.damage, index.bytes], [whole.damage, whole.bytes]);
    assertPending(
      index.pending,
      { offset: damaged.length - TORN.length, length: TORN.length },
      false,
    );
    assert.deepEqual(await index.entries({ start: 0, end: 8 }), [
      ...entries,
      entry("x", { input: { n: 1 } }),
    ]);
    assert.deepEqual(await index.refresh(), UNCHANGED);
  }
});

test("reports damage with its line's number when an index is made or refreshed", async (t) => {
  const folder = temporaryFolder(t);
  const file = path.join(folder, "s.jsonl");
  const log = await SessionLog.open(folder, "s");
  await fs.writeFile(file, `${line("a")}\n\n${TORN}\n\0\0\n${line("b")}\n${TORN}`);
  const index = await log.index();
  const found = () =>
    index.damage.map(({ kind, line: number, offset, length, recovered }) => [
      kind,
      number,
      offset,
      length,
      recovered,
    ]);
  const at = line("a").length + 2;
  const first = [
    ["torn", 3, at, TORN.length, 0],
    ["nul", 4, at + TORN.length + 1, 2, 0],
  ];
  assert.deepEqual(found(), first);
  const pending = at + TORN.length + 1 + 3 + line("b").length + 1;
  assertPending(index.pending, { offset: pending, length: TORN.length }, true);
  await fs.appendFile(file, `${line("c")}\njunk\n`);
  assert.deepEqual(await index.refresh(), { added: 1, removed: 0 });
  const length = TORN.length + line("c").length;
  assert.deepEqual(found(), [
    ...first,
    ["fused", 6, pending, length, 1],
    ["corrupt", 7, pending + length + 1, 4, 0],
  ]);
  assert.equal(index.pending, null);
  assert.deepEqual(
    (await log.verify()).damage.map((each) => ({ ...each, session: "s" })),
    index.damage,
  );
});

test("makes one row for each entry when a line is far over the limit", async (t) => {
  const file = path.join(temporaryFolder(t), "s.jsonl");
  // A line longer than the bytes that are held at once.
  const touching = line("a", { message: "x".repeat(60_000) }).repeat(1_200);
  await fs.writeFile(file, `${line("first")}\n${touching}`);
  // Only a log of a directory has a limit for its index.
  const log = await SessionLog.open(path.dirname(file), "s", { maxLineBytes: 1 << 20 });
  const index = await log.index();
  for (const more of ["", "", "\n", ""]) {
    await fs.appendFile(file, more);
    assert.deepEqual(await index.refresh(), UNCHANGED);
    assert.equal(index.length, 1_201);
    assert.deepEqual(
      index.damage.map(({ kind, recovered }) => [kind, recovered]),
      [["too_long", 1_200]],
    );
    assert.deepEqual([index.damaged, index.pending], [1, null]);
  }
});

test("rejects with the thrown value when onProgress throws", async () => {
  const log = await SessionLog.from(Buffer.from(`${line("a")}\n`));
  const index = await log.index();
  for (const thrown of ["enough", undefined, new Error("enough")]) {
    const onProgress = () => {
      throw thrown;
    };
    for (const call of [
      () => log.index({ onProgress }),
      () => log.verify({ onProgress }),
      () => index.search("a", { onProgress }),
    ]) {
      const got = await call().then(
        () => "nothing",
        (error) => error,
      );
      assert.equal(got, thrown);
    }
  }
});

test("searches the rows that an index had at first when it is refreshed meanwhile", async (t) => {
  const file = path.join(temporaryFolder(t), "s.jsonl");
  const lines = `${line("a", { message: "x".repeat(1000) })}\n`.repeat(2000);
  await fs.writeFile(file, lines);
  const index = await (await SessionLog.from(file)).index();
  await fs.appendFile(file, lines);
  /** @type {[rows: number, total: number][]} */
  const progress = [];
  const [hits] = await Promise.all([
    index.search("a", { onProgress: ({ rows, total }) => progress.push([rows, total]) }),
    index.refresh(),
  ]);
  assert.equal(hits.length, 2000);
  assert.equal(index.length, 4000);
  assert.deepEqual(progress.at(-1), [2000, 2000]);
});

test("rejects with the reason when a signal was aborted and the log does not exist", async (t) => {
  const log = await SessionLog.open(temporaryFolder(t), "none");
  const reason = new Error("enough");
  const signal = AbortSignal.abort(reason);
  for (const call of [
    () => log.index({ signal }),
    () => log.verify({ signal }),
    () => log.repair({ signal }),
    () => log.read({ signal }),
  ]) {
    await assert.rejects(call(), (error) => error === reason);
  }
});

test("throws when a property of an index is assigned", async () => {
  const index = await (await SessionLog.from(Buffer.from(line("a")))).index();
  for (const name of ["length", "removed", "bytes", "damaged", "damage", "foreign", "pending"]) {
    assert.throws(
      () => {
        /** @type {any} */ (index)[name] = 1e12;
      },
      TypeError,
      name,
    );
  }
  assert.deepEqual(await index.refresh(), UNCHANGED);
});

test("has the first rows and their entries while the others are read", async (t) => {
  const dir = temporaryFolder(t);
  // Several parts of a long log.
  const count = 60_000;
  const text = `${line("tdd", { message: "m".repeat(300) })}\n`;
  await fs.writeFile(path.join(dir, "long.jsonl"), text.repeat(count));
  const sessions = await Sessions.open(dir);
  const file = await SessionLog.open(dir, "long");
  for (const makes of [sessions, file]) {
    /** @type {import("skill-log").LogIndex | null} */
    let growing = null;
    /** @type {Promise<unknown>[]} */
    const early = [];
    const index = await makes.index({
      onStart: (/** @type {import("skill-log").LogIndex} */ index) => {
        assert.equal(index.length, 0);
        growing = index;
      },
      onProgress: (/** @type {{ bytes: number, total: number }} */ { bytes, total }) => {
        const { length = 0 } = growing ?? {};
        if (bytes < total && length > 0 && early.length === 0)
          early.push(
            /** @type {any} */ (growing)
              .entry(length - 1)
              .then((/** @type {any} */ { skill }) => skill),
          );
      },
    });
    assert.equal(growing, index);
    assert.equal(index.length, count);
    assert.deepEqual(await Promise.all(early), ["tdd"]);
    await assert.rejects(makes.index(/** @type {any} */ ({ onStart: 1 })), {
      code: "INVALID_ARGUMENT",
      message: /^options\.onStart: expected a function/,
    });
  }
  for (const threads of [0, 65, 1.5, "2", null])
    await assert.rejects(file.index(/** @type {any} */ ({ threads })), {
      code: "INVALID_ARGUMENT",
      message: /^options\.threads: expected a whole number from 1 to 64/,
    });
  await sessions.close();
  await file.close();
});
