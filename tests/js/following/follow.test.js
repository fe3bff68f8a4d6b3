// Following in Node's file system: changes of the file, how soon entries come, and which resources
// a follower holds.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import test, { describe } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { SessionLog } from "skill-log";

import { followed, nextRecord } from "./followed.js";
import { entry, line, TORN } from "../support/lines.js";
import { temporaryFolder } from "../support/temporary-folder.js";

/** Longer than an appended entry takes to come, in milliseconds. */
const A_WHILE = 300;

/** Longer than two changes of a file may have the same time, in milliseconds. */
const SETTLED = 2500;

/**
 * Opens a log in a directory of its own, which does not exist.
 *
 * @param {import("node:test").TestContext} t
 */
async function openLog(t) {
  const base = temporaryFolder(t);
  const dir = path.join(base, "logs");
  const log = await SessionLog.open(dir, "s");
  t.after(() => log.close());
  return { base, dir, file: path.join(dir, "s.jsonl"), log };
}

/** @param {...string} skills */
const lines = (...skills) => skills.map((skill) => `${line(skill)}\n`).join("");

/**
 * Changes of a file with the entries `a` and `b`. A follower that has yielded both yields `then`,
 * and what is appended later.
 *
 * `read` waits until so many of the entries of `then` were yielded.
 *
 * @typedef {(count: number) => Promise<void>} Read
 *
 * @type {{ name: string, change: (file: string, read: Read) => void | Promise<void>, then:
 *   string[] }[]}
 */
const changes = [
  { name: "removed", change: (file) => fs.rmSync(file), then: [] },
  {
    name: "removed with its directory",
    change: (file) => fs.rmSync(path.dirname(file), { recursive: true }),
    then: [],
  },
  { name: "renamed away", change: (file) => fs.renameSync(file, `${file}.1`), then: [] },
  {
    name: "renamed away with its directory",
    change: (file) => fs.renameSync(path.dirname(file), `${path.dirname(file)}.1`),
    then: [],
  },
  {
    name: "renamed away, and made again",
    change(file) {
      fs.renameSync(file, `${file}.1`);
      fs.writeFileSync(file, lines("c"));
    },
    then: ["c"],
  },
  {
    name: "removed, and made again with more",
    change(file) {
      fs.rmSync(file);
      fs.writeFileSync(file, lines("c", "d", "e"));
    },
    then: ["c", "d", "e"],
  },
  {
    name: "replaced by a file renamed over it",
    change(file) {
      fs.writeFileSync(`${file}.new`, lines("c", "d", "e"));
      fs.renameSync(`${file}.new`, file);
    },
    then: ["c", "d", "e"],
  },
  {
    name: "appended to, renamed away, appended to, and made again",
    change(file) {
      fs.appendFileSync(file, lines("c"));
      fs.renameSync(file, `${file}.1`);
      fs.appendFileSync(`${file}.1`, lines("d"));
      fs.writeFileSync(file, lines("e"));
      fs.appendFileSync(`${file}.1`, lines("f"));
    },
    then: ["c", "d", "f", "e"],
  },
  {
    name: "renamed away and back",
    change(file) {
      fs.renameSync(file, `${file}.1`);
      fs.renameSync(`${file}.1`, file);
    },
    then: [],
  },
  { name: "emptied", change: (file) => fs.truncateSync(file), then: [] },
  {
    name: "cut within an entry",
    change: (file) => fs.truncateSync(file, lines("a").length + 10),
    then: ["a"],
  },
  {
    name: "cut after its first entry",
    change: (file) => fs.truncateSync(file, lines("a").length),
    then: ["a"],
  },
  {
    name: "rewritten with fewer bytes",
    change: (file) => fs.writeFileSync(file, lines("c")),
    then: ["c"],
  },
  {
    name: "rewritten with as many bytes",
    change: (file) => fs.writeFileSync(file, lines("c", "d")),
    then: ["c", "d"],
  },
  {
    name: "rewritten with as many bytes after a long pause",
    async change(file) {
      await pause(SETTLED);
      fs.writeFileSync(file, lines("c", "d"));
    },
    then: ["c", "d"],
  },
  {
    name: "rewritten with as many bytes, and its old time restored",
    async change(file) {
      await pause(SETTLED);
      const { atime, mtime } = fs.statSync(file);
      fs.writeFileSync(file, lines("c", "d"));
      fs.utimesSync(file, atime, mtime);
    },
    then: ["c", "d"],
  },
  {
    name: "rewritten with as many bytes, again and again",
    async change(file, read) {
      for (const [at, skills] of [
        ["c", "d"],
        ["e", "f"],
        ["g", "h"],
      ].entries()) {
        fs.writeFileSync(file, lines(...skills));
        // What is overwritten before it is read is lost.
        await read(2 * (at + 1));
        await pause(A_WHILE);
      }
    },
    then: ["c", "d", "e", "f", "g", "h"],
  },
  {
    name: "touched but not changed",
    async change(file) {
      for (let round = 0; round < 3; round += 1) {
        fs.utimesSync(file, new Date(), new Date());
        await pause(A_WHILE);
      }
    },
    then: [],
  },
  {
    name: "given a torn tail that is replaced by another of its length, then completed",
    async change(file) {
      const { size } = fs.statSync(file);
      const tail = line("c", { message: "cut" });
      fs.appendFileSync(file, TORN.padEnd(tail.length - 5, "x"));
      await pause(A_WHILE);
      fs.truncateSync(file, size);
      fs.appendFileSync(file, tail.slice(0, -5));
      await pause(A_WHILE);
      fs.appendFileSync(file, `${tail.slice(-5)}\n`);
    },
    then: ["c"],
  },
  {
    name: "given a torn tail that is replaced by an entry",
    async change(file) {
      const { size } = fs.statSync(file);
      fs.appendFileSync(file, TORN);
      await pause(A_WHILE);
      fs.truncateSync(file, size);
      fs.appendFileSync(file, `${line("c", { message: "longer than what was there" })}\n`);
    },
    then: ["c"],
  },
  {
    name: "rewritten with more bytes",
    change: (file) => fs.writeFileSync(file, lines("c", "d", "e")),
    then: ["c", "d", "e"],
  },
  {
    name: "renamed away, replaced, and renamed back",
    async change(file) {
      fs.renameSync(file, `${file}.1`);
      fs.writeFileSync(file, lines("c"));
      await pause(A_WHILE);
      fs.appendFileSync(`${file}.1`, lines("d"));
      fs.renameSync(`${file}.1`, file);
    },
    then: ["c", "d"],
  },
  {
    name: "given a torn tail that is cut off again",
    async change(file) {
      const { size } = fs.statSync(file);
      fs.appendFileSync(file, TORN);
      await pause(A_WHILE);
      fs.truncateSync(file, size);
    },
    then: [],
  },
];

