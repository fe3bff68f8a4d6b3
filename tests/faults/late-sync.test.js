// The fault: power is lost while nobody waits for a sync. It must start in time, for all appends.

import assert from "node:assert/strict";
import fs, { realpathSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { append, read, SessionLog } from "skill-log";

import { run } from "./child.js";
import { temporaryDirectory } from "./directory.js";
import { numberedEntry } from "./numbered-entry.js";
import { openedPaths } from "./opened-paths.js";

const session = "late";
const entry = (number = 0) => numberedEntry({ session, writer: "writer", number });

/** Long enough for a busy machine to do what has to happen first. */
const WITHIN = 60;
const sync = { within: WITHIN };

/** Long enough to never come. */
const NEVER = { within: 1_000_000 };

/**
 * Counts the syncs of files, and has them take some time, or fail.
 *
 * @param {import("node:test").TestContext} t
 * @param {{ time?: number, fails?: (nth: number) => boolean }} [options] `nth` from 0
 */
function countedSyncs(t, { time = 1, fails = () => false } = {}) {
  /** @type {{ start: number, links: number | string }[]} */
  const syncs = [];
  const found = { syncs, running: 0, most: 0 };
  t.mock.method(fs, "fdatasync", (/** @type {number} */ fd, /** @type {any} */ done) => {
    const nth = syncs.push({ start: performance.now(), links: linksOf(fd) }) - 1;
    found.running += 1;
    found.most = Math.max(found.most, found.running);
    setTimeout(() => {
      found.running -= 1;
      done(fails(nth) ? new Error("EIO: i/o error, fdatasync") : null);
    }, time);
  });
  return found;
}

/** Returns how many names an open file has. @param {number} fd */
function linksOf(fd) {
  try {
    return fs.fstatSync(fd).nlink;
  } catch (error) {
    return String(error);
  }
}

/** @param {() => boolean} isTrue */
async function until(isTrue) {
  while (!isTrue()) await pause(1);
}

/** @type {Record<string, (dir: string, number: number, logs: SessionLog[]) => Promise<unknown>>} */
const ways = {
  "one log": (_, number, [log]) => log.append(entry(number), { sync }),
  "a log whose options have the time": (_, number, [, log]) => log.append(entry(number)),
  "two logs of a file": (_, number, logs) => logs[number % 2].append(entry(number), { sync }),
  "the function": (dir, number) => append(dir, session, entry(number), { sync }),
  "a log and the function": (dir, number, [log]) =>
    number % 2
      ? append(dir, session, entry(number), { sync })
      : log.append(entry(number), { sync }),
};

for (const [way, write] of Object.entries(ways))
  test(`starts one fdatasync, in time, when ${way} appends 100 entries`, async (t) => {
    const dir = temporaryDirectory();
    const logs = [
      await SessionLog.open(dir, session),
      await SessionLog.open(dir, session, { sync }),
    ];
    const { syncs } = countedSyncs(t);
    const start = performance.now();
    for (let number = 0; number < 100; number += 1) await write(dir, number, logs);
    const isEarly = performance.now() - start < WITHIN - 1;
    if (isEarly) assert.equal(syncs.length, 0, "an append waited");
    await until(() => syncs.length > 0);
    const waited = syncs[0].start - start;
    // Appends do not end after the time on any machine that keeps up.
    assert.ok(waited > WITHIN - 2 && waited < WITHIN + 250, `${waited} ms`);
    await pause(2 * WITHIN);
    if (isEarly) assert.equal(syncs.length, 1);
    assert.equal((await read(dir, session)).length, 100);

    // The next entry has a sync of its own.
    const before = syncs.length;
    await write(dir, 100, logs);
    await until(() => syncs.length > before);
    for (const log of logs) await log.close();
    assert.equal(syncs.length, before + 1);
  });

test("starts a sync at the earliest time when appends have several", async (t) => {
  const log = await SessionLog.open(temporaryDirectory(), session);
  const { syncs } = countedSyncs(t);
  await log.append(entry(0), { sync: NEVER });
  await log.append(entry(1), { sync: { within: 5 } });
  await log.append(entry(2), { sync: NEVER });
  await until(() => syncs.length > 0);
  await log.close();
  assert.equal(syncs.length, 1);
});

test("runs two syncs at a time, the earliest first, when 300 logs are to be synced", async (t) => {
  const dir = temporaryDirectory();
  const found = countedSyncs(t, { time: 0 });
  const logs = [];
  for (let number = 0; number < 300; number += 1) {
    const log = await SessionLog.open(dir, `log-${number}`);
    logs.push(log);
    await log.append({ skill: "a", final_status: "ok" }, { sync: { within: 20 } });
  }
  await until(() => found.syncs.length === 300);
  assert.equal(found.most, 2);
  // Closing syncs what is outstanding, and no more of it at a time.
  for (const log of logs) await log.append({ skill: "b", final_status: "ok" }, { sync: NEVER });
  await Promise.all(logs.map((log) => log.close()));
  assert.equal(found.syncs.length, 600);
  assert.equal(found.most, 2);
});

test("starts syncs in time when a loop does nothing but await appends", async (t) => {
  const log = await SessionLog.open(temporaryDirectory(), session);
  const { syncs } = countedSyncs(t);
  const start = performance.now();
  let number = 0;
  for (; performance.now() - start < 300; number += 1)
    await log.append(entry(number), { sync: { within: 20 } });
  assert.ok(
    syncs.length > 2 && syncs.length < number,
    `${syncs.length} syncs of ${number} appends`,
  );
  await log.close();
});

test("starts no fdatasync of its own when a synced append comes first", async (t) => {
  const log = await SessionLog.open(temporaryDirectory(), session);
  const { syncs } = countedSyncs(t);
  await log.append(entry(0), { sync: { within: 20 } });
  await log.append(entry(1), { sync: true });
  await pause(40);
  await log.close();
  assert.equal(syncs.length, 1);
});

test("syncs again when an entry comes during a sync", async (t) => {
  const log = await SessionLog.open(temporaryDirectory(), session);
  const { syncs } = countedSyncs(t, { time: 30 });
  await log.append(entry(0), { sync: { within: 1 } });
  await until(() => syncs.length === 1);
  await log.append(entry(1), { sync: { within: 1 } });
  await log.append(entry(2), { sync: { within: 1 } });
  await until(() => syncs.length === 2);
  await log.close();
  assert.equal(syncs.length, 2);
});

for (const [how, close] of /** @type {[string, (log: SessionLog) => Promise<void>][]} */ ([
  ["close", (log) => log.close()],
  ["await using", (log) => log[Symbol.asyncDispose]()],
]))
  test(`syncs what is outstanding, then closes the file, when a log is closed by ${how}`, async (t) => {
    const log = await SessionLog.open(temporaryDirectory(), session);
    await log.append(entry(), { sync: NEVER });
    const found = countedSyncs(t, { time: 20 });
    await close(log);
    assert.deepEqual([found.syncs.length, found.running], [1, 0]);
    assert.equal(found.syncs[0].links, 1);
  });

test("syncs a file that was removed, then closes it, when another takes its place", async (t) => {
  const dir = temporaryDirectory();
  const log = await SessionLog.open(dir, session);
  await log.append(entry(0), { sync: NEVER });
  rmSync(join(dir, `${session}.jsonl`));
  const { syncs } = countedSyncs(t, { time: 20 });
  await log.append(entry(1), { sync: NEVER });
  await log.close();
  assert.deepEqual(syncs.map(({ links }) => links).sort(), [0, 1]);
});

test("syncs without an error when the directory of the log was removed", async () => {
  const dir = join(temporaryDirectory(), "made");
  const log = await SessionLog.open(dir, session);
  await log.append(entry(), { sync: NEVER });
  rmSync(dir, { recursive: true });
  await log.close();
});

for (const [way, write] of Object.entries({
  "an append": (/** @type {SessionLog} */ log) => log.append(entry(), { sync: NEVER }),
  "an append to another log of the file": (
    /** @type {SessionLog} */ _,
    /** @type {SessionLog} */ log,
  ) => log.append(entry(), { sync: NEVER }),
}))
  test(`syncs the directories it made when the first sync is one after ${way}`, async (t) => {
    const base = realpathSync(temporaryDirectory());
    const dir = join(base, "a", "b");
    const first = await SessionLog.open(dir, session);
    const second = await SessionLog.open(dir, session);
    await first.append(entry());
    await write(first, second);
    const opened = openedPaths(t);
    await first.close();
    await second.close();
    for (const each of [base, join(base, "a"), dir])
      assert.ok(opened.includes(each), `${each} was not synced`);
  });

test("rejects later synced appends, and closing, of each log when its fdatasync fails", async (t) => {
  const dir = temporaryDirectory();
  const path = join(dir, `${session}.jsonl`);
  const failed = { code: "SYNC_FAILED", path, message: /late\.jsonl: .* on the disk: EIO/ };
  const { syncs } = countedSyncs(t, { fails: (nth) => nth === 0 });
  const logs = [await SessionLog.open(dir, session), await SessionLog.open(dir, session)];
  const other = await SessionLog.open(dir, "other");
  for (const log of logs) await log.append(entry(), { sync });
  await other.append({ skill: "a", final_status: "ok" }, { sync });
  await until(() => syncs.length === 2);
  await pause(5);

  for (const log of logs) {
    await assert.rejects(log.append(entry(1), { sync: { within: 1 } }), failed);
    await assert.rejects(log.append(entry(2), { sync: true }), failed);
    await log.append(entry(3));
    await assert.rejects(log.close(), failed);
  }
  await other.append({ skill: "a", final_status: "ok" }, { sync: true });
  await other.close();
  assert.equal(syncs.length, 3, "a sync after one that failed");
  assert.deepEqual(
    (await read(dir, session)).map(({ phase }) => phase),
    ["0", "0", "3", "3"],
  );

  // A log that is opened anew starts anew.
  const anew = await SessionLog.open(dir, session, { sync });
  await anew.append(entry(4));
  await anew.close();
});

test("rejects closing when the sync that closing starts fails", async (t) => {
  const log = await SessionLog.open(temporaryDirectory(), session);
  await log.append(entry(), { sync: NEVER });
  countedSyncs(t, { fails: () => true });
  await assert.rejects(log.close(), { code: "SYNC_FAILED" });
});

test("warns once when the sync of entries that the function appended fails", async (t) => {
  const dir = temporaryDirectory();
  countedSyncs(t, { fails: () => true });
  /** @type {any[]} */
  const warnings = [];
  const add = (/** @type {Error} */ warning) => warnings.push(warning);
  process.on("warning", add);
  for (let number = 0; number < 10; number += 1)
    await append(dir, session, entry(number), { sync: { within: 5 } });
  await until(() => warnings.length > 0);
  await pause(10);
  process.off("warning", add);
  assert.deepEqual(
    warnings.map(({ name, code }) => [name, code]),
    [["SkillLogWarning", "SKILL_LOG_NOT_SYNCED"]],
  );
  assert.match(warnings[0].message, /late\.jsonl: the appended bytes may not be on the disk: EIO/);
});

test("keeps 64 files open, and no more, when the function appends to 100", async (t) => {
  const dir = temporaryDirectory();
  let open = 0;
  const { openSync, closeSync } = fs;
  t.mock.method(fs, "openSync", (/** @type {[any, any, any]} */ ...args) => {
    const fd = openSync(...args);
    open += 1;
    return fd;
  });
  t.mock.method(fs, "closeSync", (/** @type {number} */ fd) => {
    closeSync(fd);
    open -= 1;
  });
  const within = { sync: { within: 3000 } };
  for (let number = 0; number < 100; number += 1) {
    await append(dir, `left-${number}`, { skill: "a", final_status: "ok" }, within);
    await append(dir, `left-${number}`, { skill: "a", final_status: "ok" }, within);
  }
  assert.equal(open, 64);
  await until(() => open === 0);
});

test("listens to the end of the process only while something is outstanding", async () => {
  const listeners = process.listenerCount("exit");
  const log = await SessionLog.open(temporaryDirectory(), session);
  for (let number = 0; number < 3; number += 1) {
    await log.append(entry(number), { sync: NEVER });
    assert.equal(process.listenerCount("exit"), listeners + 1);
    await log.append(entry(number), { sync: true });
    await pause(1);
    assert.equal(process.listenerCount("exit"), listeners);
  }
  await log.close();
});

/** @type {{ how: string, code?: number, signal?: string, isSynced?: boolean, says?: RegExp }[]} */
const ends = [
  { how: "its last line" },
  { how: "process.exit()" },
  { how: "an exception", code: 1 },
  { how: "an unhandled rejection", code: 1 },
  { how: "SIGKILL", signal: "SIGKILL", isSynced: false },
  {
    how: "its last line, with a disk that fails",
    isSynced: false,
    says: /^skill-log: .*kept\.jsonl: the appended bytes may not be on the disk: EIO: i\/o error$/m,
  },
];

for (const { how, code = 0, signal, isSynced = true, says } of ends)
  test(`${isSynced ? "syncs" : "keeps"} what is outstanding, and waits for no timer, when the process ends by ${how}`, async () => {
    const dir = realpathSync(temporaryDirectory());
    const start = performance.now();
    const ended = await run("late-writer.js", [dir, how]);
    assert.ok(performance.now() - start < 30_000, "it waited for its timer");
    assert.deepEqual([ended.code, ended.signal], signal ? [null, signal] : [code, null]);
    const synced = ended.stdout.split("\n").filter(Boolean);
    const paths = ["kept", "left"].map((name) => `synced ${join(dir, name)}.jsonl`);
    assert.deepEqual(synced, isSynced ? paths : [], ended.stderr);
    for (const name of ["kept", "left"]) assert.equal((await read(dir, name)).length, 1);
    if (says) assert.match(ended.stderr, says);
  });
