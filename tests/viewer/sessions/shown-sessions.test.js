// Which sessions the list shows, and what arrives while it is shown.

import assert from "node:assert/strict";
import { test } from "node:test";

import { withArrived } from "../../../viewer/app/reading.js";
import {
  groupCounts,
  isNew,
  nameOf,
  shownSessions,
} from "../../../viewer/sessions/shown-sessions.js";

/** @import { SessionSummary } from "skill-log" */

/**
 * @param {string} id
 * @param {Partial<SessionSummary>} [more]
 * @returns {SessionSummary}
 */
const summary = (id, more) => ({
  id,
  bytes: 100,
  modified: new Date(1000),
  entries: 1,
  damaged: 0,
  pending: null,
  foreign: 0,
  ...more,
});

const known = {
  favourites: ["b"],
  names: { c: "My deploy" },
  seen: { a: 50, b: 100 },
  counts: { a: 2 },
};
const summaries = [
  summary("a", { last: "2026-01-02T00:00:00Z" }),
  summary("b", { last: "2026-01-03T00:00:00Z", damaged: 2, entries: 9 }),
  summary("c", {
    last: "2026-01-01T00:00:00Z",
    bytes: 900,
    pending: { offset: 1, length: 2, unfinished: true },
  }),
  summary("d10", { modified: new Date("2025-01-01T00:00:00Z"), error: new Error("denied") }),
  summary("d9", { modified: new Date("2024-01-01T00:00:00Z"), pending: { offset: 1, length: 2 } }),
];
const usual = /** @type {const} */ ({
  text: "",
  group: "all",
  order: "recent",
  known,
  since: 1e15,
});

/** @type {[string, Partial<Parameters<typeof shownSessions>[1]>, string][]} */
const cases = [
  ["all, by last activity", {}, "b a c d10 d9"],
  ["by name, with numbers as people read them", { order: "name" }, "a b d9 d10 c"],
  ["by entries", { order: "entries" }, "b a c d10 d9"],
  ["by size", { order: "size" }, "c a b d10 d9"],
  ["favourites", { group: "favourites" }, "b"],
  ["those that grew", { group: "new" }, "a"],
  ["those with damage or an error", { group: "damaged" }, "b d10"],
  ["those that were left unfinished", { group: "unfinished" }, "c"],
  ["a part of an id", { text: "D1" }, "d10"],
  ["a part of a person's name for it", { text: " my DEP " }, "c"],
  ["no pattern", { text: ".*" }, ""],
];

for (const [what, wanted, ids] of cases) {
  test(`shows ${what}`, () => {
    const shown = shownSessions(summaries, { ...usual, ...wanted });
    assert.equal(shown.map(({ id }) => id).join(" "), ids);
  });
}

test("counts each group", () => {
  const counts = { all: 5, favourites: 1, new: 1, damaged: 2, unfinished: 1 };
  assert.deepEqual(groupCounts(summaries, usual), counts);
});

test("takes no name and no size from Object.prototype when an id is one of its keys", () => {
  for (const id of ["__proto__", "constructor", "toString"]) {
    assert.equal(nameOf(known, id), id);
    assert.equal(isNew(summary(id), usual), false);
  }
});

test("puts what arrived first, and counts it once", () => {
  const entry = {
    session_id: "c",
    timestamp: "2026-02-01T00:00:00Z",
    skill: "x",
    final_status: "ok",
  };
  const record = { entry, session: "c", offset: 900, length: 10, end: 911, recovered: false };
  const arrived = new Map([
    ["c", [record, { ...record, end: 950 }]],
    ["new", [{ ...record, session: "new", offset: 0, end: 11 }]],
  ]);
  const [first, second, ...others] = withArrived(summaries, arrived);
  assert.deepEqual(
    [first.id, first.entries, first.bytes, first.first],
    ["new", 1, 11, entry.timestamp],
  );
  assert.deepEqual([second.id, second.entries, second.bytes], ["c", 3, 950]);
  assert.equal(second.final_status, "ok");
  assert.deepEqual(
    others.map(({ id }) => id),
    ["a", "b", "d10", "d9"],
  );
});
