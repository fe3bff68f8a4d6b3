// The items of pages, as an async generator would return them.

import assert from "node:assert/strict";
import test from "node:test";

import { PagedItems } from "../../../js/sessions/paged-items.js";

const PAGES = [[1, 2], [], [3], [4, 5, 6]];

/** @param {unknown} [failure] thrown after the last page */
function paged(failure) {
  const seen = { ended: false };
  const pages = (async function* () {
    try {
      for (const page of PAGES) yield page;
      if (failure !== undefined) throw failure;
    } finally {
      seen.ended = true;
    }
  })();
  return { items: new PagedItems(pages), seen };
}

test("returns each item once, in order, when they are asked for one by one or all at once", async () => {
  const found = [];
  for await (const item of paged().items) found.push(item);
  assert.deepEqual(found, [1, 2, 3, 4, 5, 6]);
  const { items } = paged();
  const asked = await Promise.all(Array.from({ length: 9 }, () => items.next()));
  assert.deepEqual(
    asked.map(({ value }) => value),
    [1, 2, 3, 4, 5, 6, undefined, undefined, undefined],
  );
  assert.deepEqual(
    asked.map(({ done }) => done),
    [...Array(6).fill(false), true, true, true],
  );
});

test("ends the pages when a loop is left, and returns nothing more", async () => {
  for (const end of ["return", "throw"]) {
    const { items, seen } = paged();
    if (end === "return")
      for await (const item of items) {
        if (item === 3) break;
      }
    else {
      await items.next();
      await assert.rejects(items.throw(new Error("enough")), /enough/);
    }
    assert.ok(seen.ended, end);
    assert.deepEqual(await items.next(), { done: true, value: undefined });
  }
});

test("returns the items that were asked for before the end", async () => {
  const { items } = paged();
  const asked = [items.next(), items.next(), items.next(), items.return(), items.next()];
  const values = (await Promise.all(asked)).map(({ value }) => value);
  assert.deepEqual(values, [1, 2, 3, undefined, undefined]);
});

test("rejects once when the pages fail, after all items", async () => {
  const { items } = paged(new Error("no more"));
  /** @type {number[]} */
  const found = [];
  const reading = (async () => {
    for await (const item of items) found.push(item);
  })();
  await assert.rejects(reading, /no more/);
  assert.deepEqual(found, [1, 2, 3, 4, 5, 6]);
  assert.deepEqual(await items.next(), { done: true, value: undefined });
});
