// The scan that a worker makes for the index of a page, without the worker.

import assert from "node:assert/strict";
import test from "node:test";

import { RowScan } from "../../../js/indexing/row-scan.js";
import { memorySource } from "../../../js/storage/blob.js";
import { line } from "../support/lines.js";

test("reports the damage of every chunk when a batch has several chunks", async (t) => {
  // A chunk of such large entries has too few rows for a batch. After 16 chunks, a batch has
  // several chunks.
  const entries = `${line("e", { message: "x".repeat(8192) })}\n`.repeat(100);
  const groups = 40;
  const bytes = new TextEncoder().encode(`${entries}{"skill":\n`.repeat(groups));
  const start = { state: [0, 0, 0], maxLineBytes: 1 << 20, mark: null };
  const scan = new RowScan(async () => memorySource(bytes), start);
  t.after(() => scan.end());
  let batches = 0;
  let damaged = 0;
  for (let batch; !batch?.isLast; batches += 1) {
    batch = await scan.next(null);
    assert.ok(batch);
    damaged += batch.damage.length;
  }
  assert.ok(batches < bytes.length / 2 ** 20, `${batches} batches`);
  assert.equal(damaged, groups);
});