describe("changes of the file", { concurrency: 8 }, () => {
  for (const { name, change, then } of changes) {
    test(`goes on when the log is ${name}`, async (t) => {
      const { dir, file, log } = await openLog(t);
      fs.mkdirSync(dir);
      fs.writeFileSync(file, lines("a", "b"));
      const follower = followed(log.follow({ onDamage() {} }));
      const end = followed(log.follow({ from: "end", onDamage() {} }));
      await follower.until(2);
      await change(file, async (count) => {
        await follower.until(2 + count);
        await end.until(count);
      });
      await follower.until(2 + then.length);
      await pause(A_WHILE);
      fs.mkdirSync(dir, { recursive: true });
      fs.appendFileSync(file, `\n${lines("later")}`);
      await follower.until(3 + then.length);
      await end.until(1 + then.length);
      await pause(A_WHILE);
      assert.deepEqual(follower.skills(), ["a", "b", ...then, "later"]);
      assert.deepEqual(end.skills(), [...then, "later"]);
    });
  }

  test("yields what slow writers append when their file is gone", async (t) => {
    const { dir, file, log } = await openLog(t);
    fs.mkdirSync(dir);
    fs.writeFileSync(file, lines("a"));
    const follower = followed(log.follow());
    await follower.until(1);
    fs.renameSync(file, `${file}.1`);
    await pause(A_WHILE);
    // No file exists now: following goes on at the start of the next file.
    fs.appendFileSync(`${file}.1`, lines("b"));
    await follower.until(2);
    fs.writeFileSync(file, lines("c", "d"));
    await follower.until(4);
    for (let round = 0; round < 6; round += 1) {
      fs.appendFileSync(`${file}.1`, lines(`e${round}`));
      await follower.until(5 + 2 * round);
      fs.appendFileSync(file, lines(`f${round}`));
      await follower.until(6 + 2 * round);
      // In all, longer than a follower keeps a file open that nobody writes to.
      await pause(round < 1 ? 0 : 1500);
    }
    const rounds = Array.from({ length: 6 }, (_, round) => [`e${round}`, `f${round}`]).flat();
    assert.deepEqual(follower.skills(), ["a", "b", "c", "d", ...rounds]);
    for (const [index, { end, entry }] of follower.records.entries()) {
      if (entry.skill === "a") continue;
      const rest = followed(log.follow({ from: end }));
      const expected = follower
        .skills()
        .slice(index + 1)
        .filter((skill) => !skill.startsWith("e"));
      await rest.until(expected.length);
      await pause(20);
      assert.deepEqual(rest.skills(), expected, `from the end of ${entry.skill}`);
    }
  });

  test("closes a file that is gone when nobody has written to it for some seconds", async (t) => {
    const { dir, file, log } = await openLog(t);
    fs.mkdirSync(dir);
    fs.writeFileSync(file, lines("a"));
    const follower = followed(log.follow());
    await follower.until(1);
    fs.renameSync(file, `${file}.1`);
    fs.writeFileSync(file, lines("b"));
    await follower.until(2);
    await pause(4500);
    assert.equal(held(dir).files, 2);
    await pause(1500);
    assert.equal(held(dir).files, 1);
  });
});

