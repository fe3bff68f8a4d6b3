// Damage at its place among rows, with the package's own index.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { encode, SessionLog } from "skill-log";

import { bandsOf, RowsAndBands } from "../../../viewer/entries/bands.js";

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
