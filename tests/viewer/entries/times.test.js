import assert from "node:assert/strict";
import { test } from "node:test";

import { instantText, lengthText } from "../../../viewer/entries/times.js";

test("shows an instant in UTC, in the entry's own offset and in local time", () => {
  const timestamp = "2026-03-01T23:30:05.123456789+02:00";
  const utc = instantText(timestamp, "utc");
  assert.deepEqual(utc, {
    day: "1 Mar",
    time: "21:30:05",
    fraction: ".123",
    full: "2026-03-01 21:30:05.123456789 UTC",
  });
  const own = instantText(timestamp, "own");
  assert.deepEqual([own.day, own.time], ["1 Mar", "23:30:05"]);
  assert.equal(own.full, "2026-03-01 23:30:05.123456789 +02:00");
  const local = new Date(timestamp);
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  assert.equal(
    instantText(timestamp, "local").time,
    [local.getHours(), local.getMinutes(), local.getSeconds()].map(two).join(":"),
  );
});

test("shows a timestamp as it is when Date cannot read it", () => {
  assert.equal(instantText("2026-13-01", "utc").time, "2026-13-01");
});

for (const [ms, text] of /** @type {const} */ ([
  [0, "0 ms"],
  [999, "999 ms"],
  [1000, "1.0 s"],
  [9_949, "9.9 s"],
  [9_950, "10 s"],
  [59_949, "60 s"],
  [59_950, "1 min"],
  [91_500, "1 min 32 s"],
  [3_599_600, "1 h"],
  [5_400_000, "1 h 30 min"],
  [90_000_000, "1 d 1 h"],
]))
  test(`shows ${ms} ms as ${text}`, () => assert.equal(lengthText(ms), text));
