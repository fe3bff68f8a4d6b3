// Which sessions `skill-log prune` removes.

import assert from "node:assert/strict";
import test from "node:test";

import { decide } from "../../js/cli/pruning/decision.js";

const DAY = 86_400_000;
const now = Date.parse("2026-06-30T00:00:00Z");

/** A clean session that was active 100 days ago. */
const old = {
  active: now - 100 * DAY,
  contents: { bytes: 900, entries: 3, damaged: 0, foreign: 0, pending: null },
  statuses: new Set(["pass", "fail"]),
};
const contents = (/** @type {object} */ facts) => ({
  ...old,
  contents: { ...old.contents, ...facts },
});

/** @type {[title: string, session: object, rules: object, expected: RegExp | "not old" | null][]} */
const cases = [
  ["removes a session when it is older", old, {}, null],
  ["keeps a session when it is as old", { ...old, active: now - 90 * DAY }, {}, "not old"],
  ["keeps a session when it is younger", { ...old, active: now - 89 * DAY }, {}, "not old"],
  ["keeps a session when its time is in the future", { ...old, active: now + DAY }, {}, "not old"],
  ["keeps a session when its time is unknown", { ...old, active: Number.NaN }, {}, "not old"],
  ["keeps a session when it was not read", { ...old, contents: null }, {}, /could not be read/],
  [
    "keeps a session when it is a link",
    { ...old, fault: "x is a symbolic link" },
    {},
    /symbolic link/,
  ],
  [
    "keeps a link when everything is wanted",
    { ...old, fault: "link" },
    { damaged: true, unsafe: true },
    /link/,
  ],
  ["keeps an unsafe name", { ...old, unsafe: "it has a dot" }, {}, /it has a dot; --unsafe/],
  [
    "removes an unsafe name when it is told",
    { ...old, unsafe: "it has a dot" },
    { unsafe: true },
    null,
  ],
  ["keeps a pending entry", contents({ pending: { offset: 9 } }), {}, /unfinished/],
  [
    "keeps a pending entry when damage may go",
    contents({ pending: {} }),
    { damaged: true },
    /unfinished/,
  ],
  ["keeps damage", contents({ damaged: 2 }), {}, /2 damaged lines/],
  ["removes damage when it is told", contents({ damaged: 2 }), { damaged: true }, null],
  ["keeps other JSON", contents({ foreign: 1 }), { damaged: true }, /not skill-log entries/],
  ["keeps a file without entries", contents({ entries: 0 }), { damaged: true }, /no entries/],
  ["removes an empty log", contents({ entries: 0, bytes: 0 }), {}, null],
  [
    "keeps a status when one entry has it",
    old,
    { keepStatus: ["error", "fail"] },
    /the status fail$/,
  ],
  ["removes other statuses", old, { keepStatus: ["error", "FAIL"] }, null],
  ["keeps the newest", old, { keep: 1 }, /one of the 1 session active last/],
];

for (const [title, session, rules, expected] of cases) {
  test(title, () => {
    const each = /** @type {any} */ (session);
    const kept = decide([each], { now, older: 90 * DAY, ...rules }).get(each);
    if (!(expected instanceof RegExp)) assert.equal(kept, expected);
    else if (kept && kept !== "not old") assert.match(kept.why, expected);
    else assert.fail(`removed, or not old: ${kept}`);
  });
}

test("keeps as many sessions as wanted, counting those that are not old, when --keep is given", () => {
  const days = [1, 200, 95, 300, 100];
  const sessions = days.map((days) => ({ ...old, days, active: now - days * DAY }));
  const removed = (/** @type {number} */ keep) =>
    [...decide(sessions, { now, older: 90 * DAY, keep })]
      .filter(([, kept]) => kept === null)
      .map(([{ days }]) => days);
  assert.deepEqual(removed(0), [200, 95, 300, 100]);
  assert.deepEqual(removed(1), [200, 95, 300, 100]);
  assert.deepEqual(removed(3), [200, 300]);
  assert.deepEqual(removed(9), []);
});
