// The queue of appends to one file of a browser, above the writer.

import assert from "node:assert/strict";
import test from "node:test";

import { SkillLogError } from "../../../../js/errors.js";
import { AppendedLog, AppendQueue } from "../../../../js/storage/browser/append.js";

/** @typedef {import("../../../../js/storage/browser/worker/writer.js").Writer} Writer */

const line = new TextEncoder().encode("line\n");

test("keeps the younger appends waiting when others hold the file", async (t) => {
  // The time stands still while the appends are made.
  t.mock.method(performance, "now", () => 0);
  let writes = 0;
  const queue = new AppendQueue(async (lines) => {
    if (writes++ === 0) throw new SkillLogError("BUSY", "held");
    return { written: lines.length - 1, sealed: false };
  });
  // More appends than a call can have arguments.
  const results = await Promise.allSettled(
    Array.from({ length: 200_000 }, () => queue.append(line, false)),
  );
  assert.equal(
    results.findIndex(({ status }) => status === "rejected"),
    0,
  );
  assert.equal(
    results.findLastIndex(({ status }) => status === "rejected"),
    0,
  );
  assert.equal(writes, 2);
});

test("rejects later synced appends of the logs in a batch when its sync has failed", async () => {
  /** @type {{ written: string, sync: boolean }[]} */
  const writes = [];
  /** @type {{ name: string, message: string } | undefined} */
  let syncFailure;
  const unused = () => assert.fail("an append calls only append");
  /** @type {Writer} */
  const writer = {
    key: "",
    async append(file, lines, sync) {
      writes.push({ written: new TextDecoder().decode(lines), sync });
      return { written: lines.length - 1, sealed: false, syncFailure };
    },

    seal: unused,
    overwrite: unused,
  };
  const [first, second, third] = ["a", "dir/a", "a"].map(
    (path) => new AppendedLog(path, async () => ({ parts: ["dir"], name: "a" }), writer),
  );
  const linesOf = (/** @type {string} */ text) => new TextEncoder().encode(`\n${text}\n`);

  syncFailure = { name: "Error", message: "no" };
  const results = await Promise.allSettled([
    first.append(linesOf("1"), true),
    second.append(linesOf("2"), false),
    first.append(linesOf("3"), false),
  ]);
  assert.deepEqual(writes, [{ written: "\n1\n2\n3\n", sync: true }]);
  assert.deepEqual(
    results.map((each) => (each.status === "rejected" ? each.reason.code : undefined)),
    ["SYNC_FAILED", undefined, undefined],
  );
  syncFailure = undefined;
  for (const file of [first, second]) {
    assert.throws(() => file.append(linesOf("4"), true), { code: "SYNC_FAILED" });
    assert.equal(await file.append(linesOf("5"), false), 2);
  }
  assert.equal(await third.append(linesOf("6"), true), 2);
});