test("starts anew when it follows from an end and the file is rewritten", async (t) => {
  const { dir, file, log } = await openLog(t);
  fs.mkdirSync(dir);
  fs.writeFileSync(file, lines("a", "b"));
  let from = 0;
  for await (const { end } of log.records()) from = end;
  const follower = followed(log.follow({ from }));
  await pause(A_WHILE);
  assert.deepEqual(follower.skills(), []);
  fs.writeFileSync(file, lines("c", "d"));
  await follower.until(2);
  await pause(A_WHILE);
  assert.deepEqual(follower.skills(), ["c", "d"]);
});

test("reads no byte when nobody writes to the file for long", async (t) => {
  const { dir, file, log } = await openLog(t);
  fs.mkdirSync(dir);
  fs.writeFileSync(file, lines("a", "b"));
  const follower = followed(log.follow());
  await follower.until(2);
  await pause(SETTLED + A_WHILE);
  const { read } = fs;
  let reads = 0;
  t.after(() => (fs.read = read));
  fs.read = /** @type {any} */ (
    (/** @type {any[]} */ ...args) => ((reads += 1), Reflect.apply(read, fs, args))
  );
  await pause(4 * A_WHILE);
  assert.equal(reads, 0);
  fs.appendFileSync(file, lines("c"));
  await follower.until(3);
  assert.ok(reads > 0);
});

test("yields the old file's entries first when writers use the old and the new file", async (t) => {
  const { dir, file, log } = await openLog(t);
  fs.mkdirSync(dir);
  fs.writeFileSync(file, lines("a"));
  const records = log.follow();
  const skill = async () => (await nextRecord(records)).entry.skill;
  assert.equal(await skill(), "a");
  fs.renameSync(file, `${file}.1`);
  fs.writeFileSync(file, lines("b"));
  assert.equal(await skill(), "b");
  for (let round = 0; round < 3; round += 1) {
    fs.appendFileSync(`${file}.1`, lines("c"));
    fs.appendFileSync(file, lines("d"));
    fs.appendFileSync(`${file}.1`, lines("e"));
    assert.deepEqual([await skill(), await skill(), await skill()], ["c", "e", "d"]);
  }
  await records.return();
});

test("yields every file's entries when the file is replaced often between steps", async (t) => {
  const { dir, file, log } = await openLog(t);
  fs.mkdirSync(dir);
  fs.writeFileSync(file, lines("0"));
  const records = log.follow();
  assert.equal((await nextRecord(records)).entry.skill, "0");
  for (let number = 1; number <= 5; number += 1) {
    fs.renameSync(file, `${file}.${number}`);
    fs.writeFileSync(file, lines(`${number}`));
    await pause(100);
  }
  for (let number = 1; number <= 5; number += 1) {
    const { entry, end } = await nextRecord(records);
    assert.deepEqual([entry.skill, end], [`${number}`, number === 5 ? lines("5").length : 0]);
  }
  await records.return();
});

