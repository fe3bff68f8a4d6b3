// One index of many logs has what an index of each log has, in many more random cases.

import test from "node:test";

import { changeLogs } from "./changing-logs.js";

test("has what an index of each log has when logs change in any of many ways", async (t) => {
  await changeLogs(t, { numRuns: 200 });
});

test("has what an index of each log has when long logs change in any of many ways", async (t) => {
  await changeLogs(t, { numRuns: 20 }, { areLong: true });
});
