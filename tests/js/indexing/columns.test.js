// LogIndex.column and LogIndex.sort give what the rows give.

import assert from "node:assert/strict";
import fs from "node:fs/promises";
import path from "node:path";
import test from "node:test";
import fc from "fast-check";
import { SessionLog, Sessions } from "skill-log";

import { entry, line, TORN } from "../support/lines.js";
import { temporaryFolder } from "../support/temporary-folder.js";

/** @import { ColumnName, Row } from "skill-log" */

const TEXTS = /** @type {const} */ (["session", "skill", "phase", "final_status", "model_used"]);
const FLAGS = /** @type {const} */ (["verified", "recovered", "foreign"]);
const NUMBERS = /** @type {const} */ (["timestamp", "duration_ms", "length", "attempts", "offset"]);

/** @param {string[]} lines */
const indexOf = async (lines) =>
  (await SessionLog.from(Buffer.from(lines.map((each) => `${each}\n`).join("")))).index();

const attempt = (/** @type {boolean} */ verified) => ({ attempt: 1, model: "m", verified });

const lines = [
  line("plan", { timestamp: "2026-01-01T00:00:00.000000002Z", phase: "red", duration_ms: 5 }),
  line("tdd", {
    timestamp: "2026-01-01T02:00:00.000000001+02:00",
    duration_ms: -3,
    attempts: [attempt(false), attempt(true)],
  }),
  line("\uffff", { timestamp: "2026-01-01T00:00:00Z", model_used: "m", duration_ms: 2n ** 60n }),
  line("😀", { timestamp: "2025-12-31T23:59:59.999999999Z", attempts: [attempt(false)] }),
  `${TORN}${line("tdd", { timestamp: "1969-12-31T23:59:59.5Z", duration_ms: 2n ** 60n + 1n })}`,
  '{"skill":"plan","phase":"green"}',
];

test("returns the values of the rows when a column is asked for", async () => {
  const index = await indexOf(lines);
  const rows = index.range(0, index.length);
  assert.deepEqual(
    index.column("timestamp"),
    // To the millisecond, rounded down; 1 ns does not show.
    Float64Array.of(
      1767225600000,
      1767225600000,
      1767225600000,
      index.column("timestamp")[3],
      -500,
      -62135596800000,
    ),
  );
  // Not rounded into the next millisecond.
  const [last] = index.column("timestamp", [3]);
  assert(last > 1767225599999.99 && last < 1767225600000);
  const durations = rows.map(({ duration_ms: ms = 0 }) => Number(ms));
  assert.deepEqual(index.column("duration_ms"), Float64Array.from(durations));
  assert.equal(index.column("duration_ms")[3], 0);
  for (const name of /** @type {const} */ (["length", "attempts", "offset"]))
    assert.deepEqual(
      index.column(name),
      Float64Array.from(rows, (row) => row[name]),
    );
  for (const name of FLAGS)
    assert.deepEqual(
      index.column(name),
      Uint8Array.from(rows, (row) => Number(row[name] ?? 0)),
    );
  assert.deepEqual(index.column("skill"), {
    codes: Uint32Array.of(0, 1, 2, 3, 1, 0),
    texts: ["plan", "tdd", "\uffff", "😀"],
  });
  assert.deepEqual(index.column("phase"), {
    codes: Uint32Array.of(2, 0, 0, 0, 0, 1),
    texts: ["", "green", "red"],
  });
  assert.deepEqual(index.column("session"), { codes: new Uint32Array(6), texts: [""] });
});

test("returns the values of some rows, with their texts alone, when rows are given", async () => {
  const index = await indexOf(lines);
  assert.deepEqual(index.column("skill", [4, 2, 4]), {
    codes: Uint32Array.of(0, 1, 0),
    texts: ["tdd", "\uffff"],
  });
  assert.deepEqual(index.column("recovered", { start: 3, end: 6 }), Uint8Array.of(0, 1, 0));
  assert.deepEqual(index.column("offset", []), new Float64Array(0));
  assert.deepEqual(index.column("model_used", []), { codes: new Uint32Array(0), texts: [] });
});

