// Local times are those of a Date, although the time zone is asked for once a day.

import assert from "node:assert/strict";
import test from "node:test";

import { localTime, localTimeOf, setTimeZone } from "../../js/cli/selection/times.js";
import { Random } from "../conformance/random.js";

const ZONES = [
  "UTC",
  "Europe/Berlin",
  // Changed at one minute past midnight.
  "America/St_Johns",
  // Changes by half an hour.
  "Australia/Lord_Howe",
  "Asia/Kathmandu",
  // Left out a day.
  "Pacific/Apia",
];

test("shows the time that a Date has when a zone changes its offset", () => {
  const { TZ } = process.env;
  const random = new Random(8);
  try {
    for (const zone of ZONES) {
      setTimeZone(zone);
      const format = new Intl.DateTimeFormat("sv", {
        ...{ timeZone: zone, dateStyle: "short", timeStyle: "medium" },
      });
      const check = (/** @type {number} */ seconds) =>
        assert.equal(localTime([seconds, 0]), format.format(1000 * seconds), `${zone} ${seconds}`);
      for (let count = 0; count < 2000; count += 1) check(1e8 + random.below(1.6e9));
      const [year, next] = [2011, 2012].map((year) => Date.UTC(year, 0) / 1000);
      for (let seconds = year; seconds < next; seconds += 7207) check(seconds);
    }
  } finally {
    if (TZ === undefined) delete process.env.TZ;
    else process.env.TZ = TZ;
  }
});

test("shows nothing when a forged cache has a text that is no time", () => {
  for (const text of ["", "soon", "2026-13-02T03:04:05Z", "2026-01-02T03:04:\uFFFD5Z"])
    assert.equal(localTimeOf(text), "", text);
});
