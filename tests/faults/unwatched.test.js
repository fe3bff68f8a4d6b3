// The fault: the system cannot watch files, has no watches left, or cannot read the log.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { SessionLog } from "skill-log";

import { ready, start } from "./child.js";
import { temporaryDirectory } from "./directory.js";
import { untraceable } from "./strace.js";

const session = "unwatched";
const count = 100;

/**
 * Starts a child that follows a log under strace, which makes some of its calls fail.
 *
 * @param {string} base
 * @param {string} inject
 * @param {string[]} [more] arguments of strace
 */
async function followUnder(base, inject, more = []) {
  const trace = join(base, "strace");
  const under = [
    "strace",
    "-f",
    "-qq",
    "-o",
    trace,
    ...more,
    "-e",
    `trace=${inject.split(":")[0]}`,
    "-e",
    `inject=${inject}`,
  ];
  const follower = start("follower.js", [join(base, "logs"), session, "start"], { under });
  await ready(follower);
  return {
    process: follower.process,
    /** Ends the child, and returns the lines it printed and the number of failed calls. */
    async end() {
      follower.process.stdin.end();
      const { code, stdout, stderr } = await follower.ended;
      assert.equal(code, 0, stderr);
      return {
        lines: stdout.trimEnd().split("\n").slice(1),
        failed: readFileSync(trace, "utf8").split("(INJECTED)").length - 1,
      };
    },
  };
}

for (const inject of ["inotify_add_watch:error=ENOSPC", "inotify_init1:error=EMFILE"]) {
  test(`returns entries within 100 ms when files cannot be watched (${inject})`, {
    skip: untraceable,
  }, async (t) => {
    const base = temporaryDirectory();
    const dir = join(base, "logs");
    const follower = await followUnder(base, inject);
    const log = await SessionLog.open(dir, session);
    for (let number = 0; number < count; number += 1) {
      if (number === 50) renameSync(join(dir, `${session}.jsonl`), join(dir, "away"));
      if (number === 80) rmSync(dir, { recursive: true });
      // Irregular pauses, so that appends do not fall in step with the follower.
      await pause(5 + ((number * 7) % 23) * 3);
      await log.append({
        timestamp: new Date(),
        skill: "writer",
        phase: `${number}`,
        final_status: "ok",
      });
    }
    await pause(500);
    const { lines, failed } = await follower.end();
    await log.close();
    assert.ok(failed > 0, "no call failed");
    assert.deepEqual(
      lines.map((line) => Number(/^\d+ writer (\d+):/.exec(line)?.[1])),
      Array.from({ length: count }, (_, number) => number),
    );
    const times = lines.map((line) => Number(line.split(" ")[0])).sort((a, b) => a - b);
    const [median, most, last] = [0.5, 0.95, 1].map((part) => times[Math.ceil(part * count) - 1]);
    t.diagnostic(`median ${median} ms, 95 % within ${most} ms, all within ${last} ms`);
    assert.ok(median <= 100, `median ${median} ms`);
    assert.ok(most <= 300, `95 % within ${most} ms`);
  });
}

test("rejects with IO_ERROR when the followed log can no longer be read", {
  skip: untraceable,
}, async () => {
  const base = temporaryDirectory();
  const path = join(base, "logs", `${session}.jsonl`);
  mkdirSync(join(base, "logs"));
  const log = await SessionLog.open(join(base, "logs"), session);
  // The first reads succeed, so that some entries come.
  const follower = await followUnder(base, "pread64:error=EIO:when=6+", ["-P", path]);
  let said = "";
  follower.process.stdout.on("data", (text) => (said += text));
  for (let number = 0; number < 500 && !said.includes("IO_ERROR"); number += 1) {
    await log.append({ skill: "writer", phase: `${number}`, final_status: "ok" });
    await pause(20);
  }
  const { lines, failed } = await follower.end();
  await log.close();
  assert.equal(failed, 1);
  assert.equal(lines.at(-1), "IO_ERROR");
  assert.ok(lines.length > 1, "no entry came before the error");
});
