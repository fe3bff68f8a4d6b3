// One index of many logs has what an index of each log has, whatever happens to the files.

import test from "node:test";

import { changeLogs } from "./changing-logs.js";

test("has what an index of each log has when logs change in any way", async (t) => {
  await changeLogs(t, { numRuns: 20 });
});
