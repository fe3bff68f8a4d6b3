// What a link keeps, there and back.

import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { NOTHING_LINKED, linkedBy, linkTo } from "../../../viewer/app/links.js";

/** @import { Linked } from "../../../viewer/app/links.js" */

/** @type {[string, Partial<Linked>, string][]} */
const links = [
  ["nothing", {}, ""],
  ["a session", { session: "deploy-12" }, "#session=deploy-12"],
  ["all sessions", { session: "*" }, "#session=*"],
  [
    "an entry by its place",
    { session: "a/b", entry: { session: "a/b", offset: 10240 } },
    "#session=a/b&entry=a/b@10240",
  ],
  [
    "two sessions that are compared, and an entry of each",
    { session: "a/b", compared: "c d", pair: { left: 0, right: 10240 } },
    "#session=a/b&with=c+d&left=0&right=10240",
  ],
  [
    "an entry that the other session lacks",
    { session: "a", compared: "b", pair: { left: null, right: 7 } },
    "#session=a&with=b&right=7",
  ],
  [
    "a filter with what is left out",
    { filter: { skill: ["tdd", "a b"], verified: false, not: { final_status: ["pass"] } } },
    "#skill=tdd&skill=a+b&verified=no&not.status=pass",
  ],
  [
    "an order and durations",
    {
      sort: { by: "duration_ms", descending: true },
      filter: { min_duration_ms: 5, max_duration_ms: 9 },
    },
    "#min=5&max=9&sort=-duration_ms",
  ],
  [
    "a range of time",
    { range: { since: 0, until: 86_400_000 } },
    "#since=1970-01-01T00:00:00.000Z&until=1970-01-02T00:00:00.000Z",
  ],
  [
    "a search",
    { search: { text: "a&b=c#%", isExact: true, isPattern: true } },
    "#find=a%26b%3Dc%23%25&how=exact-pattern",
  ],
];

for (const [what, kept, fragment] of links) {
  test(`keeps ${what} in a link`, () => {
    const linked = { ...NOTHING_LINKED, ...kept };
    assert.equal(linkTo(linked), fragment);
    assert.deepEqual(linkedBy(fragment), linked);
  });
}

test("returns what was linked when ids and texts hold anything", () => {
  const text = fc.string({ unit: "binary", minLength: 1 });
  const texts = fc.array(text, { minLength: 1, maxLength: 3 });
  const conditions = fc.record(
    {
      skill: texts,
      phase: texts,
      final_status: texts,
      model_used: texts,
      session: texts,
      verified: fc.boolean(),
      recovered: fc.boolean(),
      foreign: fc.boolean(),
      min_duration_ms: fc.maxSafeNat(),
    },
    { requiredKeys: [] },
  );
  const linked = fc.record({
    session: fc.option(text),
    filter: conditions,
    sort: fc.option(
      fc.record({ by: fc.constantFrom("timestamp", "skill"), descending: fc.boolean() }),
    ),
    range: fc.constant(null),
    search: fc.option(fc.record({ text, isExact: fc.boolean(), isPattern: fc.boolean() })),
    entry: fc.option(fc.record({ session: text, offset: fc.maxSafeNat() })),
    compared: fc.option(text),
    pair: fc.option(fc.record({ left: fc.maxSafeNat(), right: fc.option(fc.maxSafeNat()) })),
  });
  fc.assert(
    fc.property(linked, (kept) => {
      const there = /** @type {Linked} */ (kept);
      // Through a URL, as a browser's address has it.
      const { hash } = new URL(linkTo(there), "http://localhost/");
      assert.deepEqual(linkedBy(hash), structuredClone(there));
    }),
    { numRuns: 300 },
  );
});

/** Fragments that people mistype, or that are sent to do harm. */
const junk = [
  "#",
  "#entry=12",
  "#entry=a@-1",
  "#entry=a@1e3",
  "#entry=@",
  "#sort=__proto__",
  "#sort=-",
  "#since=yesterday&until=now",
  "#since=2026-01-02&until=2026-01-01",
  "#min=-5&max=NaN&verified=maybe",
  "#find=&how=exact",
  "#left=-1&right=1e3",
  "#token=abc&javascript:alert(1)",
];

for (const fragment of junk) {
  test(`ignores what it does not understand in ${fragment}`, () => {
    const { entry, ...linked } = linkedBy(fragment);
    const { entry: _, ...nothing } = NOTHING_LINKED;
    assert.deepEqual(linked, nothing);
    assert.ok(entry === null || entry.offset >= 0);
  });
}
