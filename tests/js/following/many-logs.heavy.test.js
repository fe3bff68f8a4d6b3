// Following 20,000 logs in a process that may open few files and watch few directories.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { line } from "../support/lines.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const follower = fileURLToPath(new URL("reporting-follower.js", import.meta.url));

const LOGS = 20_000;

/** How many entries are appended one by one, and how many a second. */
const APPENDS = 2000;
const RATE = 500;

/**
 * The longest time until an entry comes, in milliseconds. Without watches, looks at all logs share a
 * busy machine with others.
 */
const LONGEST = 500;
const LONGEST_UNWATCHED = 1000;

/** How often the appends are tried, because a machine may be busy. */
const TRIES = 5;

/** The most files that a follower and Node hold open. */
const MOST_OPEN = 110;

/** In milliseconds: far more than any step should take. */
const LIMIT = 120_000;

/**
 * Limits a process in a user namespace of its own, where the system allows one.
 *
 * @param {number} watches that the process may have
 */
function limitWatches(watches) {
  const setLimit = `echo ${watches} > /proc/sys/user/max_inotify_watches`;
  const { status } = spawnSync("unshare", ["--user", "--map-root-user", "sh", "-c", setLimit]);
  return status === 0
    ? `exec unshare --user --map-root-user sh -c '${setLimit} && exec "$@"' sh "$@"`
    : null;
}

/** @param {number} n */
const idOf = (n) => `s${(n * 7919) % LOGS}`;

/**
 * Makes the logs, and starts a follower of them.
 *
 * @param {import("node:test").TestContext} t
 * @param {"start" | "end"} from
 * @param {string} limit
 */
async function followMany(t, from, limit) {
  const dir = temporaryFolder(t);
  for (let n = 0; n < LOGS; n += 1)
    fs.writeFileSync(path.join(dir, `s${n}.jsonl`), `${line("x", { message: "first" })}\n`);
  const child = spawn(
    "sh",
    ["-c", `ulimit -n 256; ${limit}`, "sh", process.execPath, follower, dir, from],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  t.after(() => child.kill());
  let rest = "";
  /** @type {string[]} */
  const lines = [];
  child.stdout.on("data", (text) => {
    const parts = (rest + text).split("\n");
    rest = /** @type {string} */ (parts.pop());
    lines.push(...parts);
  });
  /** @param {number} count of lines to wait for */
  const until = async (count) => {
    for (let left = LIMIT; lines.length < count; left -= 20) {
      assert.ok(left > 0 && child.exitCode === null, `${lines.length} lines of ${count} came`);
      await pause(20);
    }
  };
  await until(1);
  assert.equal(lines.shift(), "ready");
  return {
    lines,
    until,
    /** Appends an entry. @param {number} n @param {string} message */
    append(n, message) {
      const text = line("x", { phase: `${Date.now()}`, message });
      fs.appendFileSync(path.join(dir, `${idOf(n)}.jsonl`), `${text}\n`);
    },
    /** Ends the follower, and returns the most files that it had open. */
    async end() {
      child.stdin.end();
      await once(child, "close");
      assert.equal(child.exitCode, 0);
      return Number(lines.pop()?.split(" ")[1]);
    },
  };
}

for (const watches of [128, 0]) {
  const limit = limitWatches(watches);
  const title = watches === 0 ? "which cannot watch" : `which may watch ${watches} directories`;
  const skip = limit === null && "needs unshare, and permission to make a user namespace";
  test(`returns each entry of ${LOGS} logs once, in a process of 256 files, ${title}`, {
    skip,
  }, async (t) => {
    const many = await followMany(t, "start", /** @type {string} */ (limit));
    await many.until(LOGS);
    assert.equal(new Set(many.lines).size, LOGS);
    // All logs get entries faster than they are read.
    for (let n = 0; n < LOGS; n += 1) many.append(n, "second");
    await many.until(2 * LOGS);
    const second = many.lines.slice(LOGS).map((each) => each.split(" ").slice(0, 2).join(" "));
    assert.deepEqual(second.sort(), Array.from({ length: LOGS }, (_, n) => `s${n} second`).sort());
    // One by one, and some logs twice.
    for (let left = TRIES, count = 2 * LOGS; ; left -= 1, count += APPENDS) {
      const start = performance.now();
      for (let n = 0; n < APPENDS; ) {
        const due = Math.min(APPENDS, ((performance.now() - start) / 1000) * RATE);
        for (; n < due; n += 1) many.append(n % 1500, `${left}:${n}`);
        await pause(1);
      }
      await many.until(count + APPENDS);
      const came = many.lines.slice(count).map((each) => each.split(" "));
      assert.deepEqual(
        came.map(([session, message]) => `${session} ${message}`).sort(),
        Array.from({ length: APPENDS }, (_, n) => `${idOf(n % 1500)} ${left}:${n}`).sort(),
      );
      const delays = came.map(([, , delay]) => Number(delay)).sort((a, b) => a - b);
      t.diagnostic(`median ${delays[APPENDS / 2]} ms, max ${delays.at(-1)} ms`);
      const longest = watches === 0 ? LONGEST_UNWATCHED : LONGEST;
      if (/** @type {number} */ (delays.at(-1)) <= longest) break;
      assert.ok(left > 1, `an entry came after up to ${delays.at(-1)} ms, ${TRIES} times`);
    }
    const most = await many.end();
    t.diagnostic(`${most} open files`);
    assert.ok(most <= MOST_OPEN, `${most} open files`);
    // Nothing came twice later.
    const all = many.lines.map((each) => each.split(" ").slice(0, 2).join(" "));
    assert.equal(new Set(all).size, all.length);
  });
}
