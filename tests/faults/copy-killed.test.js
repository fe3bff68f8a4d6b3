// The fault: a process is killed (SIGKILL) at any moment while it copies a log.

import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { copySession, listSessions, SessionLog } from "skill-log";

import { Random } from "../conformance/random.js";
import { ready, start } from "./child.js";
import { temporaryDirectory } from "./directory.js";
import { lineOf, numberedEntry } from "./numbered-entry.js";

const RUNS = 30;

/** The longest wait before a kill: some copies are done then. It is a part of what one takes. */
const LONGEST_WAIT = 1.5;

const ENTRIES = 40;
const LENGTH = 1 << 20;

test(`makes a whole log or none when ${RUNS} copies are killed`, async (t) => {
  const dir = temporaryDirectory();
  const bytes = Buffer.concat(
    Array.from({ length: ENTRIES }, (_, number) =>
      lineOf(numberedEntry({ session: "from", writer: "writer", number, length: LENGTH })),
    ),
  );
  writeFileSync(join(dir, "from.jsonl"), bytes);
  const path = join(dir, "to.jsonl");
  const random = new Random(1);
  const first = start("copier.js", [dir, "from", "to"]);
  await ready(first);
  const begin = performance.now();
  await first.ended;
  const longest = LONGEST_WAIT * (performance.now() - begin);
  rmSync(path);
  const outcome = { none: 0, whole: 0 };
  for (let run = 0; run < RUNS; run += 1) {
    const copier = start("copier.js", [dir, "from", "to"]);
    await ready(copier);
    await pause(random.fraction() * longest);
    copier.process.kill("SIGKILL");
    const { stdout, stderr } = await copier.ended;
    assert.equal(stderr, "");
    const isMade = existsSync(path);
    assert.ok(isMade || !stdout.includes("done"));
    if (isMade) assert.ok(readFileSync(path).equals(bytes));
    outcome[isMade ? "whole" : "none"] += 1;
    // What the kill left is no log.
    const names = (await listSessions(dir)).map(({ id }) => id).sort();
    assert.deepEqual(names, isMade ? ["from", "to"] : ["from"]);
    rmSync(path, { force: true });
  }
  assert.ok(outcome.none > 0 && outcome.whole > 0, JSON.stringify(outcome));
  const from = await SessionLog.open(dir, "from");
  const to = await SessionLog.open(dir, "to");
  await copySession(from, to);
  assert.ok(readFileSync(path).equals(bytes));
  await Promise.all([from.close(), to.close()]);
  t.diagnostic(JSON.stringify(outcome));
});
