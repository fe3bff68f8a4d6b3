// Following all logs of a directory in Node's file system: new, renamed, replaced and removed logs,
// subdirectories, logs that cannot be read, and which resources a follower holds.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test, { describe } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { Sessions, SessionLog } from "skill-log";

import { followed } from "./followed.js";
import { line, TORN } from "../support/lines.js";
import { temporaryFolder } from "../support/temporary-folder.js";

/** Longer than an appended entry takes to come, in milliseconds. */
const A_WHILE = 300;

/** @param {...string} skills */
const lines = (...skills) => skills.map((skill) => `${line(skill)}\n`).join("");

/**
 * Opens a directory.
 *
 * @param {import("node:test").TestContext} t
 * @param {Parameters<typeof Sessions.open>[1]} [options]
 */
async function openDirectory(t, options) {
  const dir = path.join(temporaryFolder(t), "logs");
  fs.mkdirSync(dir);
  const sessions = await Sessions.open(dir, options);
  t.after(() => sessions.close());
  return { dir, sessions, file: (/** @type {string} */ id) => path.join(dir, `${id}.jsonl`) };
}

/**
 * Collects what a follower returns, each as `session:skill`.
 *
 * @param {AsyncIterable<import("skill-log").LogRecord & { session: string }>} follower
 */
function collected(follower) {
  const collector = followed(follower);
  const seen = () =>
    collector.records.map(
      (record) => `${/** @type {any} */ (record).session}:${record.entry.skill}`,
    );
  return { ...collector, seen };
}

test("returns the entries of each log, then what is appended to any log and to new logs", async (t) => {
  const { file, sessions } = await openDirectory(t);
  fs.writeFileSync(file("a"), lines("1", "2"));
  fs.writeFileSync(file("b"), lines("3"));
  const all = collected(sessions.follow());
  const end = collected(sessions.follow({ from: "end" }));
  await all.until(3);
  fs.appendFileSync(file("b"), lines("4"));
  fs.writeFileSync(file("c"), lines("5"));
  fs.appendFileSync(file("a"), lines("6"));
  await all.until(6);
  await end.until(3);
  await pause(A_WHILE);
  assert.deepEqual(all.seen().sort(), ["a:1", "a:2", "a:6", "b:3", "b:4", "c:5"]);
  assert.deepEqual(end.seen().sort(), ["a:6", "b:4", "c:5"]);
});

/**
 * Changes of logs in a directory where `a` has the entries 1 and 2, and what a follower returns
 * then.
 *
 * @type {{ name: string, change: (file: (id: string) => string) => void | Promise<void>, then: string[] }[]}
 */
const changes = [
  {
    name: "removed and made again",
    change(file) {
      fs.rmSync(file("a"));
      fs.writeFileSync(file("a"), lines("3"));
    },
    then: ["a:3"],
  },
  {
    name: "renamed to another log",
    change(file) {
      fs.appendFileSync(file("a"), lines("3"));
      fs.renameSync(file("a"), file("b"));
      fs.appendFileSync(file("b"), lines("4"));
    },
    then: ["?:3", "?:4"],
  },
  {
    name: "renamed to another log and made again",
    async change(file) {
      fs.renameSync(file("a"), file("b"));
      fs.writeFileSync(file("a"), lines("3"));
      await pause(A_WHILE);
      fs.appendFileSync(file("b"), lines("4"));
      fs.appendFileSync(file("a"), lines("5"));
    },
    then: ["a:3", "b:4", "a:5"],
  },
  {
    name: "renamed away, appended to, and made again",
    change(file) {
      fs.appendFileSync(file("a"), lines("3"));
      fs.renameSync(file("a"), `${file("a")}.1`);
      fs.appendFileSync(`${file("a")}.1`, lines("4"));
      fs.writeFileSync(file("a"), lines("5"));
    },
    then: ["a:3", "a:4", "a:5"],
  },
  {
    name: "renamed away, made again, and appended to by a slow writer",
    async change(file) {
      fs.renameSync(file("a"), `${file("a")}.1`);
      fs.writeFileSync(file("a"), lines("3"));
      await pause(A_WHILE);
      fs.appendFileSync(`${file("a")}.1`, lines("4"));
      await pause(A_WHILE);
      fs.appendFileSync(file("a"), lines("5"));
    },
    then: ["a:3", "a:4", "a:5"],
  },
  {
    name: "renamed away and back",
    async change(file) {
      fs.renameSync(file("a"), `${file("a")}.1`);
      await pause(A_WHILE);
      fs.renameSync(`${file("a")}.1`, file("a"));
    },
    then: [],
  },
  {
    name: "replaced by another log that is renamed over it",
    async change(file) {
      fs.writeFileSync(file("b"), lines("3", "4"));
      await pause(A_WHILE);
      fs.renameSync(file("b"), file("a"));
      await pause(A_WHILE);
      fs.appendFileSync(file("a"), lines("5"));
    },
    then: ["b:3", "b:4", "a:5"],
  },
  {
    name: "cut after its first entry",
    change: (file) => fs.truncateSync(file("a"), lines("1").length),
    then: ["a:1"],
  },
  {
    name: "rewritten with as many bytes",
    change: (file) => fs.writeFileSync(file("a"), lines("3", "4")),
    then: ["a:3", "a:4"],
  },
  {
    name: "rewritten with more bytes",
    change: (file) => fs.writeFileSync(file("a"), lines("3", "4", "5")),
    then: ["a:3", "a:4", "a:5"],
  },
  {
    name: "given an entry in pieces",
    async change(file) {
      const text = lines("3");
      for (let at = 0; at < text.length; at += 40) {
        fs.appendFileSync(file("a"), text.slice(at, at + 40));
        await pause(60);
      }
    },
    then: ["a:3"],
  },
  {
    name: "given a second name",
    async change(file) {
      fs.linkSync(file("a"), file("b"));
      fs.appendFileSync(file("b"), lines("3"));
      await pause(A_WHILE);
      fs.rmSync(file("a"));
      fs.appendFileSync(file("b"), lines("4"));
    },
    then: ["?:3", "?:4"],
  },
];

/** How many other logs there are: with many, the file of the log that is changed is not open. */
const others = [0, 100];

describe("changes of a log", { concurrency: 8 }, () => {
  for (const { name, change, then } of changes) {
    for (const count of others) {
      for (const from of /** @type {const} */ (["start", "end"])) {
        test(`returns each entry once from the ${from} when a log is ${name}, beside ${count} logs`, async (t) => {
          const { file, sessions } = await openDirectory(t);
          fs.writeFileSync(file("a"), lines("1", "2"));
          fs.utimesSync(file("a"), 1, 1);
          for (let n = 0; n < count; n += 1) fs.writeFileSync(file(`other${n}`), lines("other"));
          const follower = collected(sessions.follow({ from }));
          const first = from === "start" ? ["a:1", "a:2"] : [];
          const before = from === "start" ? 2 + count : 0;
          await follower.until(before);
          await pause(A_WHILE);
          await change(file);
          await follower.until(before + then.length);
          await pause(A_WHILE);
          fs.appendFileSync(file("a"), `\n${lines("later")}`);
          await follower.until(before + then.length + 1);
          await pause(A_WHILE);
          // The log of a file is not certain while it is renamed.
          const expected = [...first, ...then, "a:later"];
          const seen = follower.seen().filter((each) => !each.includes("other"));
          assert.deepEqual(
            seen.map((each, at) =>
              expected[at]?.startsWith("?") ? each.replace(/^\w+/, "?") : each,
            ),
            expected,
          );
        });
      }
    }
  }
});