/** @type {[by: ColumnName, ascending: number[], descending: number[]][]} */
const orders = [
  // By the instant, to the nanosecond.
  ["timestamp", [5, 4, 3, 2, 1, 0], [0, 1, 2, 3, 4, 5]],
  // Exactly beyond 2^53. Rows without a duration come last.
  ["duration_ms", [1, 0, 2, 4, 3, 5], [4, 2, 0, 1, 3, 5]],
  // By code points, of which UTF-16 units have another order.
  ["skill", [0, 5, 1, 4, 2, 3], [3, 2, 1, 4, 0, 5]],
  ["phase", [5, 0, 1, 2, 3, 4], [0, 5, 1, 2, 3, 4]],
  ["model_used", [2, 0, 1, 3, 4, 5], [2, 0, 1, 3, 4, 5]],
  ["final_status", [5, 0, 1, 2, 3, 4], [0, 1, 2, 3, 4, 5]],
  ["session", [0, 1, 2, 3, 4, 5], [0, 1, 2, 3, 4, 5]],
  // Rows without attempts come last.
  ["verified", [3, 1, 0, 2, 4, 5], [1, 3, 0, 2, 4, 5]],
  ["recovered", [0, 1, 2, 3, 5, 4], [4, 0, 1, 2, 3, 5]],
  ["foreign", [0, 1, 2, 3, 4, 5], [5, 0, 1, 2, 3, 4]],
  ["attempts", [0, 2, 4, 5, 3, 1], [1, 3, 0, 2, 4, 5]],
  ["offset", [0, 1, 2, 3, 4, 5], [5, 4, 3, 2, 1, 0]],
];

test("tells rows whose first attempt was verified from those whose last one was", async () => {
  const index = await indexOf(
    [[], [true], [false, true], [true, false], [false]].map((attempts) =>
      line("a", { attempts: attempts.map(attempt) }),
    ),
  );
  assert.deepEqual(index.column("first_verified"), Uint8Array.of(0, 1, 0, 1, 0));
  assert.deepEqual(index.column("verified"), Uint8Array.of(0, 1, 1, 0, 0));
  assert.deepEqual([...index.sort({ by: "first_verified" })], [2, 4, 1, 3, 0]);
});

for (const [by, ascending, descending] of orders) {
  test(`sorts rows when by is ${by}`, async () => {
    const index = await indexOf(lines);
    assert.deepEqual([...index.sort({ by })], ascending);
    assert.deepEqual([...index.sort({ by, descending: true })], descending);
    assert.deepEqual([...index.sort({ by }, [])], []);
    const some = [4, 1, 3];
    assert.deepEqual([...index.sort({ by }, some)].sort(), [1, 3, 4]);
  });
}

test("keeps the given order of rows that agree, and rows given twice, when it sorts", async () => {
  const index = await indexOf([line("b"), line("a"), line("b"), line("a")]);
  assert.deepEqual([...index.sort({ by: "skill" }, [3, 2, 1, 0, 3])], [3, 1, 3, 2, 0]);
  assert.deepEqual(
    [...index.sort({ by: "skill", descending: true }, [3, 2, 1, 0, 3])],
    [2, 0, 3, 1, 3],
  );
});

test("throws INVALID_ARGUMENT when a column, an option or a row is wrong", async () => {
  const index = await indexOf(lines);
  /** @type {[call: (index: any) => unknown, message: RegExp][]} */
  const refused = [
    [(index) => index.column(), /^name: expected one of skill, phase, .* foreign, got undefined$/],
    [(index) => index.column("seconds"), /^name: expected one of /],
    [(index) => index.column("toString"), /^name: expected one of /],
    [(index) => index.column("skill", [6]), /^rows\[0\]: /],
    [(index) => index.sort(), /^options\.by: expected one of /],
    [(index) => index.sort("skill"), /^options: expected an object/],
    [(index) => index.sort({ by: "message" }), /^options\.by: expected one of /],
    [(index) => index.sort({ by: "skill", desc: true }), /^options\.desc: unknown option/],
    [(index) => index.sort({ by: "skill", descending: 1 }), /^options\.descending: expected true/],
    [(index) => index.sort({ by: "skill" }, { start: 0, end: 9 }), /^start and end: /],
  ];
  for (const [call, message] of refused)
    assert.throws(() => call(index), { code: "INVALID_ARGUMENT", message });
});

