// A cache that was changed or cut gives the answers that no cache gives, in many more random cases.

import test from "node:test";

import { changeCaches, changeLists } from "./cached-logs.js";

test("gives the same index when the cache was changed or cut in any of many ways", async (t) => {
  await changeCaches(t, 10_000);
});

test("lists the same when the cache was changed or cut in any of many ways", async (t) => {
  await changeLists(t, 10_000);
});