test("reports a gone file's pending bytes as damage when they are sealed", async (t) => {
  const { dir, file, log } = await openLog(t);
  fs.mkdirSync(dir);
  fs.writeFileSync(file, lines("a") + TORN);
  /** @type {import("skill-log").Damage[]} */
  const damage = [];
  const follower = followed(log.follow({ onDamage: (each) => damage.push(each) }));
  await follower.until(1);
  fs.renameSync(file, `${file}.1`);
  fs.writeFileSync(file, lines("b"));
  await follower.until(2);
  assert.deepEqual(damage, []);
  fs.appendFileSync(`${file}.1`, `\n${lines("c")}`);
  await follower.until(3);
  assert.deepEqual(
    damage.map(({ kind, line, offset }) => [kind, line, offset]),
    [["torn", 2, lines("a").length]],
  );
});

/** @type {Record<string, (file: string) => void>} */
const replacements = {
  "a link": (file) => fs.symlinkSync(`${file}.1`, file),
  "a directory": (file) => fs.mkdirSync(file),
};
for (const [name, replace] of Object.entries(replacements)) {
  test(`yields the rest, then rejects, when the log's path becomes ${name}`, async (t) => {
    const { dir, file, log } = await openLog(t);
    fs.mkdirSync(dir);
    fs.writeFileSync(file, lines("a"));
    const records = log.follow();
    await records.next();
    fs.appendFileSync(file, lines("b"));
    fs.renameSync(file, `${file}.1`);
    replace(file);
    assert.equal((await nextRecord(records)).entry.skill, "b");
    await assert.rejects(records.next(), { code: "NOT_A_REGULAR_FILE", path: file });
    await assert.rejects(log.follow({ from: "end" }).next(), {
      code: "NOT_A_REGULAR_FILE",
      path: file,
    });
  });
}

test("follows when it was opened from a file or a link, and ends for a Blob", async (t) => {
  const folder = temporaryFolder(t);
  const real = path.join(folder, "elsewhere", "real.txt");
  fs.mkdirSync(path.dirname(real));
  fs.writeFileSync(real, lines("a"));
  const link = path.join(folder, "link.jsonl");
  fs.symlinkSync(real, link);
  const cwd = process.cwd();
  process.chdir(folder);
  const sources = [real, pathToFileURL(real), link, path.join("elsewhere", "real.txt")];
  const logs = await Promise.all(sources.map((source) => SessionLog.from(source)));
  process.chdir(cwd);
  t.after(() => Promise.all(logs.map((log) => log.close())));
  const followers = logs.flatMap((log) => [
    followed(log.follow()),
    followed(log.follow({ from: "end" })),
  ]);
  for (const round of ["b", "c", "d"]) {
    fs.appendFileSync(real, lines(round));
    await pause(A_WHILE);
  }
  for (const [index, follower] of followers.entries())
    assert.deepEqual(follower.skills(), index % 2 === 0 ? ["a", "b", "c", "d"] : ["b", "c", "d"]);
  fs.renameSync(real, `${real}.1`);
  fs.writeFileSync(real, lines("e"));
  for (const [index, follower] of followers.entries())
    await follower.until(index % 2 === 0 ? 5 : 4);

  for (const source of [
    new Blob([`${lines("a")}${line("b")}`]),
    Buffer.from(`${lines("a")}${line("b")}`),
  ]) {
    const log = await SessionLog.from(source);
    for (const [from, skills] of /** @type {const} */ ([
      ["start", ["a", "b"]],
      ["end", []],
      [lines("a").length, ["b"]],
    ])) {
      const follower = followed(log.follow({ from }));
      await follower.ended;
      assert.deepEqual(follower.skills(), skills);
    }
    // @ts-expect-error no start
    await assert.rejects(log.follow({ from: "here" }).next(), { code: "INVALID_ARGUMENT" });
    await log.close();
  }
});

test("yields entries within 100 ms when the file or its directory is new", async (t) => {
  const { dir, file, log } = await openLog(t);
  await checkTimes(t, log.follow(), dir, (number) => {
    if (number % 20 === 10) fs.rmSync(file);
    if (number % 40 === 0 && number > 0) fs.rmSync(dir, { recursive: true });
  });
});