test("leaves out removed rows when the log was replaced", async (t) => {
  const dir = temporaryFolder(t);
  const log = await SessionLog.open(dir, "a");
  const own = (/** @type {string} */ skill) => entry(skill, { session_id: "a" });
  await log.append([own("x"), own("y")]);
  const index = await log.index();
  await fs.rm(path.join(dir, "a.jsonl"));
  await log.append([own("z"), own("y")]);
  await index.refresh();
  assert.equal(index.length, 4);
  assert.deepEqual(index.column("skill"), { codes: Uint32Array.of(1, 0), texts: ["y", "z"] });
  assert.deepEqual(index.column("session", [0, 3]), { codes: Uint32Array.of(0), texts: ["a"] });
  assert.deepEqual([...index.sort({ by: "skill" })], [3, 2]);
  assert.deepEqual([...index.sort({ by: "skill" }, [0, 1, 2])], [2]);
  assert.deepEqual(index.histogram({ buckets: 1 }).counts, Uint32Array.of(2));
  assert.deepEqual([...index.select({ session: "a" })], [2, 3]);
  assert.deepEqual([...index.select({ session: ["b", ""] })], []);
  assert.deepEqual([...index.select({ not: { session: "a" } })], []);
  assert.deepEqual([...(await index.search(/^[xyz]$/))], [2, 3]);
  await assert.rejects(index.places(0, "x"), { code: "REPLACED" });
  await log.close();
});

test("names, sorts and selects sessions when the index is of many logs", async (t) => {
  const dir = temporaryFolder(t);
  for (const id of ["b", "😀", "\uffdd", "a"]) {
    const log = await SessionLog.open(dir, id);
    await log.append([
      entry("x", { session_id: id, message: `of ${id}` }),
      entry("y", { session_id: id, phase: id === "a" ? "red" : undefined }),
    ]);
    await log.close();
  }
  const sessions = await Sessions.open(dir);
  const index = await sessions.index();
  const idOf = (/** @type {number} */ row) => index.row(row).session;
  const { codes, texts } = index.column("session");
  assert.deepEqual(texts, ["a", "b", "\uffdd", "😀"]);
  assert.deepEqual(
    Array.from(codes, (code) => texts[code]),
    Array.from(index.select(), idOf),
  );
  const sorted = [...index.sort({ by: "session", descending: true })];
  assert.deepEqual(sorted.map(idOf), ["😀", "😀", "\uffdd", "\uffdd", "b", "b", "a", "a"]);
  // The rows of a log keep their order.
  assert.equal(index.row(sorted[0]).skill, "x");
  assert.deepEqual(Array.from(index.select({ session: ["a", "none"] }), idOf), ["a", "a"]);
  const others = index.select({ not: { session: ["a", "b", "😀"], skill: "x" } });
  assert.deepEqual(Array.from(others, idOf), ["\uffdd"]);
  assert.deepEqual(
    index
      .histogram({ buckets: 1, by: "session" })
      .series?.map(({ name, counts }) => [name, counts[0]]),
    texts.map((name) => [name, 2]),
  );
  const rows = sorted.filter((row) => idOf(row) !== "b");
  const found = [...(await index.search(/^of .$/u, { rows }))];
  assert.deepEqual(found.map(idOf), ["😀", "\uffdd", "a"]);
  assert.deepEqual([...(await index.search(/^of .$/u))].length, 4);
  const [place] = await index.places(found[2], "of");
  assert.equal(place.excerpt.text, "of a");
  await sessions.close();
});

test("selects by what the line was when recovered or foreign is asked for", async () => {
  const index = await indexOf(lines);
  assert.deepEqual([...index.select({ recovered: true })], [4]);
  assert.deepEqual([...index.select({ foreign: true })], [5]);
  assert.deepEqual([...index.select({ recovered: false, foreign: false })], [0, 1, 2, 3]);
  assert.deepEqual([...index.select({ not: { recovered: true, foreign: true } })], [0, 1, 2, 3]);
});

/**
 * The value by which a row is sorted; undefined where it has none.
 *
 * @param {Row} row
 * @param {Exclude<ColumnName, "first_verified">} by a row does not tell about its first attempt
 */
function keyOf(row, by) {
  if (by === "timestamp") {
    const [, seconds, fraction = ""] = /** @type {RegExpExecArray} */ (
      /^(.{19})\.?(\d*)Z$/.exec(row.timestamp)
    );
    return BigInt(Date.parse(`${seconds}Z`)) * 1_000_000n + BigInt(fraction.padEnd(9, "0"));
  }
  if (by === "verified" || by === "phase" || by === "model_used" || by === "duration_ms")
    return row[by];
  return row[by] ?? "";
}

