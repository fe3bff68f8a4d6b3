// What a person chose, kept where the browser lets the page keep it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { KeptStore, withSeen } from "../../../viewer/app/preferences.js";

const usual = { theme: "system", columns: null, wrap: false, names: {} };

/** @param {Record<string, string>} kept */
function storage(kept = {}) {
  const items = new Map(Object.entries(kept));
  return /** @type {Storage} */ (
    /** @type {unknown} */ ({
      getItem: (/** @type {string} */ key) => items.get(key) ?? null,
      setItem: (/** @type {string} */ key, /** @type {string} */ value) => items.set(key, value),
    })
  );
}

test("returns what was kept when the page opens again", () => {
  const kept = storage();
  new KeptStore("key", usual, () => kept).set({ wrap: true, names: { a: "b" } });
  const { state } = new KeptStore("key", usual, () => kept);
  assert.deepEqual(state, { ...usual, wrap: true, names: { a: "b" } });
});

/** @type {[string, () => Storage | undefined][]} */
const forbidden = [
  ["there is no storage", () => undefined],
  [
    "every call of the storage throws",
    () =>
      new Proxy(/** @type {Storage} */ ({}), {
        get() {
          throw new DOMException("denied", "SecurityError");
        },
      }),
  ],
];

for (const [when, browser] of forbidden) {
  test(`lasts as long as the page when ${when}`, () => {
    const store = new KeptStore("key", usual, browser);
    store.set({ wrap: true });
    assert.equal(store.state.wrap, true);
  });
}

/** What a person or a program may have put there. @type {[string, string][]} */
const broken = [
  ["no JSON", "{"],
  ["null", "null"],
  ["another type", "[1]"],
  ["members of other types", '{"theme":5,"columns":"a","wrap":"yes","names":[1]}'],
  ["columns that are no texts", '{"columns":[1]}'],
  ["members of other versions", '{"other":true}'],
];

for (const [what, text] of broken) {
  test(`is as usual when the storage holds ${what}`, () => {
    const kept = storage({ key: text });
    assert.deepEqual(new KeptStore("key", usual, () => kept).state, usual);
  });
}

test("forgets the session that was seen longest ago when too many were seen", () => {
  const before = Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [`session ${at}`, at]));
  const seen = withSeen(withSeen(before, "session 5000", 5000), "session 1", 7);
  assert.equal(Object.keys(seen).length, 5000);
  assert.ok(!Object.hasOwn(seen, "session 0"));
  assert.equal(Object.keys(seen).at(-1), "session 1");
});
