// The fault: whole entries touch on one line, and the file must be rewritten to part them.

import assert from "node:assert/strict";
import fs from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { SessionLog, read } from "skill-log";

import { temporaryDirectory } from "./directory.js";
import { lineOf, numberedEntry } from "./numbered-entry.js";

const session = "exclusive";
const entry = (/** @type {number} */ number) => numberedEntry({ session, writer: "writer", number });
const text = (/** @type {number} */ number) => lineOf(entry(number)).toString().trimEnd();

test("the new file has the old one's mode and owner", async () => {
  const dir = temporaryDirectory();
  const path = join(dir, `${session}.jsonl`);
  fs.writeFileSync(path, `${text(0)}${text(1)}\n`);
  fs.chmodSync(path, 0o640);
  // Only root may give a file away; for others the owner is the same anyhow.
  if (process.getuid?.() === 0) fs.chownSync(path, 1234, 1234);
  const before = fs.statSync(path);
  const log = await SessionLog.open(dir, session);
  assert.equal((await log.repair({ exclusive: true })).left, 0);
  const { mode, uid, gid } = fs.statSync(path);
  assert.deepEqual({ mode, uid, gid }, { mode: before.mode, uid: before.uid, gid: before.gid });
  assert.equal((await read(dir, session)).length, 2);
  assert.deepEqual(fs.readdirSync(dir), [`${session}.jsonl`]);
  await log.close();
});

test("what the same log appends meanwhile is kept, and the rewriting ends", async () => {
  const dir = temporaryDirectory();
  const path = join(dir, `${session}.jsonl`);
  fs.writeFileSync(path, `${text(0)}${text(1)}\n${`${text(2)}\n`.repeat(5_000)}`);
  const log = await SessionLog.open(dir, session);
  let appended = 0;
  let isDone = false;
  const appending = (async () => {
    while (!isDone) {
      await log.append(entry(10 + appended));
      appended += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  await log.repair({ exclusive: true });
  isDone = true;
  await appending;
  const entries = await read(dir, session, { onDamage: () => assert.fail("there is damage") });
  assert.ok(appended > 0);
  assert.equal(entries.length, 5_002 + appended);
  await log.close();
});
