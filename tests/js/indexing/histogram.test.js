// LogIndex.histogram counts the rows that a selection between the same instants has.

import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { SessionLog } from "skill-log";

import { line } from "../support/lines.js";

/** @param {(readonly [timestamp: string, skill: string])[]} entries */
const indexOf = async (entries) =>
  (
    await SessionLog.from(
      Buffer.from(entries.map(([timestamp, skill]) => `${line(skill, { timestamp })}\n`).join("")),
    )
  ).index();

const hour = 3_600_000;

const entries = /** @type {const} */ ([
  ["2026-01-01T10:00:00Z", "b"],
  ["2026-01-01T10:59:59.999999999Z", "a"],
  ["2026-01-01T13:00:00+01:00", "a"],
  ["2026-01-01T12:30:00Z", "b"],
]);

test("counts rows in buckets that start at multiples of the width", async () => {
  const index = await indexOf([...entries]);
  assert.deepEqual(index.histogram({ width: hour }), {
    start: Date.parse("2026-01-01T10:00Z"),
    width: hour,
    counts: Uint32Array.of(2, 0, 2),
  });
  assert.deepEqual(index.histogram({ width: hour, by: "skill" }).series, [
    { name: "a", counts: Uint32Array.of(1, 0, 1) },
    { name: "b", counts: Uint32Array.of(1, 0, 1) },
  ]);
  assert.deepEqual(index.histogram({ width: hour, offset: hour / 2 }), {
    start: Date.parse("2026-01-01T09:30Z"),
    width: hour,
    counts: Uint32Array.of(1, 1, 1, 1),
  });
  assert.deepEqual(index.histogram({ width: hour }, [3, 3]), {
    start: Date.parse("2026-01-01T12:00Z"),
    width: hour,
    counts: Uint32Array.of(2),
  });
});

test("chooses a round width when buckets are given", async () => {
  const index = await indexOf([...entries]);
  const widths = [1, 2, 3, 4, 6, 24].map((buckets) => {
    const { width, counts } = index.histogram({ buckets });
    assert(counts.length <= buckets);
    return width / 60_000;
  });
  assert.deepEqual(widths, [24 * 60, 2 * 60, 60, 60, 30, 10]);
  const one = await indexOf([["2026-01-01T10:00:00.5Z", "a"]]);
  assert.deepEqual(one.histogram({ buckets: 9 }), {
    start: Date.parse("2026-01-01T10:00:00.5Z"),
    width: 1,
    counts: Uint32Array.of(1),
  });
  // Times on both sides of 1970 are in two multiples of any width.
  const both = await indexOf([
    ["1969-12-31T23:59:59Z", "a"],
    ["1970-01-01T00:00:01Z", "b"],
  ]);
  assert.deepEqual(both.histogram({ buckets: 1 }), {
    start: -1000,
    width: 2001,
    counts: Uint32Array.of(2),
  });
});

test("returns no bucket when there are no rows", async () => {
  const index = await indexOf([...entries]);
  const counts = new Uint32Array(0);
  assert.deepEqual(index.histogram({ buckets: 9 }, []), { start: 0, width: 1, counts });
  assert.deepEqual(index.histogram({ width: 5, by: "skill" }, []), {
    start: 0,
    width: 5,
    counts,
    series: [],
  });
});

test("throws INVALID_ARGUMENT when an option is wrong, or buckets or counts are too many", async () => {
  const index = await indexOf([...entries]);
  /** @type {[options: any, message: RegExp][]} */
  const refused = [
    [undefined, /^options: expected either buckets or width$/],
    [{}, /^options: expected either buckets or width$/],
    [{ buckets: 1, width: 1 }, /^options: expected either buckets or width$/],
    [{ buckets: 0 }, /^options\.buckets: expected a whole number from 1 to 100000/],
    [{ buckets: 100_001 }, /^options\.buckets: /],
    [{ width: 0.5 }, /^options\.width: expected a whole number from 1 /],
    [{ width: -1 }, /^options\.width: /],
    [{ width: 1n }, /^options\.width: /],
    [{ width: 50 }, /^options\.width: expected at most 100000 buckets, not 180001/],
    [{ width: hour, offset: "0" }, /^options\.offset: /],
    [{ width: hour, by: "message" }, /^options\.by: expected one of skill, /],
    [{ width: hour, by: "length" }, /^options\.by: /],
    [{ width: hour, bins: 4 }, /^options\.bins: unknown option/],
  ];
  for (const [options, message] of refused)
    assert.throws(() => index.histogram(options), { code: "INVALID_ARGUMENT", message });
  assert.throws(() => index.histogram({ width: 1 }, [4]), { code: "INVALID_ARGUMENT" });
  const many = await indexOf(
    Array.from({ length: 250 }, (_, at) => [`2026-01-01T00:00:${10 + (at % 50)}Z`, `s${at}`]),
  );
  assert.equal(many.histogram({ width: 1, by: "final_status" }).counts.length, 49_001);
  assert.throws(() => many.histogram({ width: 1, by: "skill" }), {
    code: "INVALID_ARGUMENT",
    message: /^options: 250 series of 49001 buckets are over 10000000 counts/,
  });
});

test("counts what a selection from bucket to bucket counts when times are random", async () => {
  const time = fc
    .tuple(fc.integer({ min: -3, max: 200_000 }), fc.constantFrom("", "0001", "9999999"))
    .map(([ms, more]) => new Date(ms).toISOString().replace("Z", `${more.slice(0, 6)}Z`));
  await fc.assert(
    fc.asyncProperty(
      fc.array(time, { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 3, max: 90_000 }),
      fc.integer({ min: -100_000, max: 100_000 }),
      async (times, width, offset) => {
        const index = await indexOf(times.map((time) => [time, "a"]));
        const { start, counts } = index.histogram({ width, offset });
        assert(Number.isInteger((start - offset) / width));
        assert(counts[0] > 0 && counts[counts.length - 1] > 0);
        assert.equal(
          counts.reduce((sum, count) => sum + count, 0),
          times.length,
        );
        for (const [at, count] of counts.entries()) {
          if (count === 0 && at % 97 !== 0) continue;
          const from = start + at * width;
          const selected = index.select({ since: new Date(from), until: new Date(from + width) });
          assert.equal(selected.length, count);
        }
      },
    ),
    { numRuns: 200 },
  );
});
