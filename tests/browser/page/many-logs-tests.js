// Following all logs of a directory in OPFS: which logs and changes a follower sees.

import assert from "node:assert/strict";
import test from "node:test";
import { SessionLog, Sessions } from "skill-log";

import { followed } from "../../js/following/followed.js";
import { line, TORN } from "../../js/support/lines.js";
import { opfsFolder } from "./opfs-place.js";

const A_WHILE = 400;

/** @param {number} time in milliseconds */
const pause = (time) => new Promise((done) => setTimeout(done, time));

/** @param {...string} skills */
const lines = (...skills) => skills.map((skill) => `${line(skill)}\n`).join("");

/** @param {string} skill */
const entryOf = (skill) => ({ skill, final_status: "ok" });

/**
 * Collects what a follower returns, each as `session:skill`.
 *
 * @param {AsyncIterable<import("skill-log").LogRecord & { session: string }>} follower
 */
export function collected(follower) {
  const collector = followed(follower);
  const seen = () =>
    collector.records.map(
      (record) => `${/** @type {any} */ (record).session}:${record.entry.skill}`,
    );
  return { ...collector, seen };
}

/** How a directory is opened. */
const ways = {
  "a path": async (/** @type {string} */ name) => name,
  "a handle": async (/** @type {string} */ name) =>
    (await navigator.storage.getDirectory()).getDirectoryHandle(name),
};

export function manyLogsTests() {
  for (const [way, directoryOf] of Object.entries(ways)) {
    test(`returns each entry of each log once when logs of ${way} grow, are new, cut, replaced or removed`, async (t) => {
      const { name, folder, put, rewrite } = await opfsFolder(t);
      await put(lines("1", "2"), "a.jsonl");
      await put(lines("3"), "b.jsonl");
      const sessions = await Sessions.open(await directoryOf(name));
      t.after(() => sessions.close());
      /** @type {unknown[]} */
      const damage = [];
      const onDamage = (/** @type {import("skill-log").Damage} */ { session, kind }) =>
        damage.push([session, kind]);
      const all = collected(sessions.follow({ onDamage }));
      const end = collected(sessions.follow({ from: "end", onDamage() {} }));
      const log = await SessionLog.open(name, "b");
      t.after(() => log.close());
      // Appended while the follower starts.
      await log.append(entryOf("4"));
      await all.until(4);
      await put(lines("5"), "c.jsonl");
      await all.until(5);
      await rewrite(lines("6", "7"), "a.jsonl");
      await all.until(7);
      await end.until(4);
      await rewrite(lines("6"), "a.jsonl");
      await all.until(8);
      await folder.removeEntry("c.jsonl");
      await pause(A_WHILE);
      await put(lines("8"), "c.jsonl");
      await all.until(9);
      await put(`garbage\n${lines("9")}${TORN}`, "c.jsonl");
      await all.until(10);
      await pause(A_WHILE);
      const later = ["a:6", "a:7", "a:6", "c:8", "c:9"];
      assert.deepEqual(all.seen().sort(), ["a:1", "a:2", "b:3", "b:4", "c:5", ...later].sort());
      assert.deepEqual(end.seen().sort(), ["b:4", "c:5", ...later].sort());
      assert.deepEqual(damage, [["c", "corrupt"]]);
    });
  }

  test("returns the entries of subdirectories when asked, and goes on beside a log that is a directory", async (t) => {
    const { name, folder, put } = await opfsFolder(t);
    await put(lines("1"), "top.jsonl");
    await folder.getDirectoryHandle("folder.jsonl", { create: true });
    const low = await SessionLog.open(`${name}/a/b`, "low");
    t.after(() => low.close());
    await low.append(entryOf("2"));
    const deep = await Sessions.open(name, { recursive: true });
    const flat = await Sessions.open(name);
    t.after(() => Promise.all([deep.close(), flat.close()]));
    /** @type {string[]} */
    const failures = [];
    const all = collected(deep.follow());
    const some = collected(
      flat.follow({ onFailure: ({ code }, session) => failures.push(`${session} ${code}`) }),
    );
    await all.until(2);
    await low.append(entryOf("3"));
    await put(lines("4"), "top.jsonl");
    await all.until(4);
    await some.until(2);
    await pause(A_WHILE);
    assert.deepEqual(all.seen().sort(), ["a/b/low:2", "a/b/low:3", "top:1", "top:4"]);
    assert.deepEqual(some.seen(), ["top:1", "top:4"]);
    assert.deepEqual(failures, ["folder NOT_A_REGULAR_FILE"]);
  });

  test("returns each entry of 200 logs once when all grow at once, and ends when it is closed", async (t) => {
    const { name } = await opfsFolder(t);
    const ids = Array.from({ length: 200 }, (_, n) => `s${n}`);
    const logs = await Promise.all(ids.map((id) => SessionLog.open(name, id)));
    t.after(() => Promise.all(logs.map((log) => log.close())));
    const sessions = await Sessions.open(name);
    const all = collected(sessions.follow({ from: "end" }));
    for (const round of ["1", "2"]) for (const log of logs) await log.append(entryOf(round));
    await all.until(400);
    await pause(A_WHILE);
    assert.deepEqual(all.seen().sort(), ids.flatMap((id) => [`${id}:1`, `${id}:2`]).sort());
    await sessions.close();
    await all.ended;
  });
}