test("yields entries within 100 ms when it follows a link, which has no events", async (t) => {
  const { base, dir, file } = await openLog(t);
  fs.mkdirSync(dir);
  fs.writeFileSync(file, "");
  const link = path.join(base, "link");
  fs.symlinkSync(file, link);
  const log = await SessionLog.from(link);
  t.after(() => log.close());
  await checkTimes(t, log.follow(), dir, () => {});
});

/**
 * Appends entries at irregular times, which no poll meets by chance, and checks how soon they come.
 *
 * @param {import("node:test").TestContext} t
 * @param {AsyncIterable<import("skill-log").LogRecord>} records
 * @param {string} dir
 * @param {(number: number) => void} disturb is called before each append
 */
async function checkTimes(t, records, dir, disturb) {
  const count = 100;
  const writer = await SessionLog.open(dir, "s");
  /** @type {number[]} */
  const sent = [];
  /** @type {number[]} */
  const times = [];
  const timed = async function* () {
    for await (const record of records) {
      times.push(performance.now() - sent[Number(record.entry.skill)]);
      yield record;
    }
  };
  const follower = followed(timed());
  for (let number = 0; number < count; number += 1) {
    disturb(number);
    await pause(3 + ((number * 7) % 23) * 3);
    sent.push(performance.now());
    await writer.append(entry(`${number}`));
  }
  await follower.until(count);
  await writer.close();
  times.sort((a, b) => a - b);
  const [median, most, last] = [0.5, 0.95, 1].map((part) => times[Math.ceil(part * count) - 1]);
  t.diagnostic(
    `median ${median.toFixed(1)} ms, 95 % within ${most.toFixed(1)} ms, all within ${last.toFixed(1)} ms`,
  );
  // A busy machine is late now and then.
  assert.ok(median <= 100, `median ${median} ms`);
  assert.ok(most <= 300, `95 % within ${most} ms`);
}

/**
 * Counts the open files of this process in a folder, and its watchers.
 *
 * @param {string} dir
 */
function held(dir) {
  const names = fs.readdirSync("/proc/self/fd").map((fd) => {
    try {
      return fs.readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return "";
    }
  });
  return {
    files: names.filter((name) => name.startsWith(dir)).length,
    watchers: process.getActiveResourcesInfo().filter((name) => name === "FSEventWrap").length,
  };
}

test("holds no file, watcher or timer when a follower has ended in any way", async (t) => {
  const { dir, log } = await openLog(t);
  await log.append([entry("a"), entry("b")]);
  await log.close();
  const nothing = { files: 0, watchers: 0 };
  // What an earlier test has closed goes with the next turn of the event loop.
  await pause(5);
  assert.deepEqual(held(dir), nothing);

  /** @typedef {ReturnType<SessionLog["follow"]>} Follower */
  /** @typedef {(records: Follower, abort: AbortController, log: SessionLog) => unknown} Leave */

  /** @type {Record<string, Leave>} */
  const waysOut = {
    "a break": async (records) => {
      for await (const { entry } of records) if (entry.skill === "a") break;
    },
    "a return while it waits": async (records) => {
      for (let count = 0; count < 2; count += 1) await records.next();
      const next = records.next();
      await pause(50);
      records.return();
      await next;
    },
    "a return before the first step": (records) => void records.return(),
    "an abort while it waits": async (records, controller) => {
      for (let count = 0; count < 2; count += 1) await records.next();
      const next = records.next();
      await pause(50);
      controller.abort();
      await assert.rejects(next);
    },
    "an abort between two entries": async (records, controller) => {
      await records.next();
      controller.abort();
    },
    "an abort before the first step": (_, controller) => controller.abort(),
    "the end of its log": async (records, _, log) => {
      await records.next();
      await log.close();
    },
    "an abort in onDamage": async (_, controller, log) => {
      fs.appendFileSync(path.join(dir, "s.jsonl"), `${TORN}\n`.repeat(1000));
      let told = 0;
      const onDamage = () => {
        told += 1;
        controller.abort();
      };
      const { signal } = controller;
      await assert.rejects(
        log.follow({ signal, onDamage, from: 2 * lines("a").length }).next(),
        (error) => error === signal.reason,
      );
      assert.equal(told, 1);
    },
  };
  for (const [name, leave] of Object.entries(waysOut)) {
    const log = await SessionLog.open(dir, "s");
    const controller = new AbortController();
    const records = log.follow({ signal: controller.signal, onDamage() {} });
    assert.equal(held(dir).files, 1, name);
    if (name.includes("onDamage")) await records.return();
    await leave(records, controller, log);
    // The end waits only for a chunk that is being read.
    await pause(5);
    assert.deepEqual(held(dir), nothing, name);
    assert.deepEqual(
      process.getActiveResourcesInfo().filter((each) => each === "Timeout"),
      [],
      name,
    );
    await log.close();
  }
});

