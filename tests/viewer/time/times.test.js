// Instants and lengths of time as the page shows them.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  agoText,
  daysRange,
  durationText,
  instantText,
  lengthText,
  momentOf,
} from "../../../viewer/time/times.js";

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

test("returns whole days of UTC, and of local time", () => {
  const now = Date.parse("2026-03-01T15:00:00Z");
  assert.deepEqual(daysRange(now, "utc", 1, 1), {
    since: Date.parse("2026-02-28T00:00:00Z"),
    until: Date.parse("2026-03-01T00:00:00Z"),
  });
  const { since, until } = daysRange(now, "local", 6, 0);
  const [first, last] = [new Date(since), new Date(until)];
  assert.deepEqual([first.getHours(), last.getHours()], [0, 0]);
  assert.ok(until > now && until - now <= 86_400_000);
  assert.equal(Math.round((until - since) / 86_400_000), 7);
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

for (const [timestamp, zone, expected] of /** @type {const} */ ([
  ["2026-03-01T09:00:00.123456789+05:30", "utc", "2026-03-01 03:30:00.123456789 UTC"],
  ["2026-03-01T09:00:00.5+05:30", "own", "2026-03-01 09:00:00.5 +05:30"],
  ["2026-03-01T00:30:00+01:00", "utc", "2026-02-28 23:30:00 UTC"],
  ["0000-01-01T00:00:00Z", "own", "0000-01-01 00:00:00 UTC"],
  ["", "utc", "  "],
])) {
  test(`returns the ${zone} time of ${timestamp || "no timestamp"}`, () => {
    const { date, time, offset } = momentOf(timestamp, zone);
    assert.equal(`${date} ${time} ${offset}`, expected);
  });
}

for (const [duration, expected] of /** @type {const} */ ([
  [0, "0 ms"],
  [999, "999 ms"],
  [4250, "4.25 s"],
  [59_999, "59.99 s"],
  [91_500, "1 min 32 s"],
  [3_600_000, "1 h"],
  [90_061_000, "1 d 1 h"],
  [-1500, "−1.5 s"],
  [9007199254740993n, "104,249,991 d 9 h"],
])) {
  test(`writes ${duration} milliseconds as ${expected}`, () => {
    assert.equal(durationText(duration), expected);
  });
}

const now = new Date(2026, 10, 29, 12).getTime();

/** @type {[number, string][]} */
const ages = [
  [now, "now"],
  [now - 59_999, "now"],
  [now + 30_000, "now"],
  [now - 60_000, "1 min"],
  [now - 3_599_999, "59 min"],
  [now - 3_600_000, "1 h"],
  [now - 86_400_000, "1 d"],
  [now - 7 * 86_400_000, "22 Nov"],
  [now + 7 * 86_400_000, "6 Dec"],
  [new Date(2024, 1, 3).getTime(), "3 Feb 2024"],
  [Number.NaN, ""],
];

for (const [instant, text] of ages) {
  test(`shows ${now - instant} ms ago as “${text}”`, () =>
    assert.equal(agoText(instant, now), text));
}
