// The fault: a log is followed while many processes append to it, other processes leave torn lines
// and repair them, and its file is renamed repeatedly.

import assert from "node:assert/strict";
import { appendFileSync, existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { SessionLog } from "skill-log";

import { ready, run, start } from "./child.js";
import { temporaryDirectory } from "./directory.js";
import { briefly, lineOf, logUniformLengths, numberedEntry } from "./numbered-entry.js";

/** Short, as the writers' names are, so that an entry fits in 100 bytes. */
const session = "s";

/** Milliseconds: longer than a writer needs to notice a rename, so that its next file exists. */
const betweenRotations = 1200;

/**
 * Seven writers of short entries, and one of long entries too. They rest to outlast some rotations.
 */
const eightWriters = [
  ...Array.from({ length: 7 }, (_, i) => ({
    writer: "abcdefg"[i],
    seed: i + 1,
    count: 5500,
    least: 100,
    most: 2000,
    rest: 16,
  })),
  { writer: "h", seed: 8, count: 1500, least: 100, most: 2 ** 19, rest: 60 },
];

test("follows each entry once, in order, when 8 processes append while others repair and rotate", async (t) => {
  const dir = temporaryDirectory();
  const path = join(dir, `${session}.jsonl`);
  appendFileSync(path, lineOf(numberedEntry({ session, writer: "before", number: 0 })));
  let rotations = 0;
  const followed = await follow(dir, [["start"], ["end"]], eightWriters, async (writing) => {
    while (!(await Promise.race([writing.then(() => true), pause(betweenRotations, false)]))) {
      if (!existsSync(path)) continue;
      renameSync(path, join(dir, `away-${rotations}.jsonl`));
      rotations += 1;
    }
  });
  t.diagnostic(`${rotations} rotations`);
  assert.ok(rotations >= 4, `only ${rotations} rotations`);
  const before = briefly([numberedEntry({ session, writer: "before", number: 0 })])[0];
  assert.equal(followed[0][0], before);
  checkEntries(followed[0].slice(1), eightWriters);
  checkEntries(followed[1], eightWriters);
});

test("follows each entry once, in order, when it stops at random places and resumes", async () => {
  const dir = temporaryDirectory();
  const writers = eightWriters.map(({ count, rest, ...of }) => ({ ...of, count: count / 5, rest }));
  const followed = await follow(
    dir,
    [["start", "1"], ["start", "2"], ["end"]],
    writers,
    (writing) => writing,
  );
  for (const each of followed) checkEntries(each, writers);
});

test("follows the renamed file before the new one when a process writes to both in turn", async () => {
  const dir = temporaryDirectory();
  const path = join(dir, `${session}.jsonl`);
  const count = 10_000;
  appendFileSync(path, "");
  const log = await SessionLog.open(dir, session);
  const records = log.follow();
  renameSync(path, `${path}.1`);
  appendFileSync(path, "");
  const writing = run("alternating-writer.js", [session, count, `${path}.1`, path]);
  /** @type {Record<string, number>} */
  const counts = { first: 0, second: 0 };
  for await (const { entry } of records) {
    assert.equal(Number(entry.phase), counts[entry.skill]);
    counts[entry.skill] += 1;
    assert.ok(
      counts.first >= counts.second,
      `${entry.skill} ${entry.phase} came before an entry that was written earlier`,
    );
    if (counts.second === count) break;
  }
  const { code, stderr } = await writing;
  assert.equal(code, 0, stderr);
  assert.equal(counts.first, count);
  await log.close();
});

/**
 * Has a log followed while writers append and two processes tear and repair lines.
 *
 * @param {string} dir
 * @param {string[][]} args of each follower
 * @param {typeof eightWriters} writers
 * @param {(writing: Promise<void>) => Promise<void>} disturb
 * @returns {Promise<string[][]>} the brief names of the entries that each follower returned
 */
async function follow(dir, args, writers, disturb) {
  const followers = args.map((each) => start("follower.js", [dir, session, ...each]));
  await ready(...followers);
  const lines = followers.map(() => 0);
  for (const [index, { process }] of followers.entries()) {
    process.stdout.on("data", (text) => (lines[index] += text.split("\n").length - 1));
  }
  const torn = lineOf(numberedEntry({ session, writer: "torn", number: 0, length: 300 }))
    .toString()
    .slice(0, 150);
  const repairers = [1, 2].map(() => start("repairer.js", [dir, session, torn]));
  const writing = Promise.all(
    writers.map(({ writer, seed, count, least, most, rest }) =>
      run("writer.js", [dir, session, writer, seed, count, least, most, rest]),
    ),
  );
  try {
    await disturb(writing.then(() => {}));
  } finally {
    for (const { process } of repairers) process.stdin.end();
  }
  for (const { code, stderr } of await writing) assert.equal(code, 0, stderr);
  for (const { ended } of repairers) {
    const { code, stdout, stderr } = await ended;
    assert.equal(code, 0, stderr);
    assert.ok(JSON.parse(stdout.replace("ready\n", "")).repaired > 0, "no torn line was repaired");
  }
  const written = writers.reduce((sum, { count }) => sum + count, 0);
  for (let left = 200; left > 0 && Math.min(...lines) < written; left -= 1) await pause(100);
  // Time for an entry that must not come.
  await pause(300);
  for (const { process } of followers) process.stdin.end();
  return Promise.all(
    followers.map(async ({ ended }) => {
      const { code, stdout, stderr } = await ended;
      assert.equal(code, 0, stderr);
      return stdout
        .trimEnd()
        .split("\n")
        .slice(1)
        .map((line) => line.replace(/^-?\d+ /, ""));
    }),
  );
}

/**
 * Checks that a follower returned the entries of each writer, in order, and no others.
 *
 * @param {string[]} returned
 * @param {typeof eightWriters} writers
 */
function checkEntries(returned, writers) {
  for (const { writer, ...of } of writers) {
    const written = logUniformLengths(of).map((length, number) =>
      numberedEntry({ session, writer, number, length }),
    );
    assert.deepEqual(
      returned.filter((name) => name.startsWith(`${writer} `)),
      briefly(written),
    );
  }
  assert.equal(
    returned.length,
    writers.reduce((sum, { count }) => sum + count, 0),
  );
}
