// What an index must do with a row that was removed.

import assert from "node:assert/strict";

import { numberedRows, numbersOf } from "./row-of.js";

/** @import { LogIndex } from "skill-log" */

/**
 * Asserts which rows of an index are holes, and what each method does with a hole.
 *
 * @param {LogIndex} index whose logs are as they were when it was refreshed
 * @param {number[]} expected the numbers of the holes
 */
export async function assertHoles(index, expected) {
  const rows = numberedRows(index);
  const all = [...rows.keys()];
  const holes = all.filter((i) => rows[i] === null);
  const rest = numbersOf(index);
  assert.deepEqual(holes, expected, "other rows are holes");
  assert.equal(index.removed, holes.length);
  for (const [i, hole] of holes.entries()) {
    const removed = {
      name: "SkillLogError",
      code: "REPLACED",
      message: `row ${hole}: its entry is not there any more: the index was refreshed after its log changed`,
    };
    assert.throws(() => index.row(hole), removed);
    await assert.rejects(index.entry(hole), removed);
    // All rows are refused, before any is read. The error names the first hole of the list.
    await assert.rejects(index.entries([...rest, ...holes.slice(i)]), removed);
  }
  const first = holes[0];
  if (first !== undefined)
    await assert.rejects(index.entries({ start: 0, end: index.length }), { code: "REPLACED" });
  assert.deepEqual([...index.select()], rest);
  assert.deepEqual([...index.select({ rows: all.toReversed() })], rest.toReversed());
  assert.deepEqual([...index.select({ rows: holes })], []);
  assert.deepEqual(
    index.range(0, index.length),
    rest.map((i) => rows[i]),
  );
  // Each timestamp has this letter.
  assert.deepEqual([...(await index.search("T"))], rest);
  assert.deepEqual(
    [...(await index.search("T", { rows: all.toReversed() }))],
    rest.toReversed(),
    "search in some rows",
  );
  /** @type {number[]} */
  const totals = [];
  await index.search("T", { onProgress: ({ total }) => totals.push(total) });
  assert(totals.every((total) => total === rest.length));
  assert.deepEqual([...(await index.search("T", { rows: holes }))], []);
  assert.equal((await index.entries(rest)).length, rest.length);
  const stats = index.stats();
  assert.equal(stats.entries, rest.length);
  assert.deepEqual(stats, index.stats(rest));
  assert.deepEqual(stats, index.stats({ start: 0, end: index.length }));
  assert.equal(index.stats(holes).entries, 0);
  assert.equal(index.foreign, rest.filter((i) => rows[i]?.foreign).length);
  const logs = index.logs();
  assert.equal(
    logs.reduce((sum, { entries }) => sum + entries, 0),
    rest.length,
  );
  assert.equal(
    logs.reduce((sum, { foreign }) => sum + foreign, 0),
    index.foreign,
  );
}

/** The counts of a refresh that finds nothing new. */
export const UNCHANGED = { added: 0, removed: 0 };

/**
 * Asserts that a refresh changes nothing, because the logs are as they were.
 *
 * @param {LogIndex} index
 */
export async function assertUnchanged(index) {
  const state = () => ({
    rows: numberedRows(index),
    removed: index.removed,
    logs: index.logs(),
    damage: index.damage,
    damaged: index.damaged,
    foreign: index.foreign,
    bytes: index.bytes,
    pending: index.pending,
    stats: index.stats(),
  });
  const before = state();
  assert.deepEqual(await index.refresh(), UNCHANGED);
  assert.deepEqual(state(), before);
}
