// How a range of time is called on its chip.

import assert from "node:assert/strict";
import { test } from "node:test";

import { EARLIEST, LATEST, rangeText } from "../../../viewer/entries/condition-chips.js";

for (const [since, until, text] of /** @type {const} */ ([
  ["2026-03-01T09:00:00Z", "2026-03-01T09:30:15Z", "1 Mar 09:00 to 09:30:15"],
  ["2026-03-01T23:00:00Z", "2026-03-02T01:00:00Z", "1 Mar 23:00 to 2 Mar 01:00"],
  ["2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z", "1 Mar"],
  ["2026-02-23T00:00:00Z", "2026-03-02T00:00:00Z", "23 Feb to 1 Mar"],
  [EARLIEST, "2026-03-01T09:30:00Z", "before 1 Mar 09:30"],
  ["2026-03-01T09:00:00Z", LATEST, "from 1 Mar 09:00"],
]))
  test(`calls a range “${text}”`, () => {
    const [first, last] = [since, until].map((instant) => new Date(instant).getTime());
    assert.equal(rangeText({ since: first, until: last }, "utc"), text);
  });