test("reads each byte once, and none before it is needed, when a long line comes", async (t) => {
  const { dir, file, log } = await openLog(t);
  fs.mkdirSync(dir);
  /** Returns how many bytes this process has read. */
  const read = () => Number(/^rchar: (\d+)$/m.exec(fs.readFileSync("/proc/self/io", "utf8"))?.[1]);
  const long = Buffer.from(`${line("long", { message: "}".repeat(2 ** 24) })}\n`);
  fs.writeFileSync(file, long);
  let before = read();
  // A follower from the end only looks for the start of an unfinished last line.
  const end = followed(log.follow({ from: "end" }));
  await pause(A_WHILE);
  assert.ok(read() - before < 2 ** 19, `${read() - before} bytes read to follow from the end`);

  const follower = followed(log.follow());
  await follower.until(1);
  before = read();
  for (let at = 0; at < long.length; at += 2 ** 17) {
    fs.appendFileSync(file, long.subarray(at, at + 2 ** 17));
    await pause(5);
  }
  await follower.until(2);
  await end.until(1);
  assert.ok(
    read() - before < 2 * 1.1 * long.length,
    `${read() - before} bytes read by two followers, of ${long.length}`,
  );

  const slow = log.follow({ from: "end" });
  const many = lines("short").repeat(200_000);
  fs.appendFileSync(file, many);
  before = read();
  await slow.next();
  await pause(A_WHILE);
  assert.ok(read() - before < 2 ** 20 + 2 * 1.1 * many.length, "more bytes were read than needed");
  await slow.return();
});

test("keeps the process alive when, and only when, a follower is open", async (t) => {
  const { dir, file } = await openLog(t);
  const program = `
    import { SessionLog } from "skill-log";
    const log = await SessionLog.open(${JSON.stringify(dir)}, "s");
    for await (const { entry } of log.follow()) {
      console.log(entry.skill);
      if (entry.skill === "last") break;
    }
  `;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
    timeout: 20_000,
  });
  t.after(() => child.kill());
  const exited = once(child, "exit");
  const said = () => once(child.stdout, "data").then(([data]) => data.toString());
  await pause(1000);
  fs.mkdirSync(dir);
  fs.writeFileSync(file, lines("first"));
  assert.equal(await said(), "first\n");
  await pause(1000);
  assert.equal(child.exitCode, null);
  fs.rmSync(file);
  await pause(500);
  assert.equal(child.exitCode, null);
  fs.writeFileSync(file, lines("last"));
  assert.equal(await said(), "last\n");
  assert.deepEqual(await exited, [0, null]);
});

test("ends, or yields the entry it has, when it is closed or aborted at any moment", async (t) => {
  const folder = temporaryFolder(t);
  fs.writeFileSync(path.join(folder, "s.jsonl"), `${line("a")}\njunk\n${line("b")}\n`);
  const read = fs.read;
  t.after(() => (fs.read = read));
  for (let steps = 0; steps < 40; steps += 1) {
    for (const end of ["close", "abort"]) {
      const log = await SessionLog.open(folder, "s");
      const controller = new AbortController();
      const follower = log.follow({ onDamage() {}, signal: controller.signal });
      // Ends the follower so many microtasks after a chunk was read.
      const endLater = async () => {
        for (let step = 0; step < steps; step += 1) await null;
        if (end === "close") await log.close();
        else controller.abort("enough");
      };
      fs.read = /** @type {any} */ (
        (/** @type {any[]} */ ...args) => {
          const done = args.pop();
          Reflect.apply(read, fs, [
            ...args,
            (/** @type {unknown[]} */ ...result) => {
              done(...result);
              endLater();
            },
          ]);
        }
      );
      const got = await follower.next().then(
        ({ value }) => (value ? value.entry.skill : "done"),
        (error) => error,
      );
      fs.read = read;
      assert(
        ["a", end === "close" ? "done" : "enough"].includes(got),
        `${end} after ${steps}: ${got}`,
      );
      await follower.return().catch(() => {});
      await log.close();
    }
  }
});
