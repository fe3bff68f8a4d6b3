// The queue of appends to one file of a browser, over what does the writing.

import assert from "node:assert/strict";
import test from "node:test";

import { SkillLogError } from "../../js/errors.js";
import { AppendQueue } from "../../js/storage/browser/append-queue.js";

test("others hold the file: those that have not waited for long wait on, however many they are", async (t) => {
  // However long it takes to make them.
  t.mock.method(performance, "now", () => 0);
  let writes = 0;
  const queue = new AppendQueue("s.jsonl", async (lines) => {
    if (writes++ === 0) throw new SkillLogError("BUSY", "held");
    return { written: lines.length - 1, sealed: false };
  });
  const line = new TextEncoder().encode("\nline\n");
  // More than a call takes for arguments.
  const results = await Promise.allSettled(Array.from({ length: 200_000 }, () => queue.append(line, false)));
  assert.deepEqual(results.findIndex(({ status }) => status === "rejected"), 0);
  assert.deepEqual(results.findLastIndex(({ status }) => status === "rejected"), 0);
  assert.equal(writes, 2);
  await queue.settled();
});