test("sorts as a comparison of the rows does when entries are random", async () => {
  const text = fc.constantFrom("", "a", "b", "B", "é", "\uffff", "😀");
  const anyEntry = fc.record({
    skill: text,
    phase: text,
    model_used: text,
    duration_ms: fc.oneof(
      fc.integer({ min: -3, max: 3 }),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    ),
    timestamp: fc
      .tuple(
        fc.integer({ min: 0, max: 9999 }),
        fc.integer({ min: 0, max: 59 }),
        fc.integer({ min: 0, max: 999_999_999 }),
      )
      .map(
        ([year, second, nano]) =>
          `${String(year).padStart(4, "0")}-01-01T00:00:${String(second).padStart(2, "0")}.${String(nano).padStart(9, "0")}Z`,
      ),
    attempts: fc.array(fc.boolean().map(attempt), { maxLength: 2 }),
  });
  const compare = (/** @type {any} */ a, /** @type {any} */ b) => {
    if (typeof a !== "string") return a < b ? -1 : a > b ? 1 : 0;
    return Buffer.compare(Buffer.from(a), Buffer.from(b));
  };
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyEntry, { maxLength: 12 }),
      fc.constantFrom(...TEXTS, ...FLAGS, ...NUMBERS),
      fc.boolean(),
      async (entries, by, descending) => {
        const index = await indexOf(entries.map((each) => line(each.skill, each)));
        const keys = index.range(0, index.length).map((row) => keyOf(row, by));
        const expected = Array.from(keys.keys()).sort((a, b) => {
          const missing = Number(keys[a] === undefined) - Number(keys[b] === undefined);
          if (missing !== 0 || keys[a] === undefined) return missing;
          return descending ? compare(keys[b], keys[a]) : compare(keys[a], keys[b]);
        });
        assert.deepEqual([...index.sort({ by, descending })], expected);
      },
    ),
    { numRuns: 500 },
  );
});

test("returns by query what select and sort return, also of more rows than a part", async () => {
  const many = 300_000;
  const text = Array.from({ length: many }, (_, at) =>
    line(["plan", "tdd", "review"][at % 3], { duration_ms: (at * 7919) % 1000 }),
  );
  const index = await indexOf([...text, ...lines]);
  const rows = Uint32Array.from({ length: many }, (_, at) => many - at);
  for (const select of [{}, { skill: "tdd" }, { rows }, { skill: "none" }]) {
    const selected = index.select(select);
    assert.deepEqual(await index.query(select), selected);
    for (const by of /** @type {const} */ (["duration_ms", "timestamp", "phase", "verified"])) {
      const sort = { by, descending: by === "phase" };
      assert.deepEqual(await index.query({ ...select, sort }), index.sort(sort, selected));
    }
  }
});

test("lets other work run, and ends when its signal is aborted, while a query goes on", async () => {
  const many = 400_000;
  const index = await indexOf(Array(many).fill(line("tdd", { duration_ms: 5 })));
  const ending = new AbortController();
  const query = index.query({ sort: { by: "duration_ms" }, signal: ending.signal });
  let isOver = false;
  const over = query.catch(() => {}).then(() => (isOver = true));
  await new Promise((done) => setImmediate(done));
  assert.equal(isOver, false);
  ending.abort();
  await assert.rejects(query, { name: "AbortError" });
  await over;
});

test("leaves out the rows that a refresh removes while a query goes on", async (t) => {
  const dir = temporaryFolder(t);
  const each = 50_000;
  const turns = [0, 1, 2, 4, 8, 16, 32];
  const paths = Array.from({ length: turns.length + 1 }, (_, at) => path.join(dir, `${at}.jsonl`));
  for (const log of paths) await fs.writeFile(log, `${line("tdd", {})}\n`.repeat(each));
  const sessions = await Sessions.open(dir);
  const index = await sessions.index();
  const sort = /** @type {const} */ ({ by: "offset", descending: true });
  for (const [round, count] of turns.entries()) {
    await fs.unlink(paths[round]);
    const query = index.query({ sort });
    for (let turn = 0; turn < count; turn += 1) await new Promise((done) => setImmediate(done));
    const refreshed = index.refresh();
    const rows = await query;
    await refreshed;
    // The query may have ended before.
    assert.deepEqual(index.select({ rows }), index.sort(sort));
    assert.deepEqual(await index.query({ sort }), index.sort(sort));
  }
  assert.equal(index.sort(sort).length, each);
  await sessions.close();
});
