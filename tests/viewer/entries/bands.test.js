// Damage at its place among rows, with the package's own index.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { encode, SessionLog, Sessions } from "skill-log";

import { bandsOf, RowsAndBands } from "../../../viewer/entries/bands.js";

/** @import { LogIndex } from "skill-log" */
/** @import { Band } from "../../../viewer/entries/bands.js" */

/** @param {string} skill */
const line = (skill) =>
  encode({ session_id: "s", timestamp: "2026-01-01T00:00:00Z", skill, final_status: "pass" });
const half = (/** @type {string} */ skill) =>
  `${Buffer.from(line(skill)).toString().slice(0, 40)}\n`;

test("puts each damage between the entries that were written before and after it", async () => {
  const log = await SessionLog.from(
    Buffer.concat(
      [half("0"), line("a"), line("b"), half("1"), half("2"), line("c"), half("3")].map((bytes) =>
        typeof bytes === "string" ? Buffer.from(bytes) : Buffer.from(ended(bytes)),
      ),
    ),
  );
  const index = await log.index();
  const rows = index.select();
  const { bands, left } = bandsOf(index, rows);
  assert.deepEqual(
    bands.map(({ before, damage }) => [before, damage?.kind, damage?.lines ?? 1]),
    [
      [0, "torn", 1],
      [2, "torn", 2],
      [3, "torn", 1],
    ],
  );
  assert.equal(left, 0);
  const items = new RowsAndBands(rows, bands);
  const shown = Array.from({ length: items.length }, (_, at) => {
    const { row, band } = items.at(at);
    return band ? `damage in line ${band.damage?.line}` : index.row(row).skill;
  });
  assert.deepEqual(shown, [
    "damage in line 1",
    "a",
    "b",
    "damage in line 4",
    "c",
    "damage in line 7",
  ]);
});

/**
 * Returns an index that counts how often it is asked.
 *
 * @param {LogIndex} index
 * @returns {{ index: LogIndex, calls: string[] }}
 */
function counted(index) {
  /** @type {string[]} */
  const calls = [];
  const get = (/** @type {LogIndex} */ own, /** @type {keyof LogIndex} */ name) => {
    const value = /** @type {unknown} */ (own[name]);
    if (typeof value !== "function") return value;
    return (/** @type {unknown[]} */ ...given) => {
      calls.push(name);
      return Reflect.apply(value, own, given);
    };
  };
  return { index: new Proxy(index, /** @type {ProxyHandler<LogIndex>} */ ({ get })), calls };
}

/** @param {string} name @param {...(string | Uint8Array)} parts */
const fileOf = (name, ...parts) =>
  new File([Buffer.concat(parts.map((part) => Buffer.from(part)))], name);

test("asks an index as often for 5,000 damaged logs as for two", async () => {
  /** @type {string[][]} */
  const asked = [];
  for (const count of [2, 5000]) {
    const files = Array.from({ length: count }, (_, at) =>
      fileOf(`log-${at}.jsonl`, line(`${at}`), half("1"), line(`${at}`)),
    );
    const sessions = await Sessions.open(files);
    const { index, calls } = counted(await sessions.index());
    const rows = index.select();
    calls.length = 0;
    const { bands } = bandsOf(index, rows);
    asked.push([...calls]);
    // Each stands between both entries of its log.
    assert.equal(bands.length, count);
    for (const { session, before } of bands)
      assert.deepEqual(
        [before - 1, before].map((at) => index.row(rows[at]).session),
        [session, session],
      );
    await sessions.close();
  }
  assert.deepEqual(asked[1], asked[0]);
});

test("puts damage beside its own log when logs have no row before it, or none at all", async () => {
  const sessions = await Sessions.open([
    fileOf("a.jsonl", line("a1"), line("a2")),
    fileOf("b.jsonl", half("1"), line("b1")),
    fileOf("c.jsonl", half("1")),
  ]);
  const index = await sessions.index();
  const rows = index.select();
  const first = rows.findIndex((row) => index.row(row).session === "b");
  const places = new Map(
    bandsOf(index, rows).bands.map(({ session, before }) => [session, before]),
  );
  assert.deepEqual([places.get("b"), places.get("c")], [first, rows.length]);
  await sessions.close();
});

/** @param {string | Uint8Array} bytes */
function ended(bytes) {
  const text = Buffer.from(bytes).toString();
  return text.endsWith("\n") ? text : `${text}\n`;
}

test("has every row and every band once, in order, and finds each row's place", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 60 }),
      fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 20 }),
      (count, places) => {
        const rows = Uint32Array.from({ length: count }, (_, at) => 10 + at * 3);
        const bands = places
          .map((place) => Math.min(place, count))
          .sort((a, b) => a - b)
          .map((before) => /** @type {Band} */ ({ before }));
        const items = new RowsAndBands(rows, bands);
        const seen = { rows: 0, bands: 0 };
        for (let at = 0; at < items.length; at += 1) {
          const { row, band } = items.at(at);
          if (band) {
            assert.equal(band, bands[seen.bands]);
            assert.equal(band.before, seen.rows);
            assert.equal(items.positionAt(at), seen.rows);
            seen.bands += 1;
          } else {
            assert.equal(row, rows[seen.rows]);
            assert.equal(items.placeOf(seen.rows), at);
            assert.equal(items.positionAt(at), seen.rows);
            seen.rows += 1;
          }
        }
        assert.deepEqual(seen, { rows: rows.length, bands: bands.length });
      },
    ),
  );
});
