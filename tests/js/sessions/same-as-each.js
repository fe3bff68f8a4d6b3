// Compares an index of many logs with an index of each.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { SessionLog } from "skill-log";

/** @import { Damage, LogContents, LogIndex, Pending } from "skill-log" */

/** @param {{ session?: string }} facts */
function withoutSession({ session, ...facts }) {
  return facts;
}

/**
 * Leaves out the time of pending bytes: its last digits depend on how it was rounded.
 *
 * @param {Pending | null} pending
 */
function placeOf(pending) {
  return pending && { offset: pending.offset, length: pending.length };
}

/** @param {LogContents} contents */
function withoutTimes({ pending, session, modified, ...contents }) {
  return { ...contents, pending: placeOf(pending) };
}

/** @param {Damage[]} damage */
function plain(damage) {
  return damage.map((each) => JSON.parse(JSON.stringify(withoutSession(each))));
}

/**
 * Asserts that an index of a directory has what an index of each of its logs has.
 *
 * @param {string} dir
 * @param {LogIndex} many
 * @param {{ text?: string, isDamageCompared?: boolean, isRead?: boolean }} [how] `isRead`: entries
 *   are read too
 */
export async function assertSameAsEach(dir, many, how = {}) {
  const { text = "needle", isDamageCompared = true, isRead = true } = how;
  const ids = fs
    .readdirSync(dir)
    .filter((name) => name.endsWith(".jsonl"))
    .map((name) => name.slice(0, -6))
    .sort();
  const contents = new Map(many.logs().map((each) => [each.session, each]));
  const selected = many.select({ skill: "b" });
  const hits = isRead ? await many.search(text) : null;
  let [bytes, damaged, rowCount, foreign] = [0, 0, 0, 0];
  for (const id of ids) {
    const log = await SessionLog.from(path.join(dir, `${id}.jsonl`));
    const one = await log.index();
    const rows = many.select({ session: id });
    const rowOf = new Map([...rows].map((row, at) => [row, at]));
    const found = Array.from(rows, (row) => withoutSession(many.row(row)));
    assert.deepEqual(found, one.range(0, one.length), `rows of ${id}`);
    assert.deepEqual(many.stats(rows), one.stats(), `stats of ${id}`);
    const mapped = (/** @type {Uint32Array} */ list) =>
      [...list].flatMap((row) => rowOf.get(row) ?? []);
    assert.deepEqual(mapped(selected), [...one.select({ skill: "b" })], `selected of ${id}`);
    const held = contents.get(id);
    assert.ok(held, `logs() has ${id}`);
    const [expected] = one.logs().map(withoutTimes);
    if (isDamageCompared) {
      assert.deepEqual(withoutTimes(held), expected, `contents of ${id}`);
      const damage = many.damage.filter(({ session }) => session === id);
      assert.deepEqual(plain(damage), plain(one.damage), `damage of ${id}`);
    }
    if (hits) {
      assert.deepEqual(mapped(hits), [...(await one.search(text))], `hits of ${id}`);
      assert.deepEqual(
        await many.entries(rows),
        await one.entries(one.select()),
        `entries of ${id}`,
      );
    }
    bytes += one.bytes;
    damaged += one.damaged;
    rowCount += one.length;
    foreign += one.foreign;
    await log.close();
  }
  assert.equal(many.length - many.removed, rowCount);
  assert.equal(many.foreign, foreign);
  if (isDamageCompared) assert.deepEqual([many.bytes, many.damaged], [bytes, damaged]);
  if (isRead) {
    // In an order that changes between logs.
    const mixed = [...many.select()].sort((a, b) => ((a * 7919) % 101) - ((b * 7919) % 101));
    const entries = await many.entries(mixed);
    for (const [at, row] of mixed.entries())
      assert.equal(entries[at].timestamp, many.row(row).timestamp);
  }
}

/** What was seen at each row number: it stays, or becomes a hole. */
export class SeenRows {
  /** @type {(string | null)[]} */
  #rows = [];

  /** @param {LogIndex} index */
  check(index) {
    const exist = new Set(index.select());
    for (let row = 0; row < index.length; row += 1) {
      if (!exist.has(row)) {
        assert.throws(() => index.row(row), { code: "REPLACED" });
        this.#rows[row] = null;
        continue;
      }
      const now = JSON.stringify(index.row(row), (_, value) =>
        typeof value === "bigint" ? `${value}n` : value,
      );
      if (row < this.#rows.length) assert.equal(now, this.#rows[row], `row ${row}`);
      this.#rows[row] = now;
    }
  }
}
