// Checks that the sessions have the sizes that their names say, and are logs of the format.

import assert from "node:assert/strict";
import { test } from "node:test";

import { decode } from "skill-log";

import { sessions, sizes } from "./sessions.js";

/** @param {import("./sessions.js").SizeName} size @param {number} count */
function first(size, count) {
  const source = sessions(sizes[size]);
  return Array.from({ length: count }, () => source.next().value);
}

for (const [size, { bytes, entries }] of Object.entries({
  "2kb": { bytes: 2_100, entries: 10 },
  "15kb": { bytes: 15_000, entries: 22.5 },
  "37kb": { bytes: 37_000, entries: 55.5 },
})) {
  test(`makes sessions of about ${bytes} bytes when asked for ${size}`, () => {
    const made = first(/** @type {import("./sessions.js").SizeName} */ (size), 2_000);
    const lines = made.flat();
    const length = lines.reduce((sum, line) => sum + line.length, 0) / made.length;
    assert.ok(Math.abs(length / bytes - 1) < 0.02, `${length}`);
    assert.ok(Math.abs(lines.length / made.length / entries - 1) < 0.02);
  });
}

test("names the session and keeps the order of time when lines are repeated", () => {
  // More entries than are made anew.
  const made = first("15kb", 5_000);
  const list = made.map((lines) => lines.map((line) => decode(line.subarray(0, -1))));
  let before = 0;
  for (const [i, entries] of list.entries()) {
    for (const { session_id, timestamp } of entries) {
      assert.equal(session_id, `run-${String(i).padStart(6, "0")}`);
      const time = Date.parse(timestamp);
      assert.ok(time > before, `${timestamp} in session ${i}`);
      before = time;
    }
  }
  assert.ok(list.flat().length > 100_000);
});

test("makes the same bytes again", () => {
  assert.deepEqual(first("37kb", 20), first("37kb", 20));
});
