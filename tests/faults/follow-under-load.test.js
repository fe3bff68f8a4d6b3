// The fault: a log is followed while many processes append to it, others leave torn lines behind and repair them, and it is
// renamed away again and again.

import assert from "node:assert/strict";
import { once } from "node:events";
import { appendFileSync, existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { SessionLog } from "skill-log";

import { run, start } from "./child.js";
import { temporaryDirectory } from "./directory.js";
import { briefly, lineOf, logUniformLengths, numberedEntry } from "./numbered-entry.js";

/** Short, as the writers' names are: so that an entry fits in 100 bytes. */
const session = "s";

/** Longer than a writer takes to notice that its file was renamed: its next file is there then. */
const betweenRotations = 1200;

/** Seven write short entries, the eighth writes long ones too. Their rests make them last some rotations. */
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
  const given = await follow(dir, [["start"], ["end"]], eightWriters, async (writing) => {
    while (!(await Promise.race([writing.then(() => true), pause(betweenRotations, false)]))) {
      if (!existsSync(path)) continue;
      renameSync(path, join(dir, `away-${rotations}.jsonl`));
      rotations += 1;
    }
  });
  t.diagnostic(`${rotations} rotations`);
  assert.ok(rotations >= 4, `only ${rotations} rotations`);
  const before = briefly([numberedEntry({ session, writer: "before", number: 0 })])[0];
  assert.equal(given[0][0], before);
  checkEntries(given[0].slice(1), eightWriters);
  checkEntries(given[1], eightWriters);
});

test("follows each entry once, in order, when it stops at random places and resumes", async () => {
  const dir = temporaryDirectory();
  const writers = eightWriters.map(({ count, rest, ...of }) => ({ ...of, count: count / 5, rest }));
  const given = await follow(
    dir,
    [["start", "1"], ["start", "2"], ["end"]],
    writers,
    (writing) => writing,
  );
  for (const each of given) checkEntries(each, writers);
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
  const given = { first: 0, second: 0 };
  for await (const { entry } of records) {
    assert.equal(Number(entry.phase), given[entry.skill]);
    given[entry.skill] += 1;
    assert.ok(
      given.first >= given.second,
      `${entry.skill} ${entry.phase} came before what was written before it`,
    );
    if (given.second === count) break;
  }
  const { code, stderr } = await writing;
  assert.equal(code, 0, stderr);
  assert.equal(given.first, count);
  await log.close();
});

/**
 * Has a log followed while writers, and two processes that tear and repair, are at work.
 *
 * @param {string} dir
 * @param {string[][]} args of each follower
 * @param {typeof eightWriters} writers
 * @param {(writing: Promise<void>) => Promise<void>} disturb
 * @returns {Promise<string[][]>} what names the entries that each follower gave
 */
async function follow(dir, args, writers, disturb) {
  const followers = args.map((each) => start("follower.js", [dir, session, ...each]));
  await Promise.all(
    followers.map(({ process, ended }) => Promise.race([once(process.stdout, "data"), ended])),
  );
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
    assert.ok(
      JSON.parse(stdout.replace("ready\n", "")).repaired > 0,
      "nothing was repaired meanwhile",
    );
  }
  const written = writers.reduce((sum, { count }) => sum + count, 0);
  for (let left = 200; left > 0 && Math.min(...lines) < written; left -= 1) await pause(100);
  // Nothing more must come.
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
 * Compares the entries that a follower gave with those written, each writer's in order.
 *
 * @param {string[]} given
 * @param {typeof eightWriters} writers
 */
function checkEntries(given, writers) {
  for (const { writer, ...of } of writers) {
    const written = logUniformLengths(of).map((length, number) =>
      numberedEntry({ session, writer, number, length }),
    );
    assert.deepEqual(
      given.filter((name) => name.startsWith(`${writer} `)),
      briefly(written),
    );
  }
  assert.equal(
    given.length,
    writers.reduce((sum, { count }) => sum + count, 0),
  );
}
