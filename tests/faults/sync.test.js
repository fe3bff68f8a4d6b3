// The fault: power is lost. A synced append must resolve only once it is on the disk, or reject.

import assert from "node:assert/strict";
import fs, { realpathSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { read, SessionLog } from "skill-log";

import { temporaryDirectory } from "./directory.js";
import { openedPaths } from "./opened-paths.js";
import { trace, untraceable } from "./strace.js";

const session = "synced";
const count = 64;
const calls = ["openat", "write", "writev", "pwrite64", "fsync", "fdatasync"];

const arrivals = [
  { name: "come at once", delay: 0, most: 3 },
  // The speed of the disk decides the number of syncs. None may cover a write made during that
  // sync.
  { name: "come while others are being synced", delay: 1, most: count },
];

for (const { name, delay, most } of arrivals) {
  test(`shares an fdatasync that starts after the writes when 64 synced appends ${name}`, {
    skip: untraceable,
  }, async (t) => {
    const base = realpathSync(temporaryDirectory());
    const dir = join(base, "made", "too");
    const path = join(dir, `${session}.jsonl`);
    const traced = await trace("synced-writer.js", [dir, session, count, delay], {
      dir: base,
      calls,
    });
    assert.equal(traced.code, 0, traced.stderr);

    const writes = traced.calls.filter(
      ({ name, args }) => name === "write" && args.includes(`<${path}>`),
    );
    const syncs = traced.calls.filter(
      ({ name, args }) => /^f(data)?sync$/.test(name) && args.includes(`<${path}>`),
    );
    assert.equal(writes.length, count + 4);
    for (const { result } of syncs) assert.equal(result, "0");
    const end = Math.max(
      ...Array.from({ length: count }, (_, number) => settled(traced.calls, `${number}`)),
    );
    const concurrent = syncs.filter(({ began }) => began < end);
    t.diagnostic(`${concurrent.length} syncs for ${count} appends`);
    assert.ok(
      concurrent.length >= 1 && concurrent.length <= most,
      `${concurrent.length} syncs for ${count} appends`,
    );

    for (let number = 0; number < count; number++) {
      const write = writes.find(({ args }) => args.includes(`\\"phase\\":\\"${number}\\"`));
      assert.ok(write, `append ${number} wrote nothing`);
      const end = settled(traced.calls, `${number}`);
      assert.ok(
        syncs.some(({ began, ended }) => began > write.ended && ended < end),
        `append ${number} resolved before a sync of its write`,
      );
    }

    // The names of new files and directories are stored in the directories above them.
    for (const each of [dir, join(base, "made"), base]) {
      const sync = traced.calls.find(
        ({ name, args }) => name === "fsync" && args.includes(`<${each}>`),
      );
      assert.ok(
        sync && sync.ended < settled(traced.calls, "0"),
        `${each} is not synced before the first append resolves`,
      );
    }
    assert.equal((await read(dir, session)).length, count + 4);
  });
}

test("rejects the group and every later synced append of a log when fdatasync fails", {
  skip: untraceable,
}, async () => {
  const base = realpathSync(temporaryDirectory());
  const path = join(base, `${session}.jsonl`);
  // Later calls succeed, but the failed writes may never reach the disk.
  const inject = "fdatasync:error=EIO:when=1";
  const traced = await trace("synced-writer.js", [base, session, count, 0], {
    dir: base,
    calls,
    inject,
  });
  assert.equal(traced.code, 0, traced.stderr);
  const failed = `SYNC_FAILED EIO ${path}`;
  assert.deepEqual(traced.stdout.split("\n").filter(Boolean), [
    ...Array.from({ length: count }, (_, number) => `rejected ${number}: ${failed}`),
    `rejected later, synced: ${failed}`,
    "resolved later, not synced",
    "resolved another log, synced",
    `rejected later still, synced: ${failed}`,
  ]);
  // A write that was not synced is in the file, but a refused append wrote nothing.
  const numbers = (await read(base, session)).map(({ phase }) => Number(phase));
  const wasRefused = (/** @type {number} */ number) => number === 1000 || number === 1003;
  assert.deepEqual(
    numbers.filter((number) => !wasRefused(number)),
    [...Array(count).keys(), 1001, 1002],
  );
});

/**
 * Returns the position, among the calls, of the line that says that an append resolved.
 *
 * @param {import("./strace.js").Call[]} calls
 * @param {string} name
 */
function settled(calls, name) {
  const call = calls.find(
    ({ name: each, args }) => each === "write" && args.includes(`"resolved ${name}\\n"`),
  );
  assert.ok(call, `append ${name} did not resolve`);
  return call.began;
}

test("rejects a waiting synced append when the running fdatasync fails", async (t) => {
  const dir = temporaryDirectory();
  const log = await SessionLog.open(dir, session);
  let calls = 0;
  t.mock.method(
    fs,
    "fdatasync",
    (/** @type {number} */ _, /** @type {(error: Error | null) => void} */ done) => {
      calls += 1;
      const error = calls === 1 ? new Error("EIO") : null;
      setTimeout(() => done(error), 20);
    },
  );
  const append = (/** @type {string} */ skill) =>
    log.append({ skill, final_status: "ok" }, { sync: true });
  const first = append("first");
  await pause(5);
  const second = append("second");
  await assert.rejects(first, { code: "SYNC_FAILED" });
  await assert.rejects(second, { code: "SYNC_FAILED" });
  await assert.rejects(append("third"), { code: "SYNC_FAILED" });
  assert.equal(calls, 1);
  await log.append({ skill: "not synced", final_status: "ok" });
  await log.close();
});

test("syncs the directories it made with its first sync when its file was replaced before", async (t) => {
  const dir = realpathSync(temporaryDirectory());
  const log = await SessionLog.open(join(dir, "a", "b"), session);
  await log.append({ skill: "first", final_status: "ok" });
  fs.rmSync(join(dir, "a", "b", `${session}.jsonl`));
  const opened = openedPaths(t);
  await log.append({ skill: "second", final_status: "ok" }, { sync: true });
  for (const each of [dir, join(dir, "a"), join(dir, "a", "b")])
    assert.ok(opened.includes(each), `${each} was not synced`);
  await log.close();
});

test("syncs the directories that another writer made, once, when it appends with sync", async (t) => {
  const base = realpathSync(temporaryDirectory());
  const dir = join(base, "a", "b");
  // Another process made the directories and the log, and was killed before it synced them.
  fs.mkdirSync(dir, { recursive: true });
  fs.writeFileSync(join(dir, `${session}.jsonl`), "");
  const opened = openedPaths(t);
  const log = await SessionLog.open(dir, session);
  await log.append({ skill: "first", final_status: "ok" }, { sync: true });
  for (const each of [base, join(base, "a"), dir])
    assert.ok(opened.includes(each), `${each} was not synced`);
  opened.length = 0;
  await log.append({ skill: "second", final_status: "ok" }, { sync: true });
  const other = await SessionLog.open(dir, "other");
  await other.append({ skill: "third", final_status: "ok" }, { sync: true });
  assert.ok(!opened.includes(base) && !opened.includes(join(base, "a")), opened.join(" "));
  await log.close();
  await other.close();
});
