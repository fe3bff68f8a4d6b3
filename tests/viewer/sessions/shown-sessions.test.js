// Which sessions the list shows, and what arrives while it is shown.

import assert from "node:assert/strict";
import { test } from "node:test";

import { withArrived, withContents } from "../../../viewer/app/reading.js";
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

const entry = {
  session_id: "c",
  timestamp: "2026-02-01T00:00:00Z",
  skill: "x",
  final_status: "ok",
};
const record = { entry, session: "c", offset: 900, length: 10, end: 911, recovered: false };

test("puts what arrived first, and counts it once", () => {
  const arrived = new Map([
    ["c", { records: [record, { ...record, end: 950 }], isOther: false }],
    ["new", { records: [{ ...record, session: "new", offset: 0, end: 11 }], isOther: false }],
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

test("counts no entry again when an index read it before it arrived", () => {
  const [c] = summaries.filter(({ id }) => id === "c");
  const read = { ...c, entries: 8, bytes: 950, pending: null };
  const indexed = withContents({ summaries, session: "c" }, { logs: () => [read] }, true);
  const late = { records: [record, { ...record, end: 950 }], isOther: false };
  const [first] = withArrived(indexed, new Map([["c", late]]));
  assert.deepEqual([first.id, first.entries, first.bytes], ["c", 8, 950]);
  const later = {
    records: [
      { ...record, end: 950 },
      { ...record, end: 990 },
    ],
    isOther: false,
  };
  const [grown] = withArrived(indexed, new Map([["c", later]]));
  assert.deepEqual([grown.entries, grown.bytes], [9, 990]);
});

test("starts anew when a log was replaced by a shorter one", () => {
  const long = [{ ...summaries[0], id: "c", entries: 40, bytes: 9000, damaged: 3, pending: null }];
  const other = { records: [{ ...record, offset: 0, end: 11 }], isOther: true };
  const [arrived] = withArrived(long, new Map([["c", other]]));
  assert.deepEqual([arrived.entries, arrived.bytes, arrived.damaged], [1, 11, 0]);
  assert.equal(arrived.first, entry.timestamp);
  const short = { ...long[0], entries: 2, bytes: 22, damaged: 1 };
  const [indexed] = withContents({ summaries: long, session: "c" }, { logs: () => [short] }, true);
  assert.deepEqual([indexed.entries, indexed.bytes, indexed.damaged], [2, 22, 1]);
});

test("keeps what is known when an index is not read to its end, or knows nothing else", () => {
  const state = { summaries, session: "c" };
  const part = summaries.map((summary) => ({ ...summary, session: summary.id, bytes: 1 }));
  assert.equal(withContents(state, { logs: () => part }, false), summaries);
  const same = summaries.map((summary) => ({ ...summary, session: summary.id }));
  assert.equal(withContents(state, { logs: () => same }, true), summaries);
});
