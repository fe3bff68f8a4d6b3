// Entries counted over time, with the package's own index.

import assert from "node:assert/strict";
import { test } from "node:test";

import { SessionLog } from "skill-log";

import { plotOf, sharesOf } from "../../../viewer/time/plot.js";

const start = Date.parse("2026-03-01T09:00:00Z");
const { signal } = new AbortController();

/**
 * @param {number} count
 * @param {(at: number) => object} more members of an entry; without a timestamp they are seconds apart
 */
async function indexOf(count, more) {
  const entry = (/** @type {number} */ at) => ({
    session_id: "a",
    timestamp: new Date(start + at * 1000),
    skill: "s",
    final_status: "pass",
    ...more(at),
  });
  const lines = Array.from({ length: count }, (_, at) => `${JSON.stringify(entry(at))}\n`);
  const index = await (await SessionLog.from(Buffer.from(lines.join("")))).index();
  return { index, rows: index.select() };
}

const sum = (/** @type {Iterable<number>} */ counts) => [...counts].reduce((a, b) => a + b, 0);

test("counts each entry and keeps few statuses when each has its own", async () => {
  const count = 31_000;
  const { index, rows } = await indexOf(count, (at) => ({
    final_status: at % 1000 === 7 ? "failed" : `it went well, said run ${at}`,
  }));
  const { histogram, tones } = await plotOf(index, rows, 4000, signal);
  assert.ok(histogram.counts.length > 333);
  assert.equal(sum(histogram.counts), count);
  assert.deepEqual([sum(tones.bad), sum(tones.plain)], [31, count - 31]);
  const { series = [] } = histogram;
  assert.equal(series.length, 6);
  assert.deepEqual(series.map(({ name, counts }) => [name, sum(counts)])[0], ["failed", 31]);
});

test("counts as the index does when entries are out of order", async () => {
  const { index, rows } = await indexOf(500, (at) => ({
    timestamp: new Date(start + ((at * 7919) % 500) * 977),
    final_status: ["pass", "failed", "odd"][at % 3],
  }));
  const { histogram } = await plotOf(index, rows, 300, signal);
  assert.deepEqual(
    histogram,
    index.histogram({ width: histogram.width, by: "final_status" }, rows),
  );
});

test("says when entries ran by their ends", async () => {
  const durations = [0, 40_000, 5000];
  const { index, rows } = await indexOf(3, (at) => ({
    timestamp: new Date(start + at * 60_000),
    duration_ms: durations[at],
  }));
  const { histogram, busy, quiet } = await plotOf(index, rows, 130, signal);
  assert.equal(histogram.width, 5000);
  const ran = Array.from(busy.keys()).filter((at) => busy[at] > 0.99);
  // From 20 s to 60 s, and from 115 s to 120 s.
  assert.deepEqual(ran, [4, 5, 6, 7, 8, 9, 10, 11, 23]);
  assert.deepEqual(quiet, [
    { from: 1, to: 4, isStall: false },
    { from: 4, to: 12, isStall: true },
    { from: 13, to: 23, isStall: false },
  ]);
});

test("adds up durations by a text over several parts", async () => {
  const { index, rows } = await indexOf(70_000, (at) => ({
    skill: at % 2 ? "odd" : "even",
    duration_ms: at % 2 ? 2 : 1,
  }));
  assert.deepEqual(await sharesOf(index, rows, "skill", signal), {
    longest: [
      { name: "odd", duration: 70_000, entries: 35_000 },
      { name: "even", duration: 35_000, entries: 35_000 },
    ],
    rest: 0,
    total: 105_000,
  });
});
