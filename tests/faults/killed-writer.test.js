// The fault: a writer is killed (SIGKILL) at any moment, even within a write, and others append
// later.

import assert from "node:assert/strict";
import { statSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { SessionLog, append } from "skill-log";

import { Random } from "../conformance/random.js";
import { ready, run, start } from "./child.js";
import { temporaryDirectory } from "./directory.js";
import { briefly, logUniformLengths, numberedEntry } from "./numbered-entry.js";

/**
 * Lengths of lines, in bytes. A write of megabytes takes long enough for a kill to fall into it.
 */
const sizes = [
  { runs: 100, least: 100, most: 2000 },
  { runs: 50, least: 2000, most: 2 ** 20 },
  { runs: 50, least: 2 ** 20, most: 2 ** 23 },
];

/** Runs at a time, so that a run can start while another writes. */
const atOnce = 3;

for (const { runs, least, most } of sizes) {
  test(`loses nothing acknowledged when ${runs} writers of ${least} to ${most} bytes are killed`, async (t) => {
    const dir = temporaryDirectory();
    const random = new Random(most);
    const seeds = Array.from({ length: runs }, (_, i) => ({
      seed: most + i,
      wait: random.fraction() * 20,
    }));
    const outcome = { acknowledged: 0, unacknowledged: 0, torn: 0 };
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        for (let next = seeds.pop(); next; next = seeds.pop()) {
          const { seed, wait } = next;
          const session = `killed-${seed}`;
          const writer = start("endless-writer.js", [dir, session, seed, least, most]);
          // Wait for the first acknowledged entry, because nothing can be lost before.
          await ready(writer);
          await pause(wait);
          writer.process.kill("SIGKILL");
          const { signal, stdout, stderr } = await writer.ended;
          assert.equal(signal, "SIGKILL", stderr);

          const numbers = stdout.split("\n").filter(Boolean).map(Number);
          const found = await check({
            dir,
            session,
            lengths: { seed, count: 500, least, most },
            acknowledged: numbers.length,
          });
          outcome.acknowledged += numbers.length;
          outcome.unacknowledged += found.unacknowledged;
          outcome.torn += found.torn;
          rmSync(join(dir, `${session}.jsonl`));
        }
      }),
    );
    t.diagnostic(JSON.stringify(outcome));
  });
}

/** Where a write is cut, and what the next append finds there: nothing, a torn line or an entry. */
const cuts = [
  { at: "0", leaves: "nothing" },
  { at: "1", leaves: "torn" },
  { at: "2", leaves: "torn" },
  { at: "20", leaves: "torn" },
  { at: "0.5", leaves: "torn" },
  { at: "-3", leaves: "torn" },
  { at: "-2", leaves: "torn" },
  { at: "-1", leaves: "entry" },
  { at: "-0", leaves: "entry" },
];

test("leaves one torn line and loses nothing else when a writer is killed within a write", async () => {
  const dir = temporaryDirectory();
  for (const [i, { at, leaves }] of cuts.entries()) {
    for (const length of [300, 3_000_000]) {
      const session = `cut-${i}-${length}`;
      const lengths = { seed: i, count: 500, least: length, most: length };
      const { signal, stdout, stderr } = await run(
        "endless-writer.js",
        [dir, session, i, length, length],
        {
          preload: "cut-write.js",
          env: { CUT_WRITE: "3", CUT_AT: at },
        },
      );
      assert.equal(signal, "SIGKILL", stderr);
      assert.equal(stdout, "0\n1\n");
      const { unacknowledged, torn } = await check({ dir, session, lengths, acknowledged: 2 });
      const expected = {
        torn: leaves === "torn" ? 1 : 0,
        unacknowledged: leaves === "entry" ? 1 : 0,
      };
      assert.deepEqual({ torn, unacknowledged }, expected, `cut at ${at} of ${length}`);
    }
  }
});

/**
 * Appends once more. Checks that each acknowledged entry and the later entry are there, in order,
 * and that at most one line is damaged.
 *
 * @param {{ dir: string, session: string, lengths: Parameters<typeof logUniformLengths>[0],
 *   acknowledged: number }} of
 */
async function check({ dir, session, lengths, acknowledged }) {
  const before = statSync(join(dir, `${session}.jsonl`)).size;
  const later = numberedEntry({ session, writer: "later", number: 0 });
  await append(dir, session, later);

  const log = await SessionLog.open(dir, session);
  const { damage, pending } = await log.verify();
  const entries = await log.read({ onDamage() {} });
  await log.close();
  // The write before the kill may be complete, so that its entry is there without acknowledgement.
  const unacknowledged = entries.length - 1 - acknowledged;
  assert.ok(
    unacknowledged === 0 || unacknowledged === 1,
    `${acknowledged} entries were acknowledged, and ${entries.length - 1} are there`,
  );
  const list = logUniformLengths(lengths);
  const expected = Array.from({ length: acknowledged + unacknowledged }, (_, number) =>
    numberedEntry({ session, writer: "killed", number, length: list[number % list.length] }),
  );
  assert.deepEqual(briefly(entries), briefly([...expected, later]));

  assert.equal(pending, null);
  assert.ok(damage.length <= 1, `${damage.length} damaged lines`);
  for (const { kind, offset, length, recovered } of damage) {
    assert.deepEqual(
      { kind, end: offset + length, recovered },
      { kind: "torn", end: before, recovered: 0 },
    );
  }
  return { unacknowledged, torn: damage.length };
}
