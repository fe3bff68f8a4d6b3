// Checks that directories of sessions are kept, and that their growing sessions start anew.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";

import { SessionLog } from "skill-log";

import { grow, growingCount, growingSessionsOf, sessionsOf } from "./directories.js";
import { folder } from "./scratch.js";

const count = 37; // No row has as many.

after(() => {
  for (const name of readdirSync(folder))
    if (name.startsWith(`sessions-${count}x`)) rmSync(join(folder, name), { recursive: true });
});

test("makes the sessions once, and says how many bytes and entries they have", async () => {
  const { dir, names, bytes, entries } = sessionsOf(count, "15kb");
  const facts = names.map((name) => statSync(join(dir, name)));
  assert.equal(names.length, count);
  assert.equal(
    facts.reduce((sum, { size }) => sum + size, 0),
    bytes,
  );
  let found = 0;
  for (const name of names) {
    const log = await SessionLog.from(join(dir, name));
    for await (const { session_id } of log.entries())
      found += Number(`${session_id}.jsonl` === name);
    await log.close();
  }
  assert.equal(found, entries);
  sessionsOf(count, "15kb");
  assert.equal(statSync(join(dir, names[0])).ino, facts[0].ino);
});

test("appends an entry to each growing session, and to none when they are asked for again", () => {
  const first = growingSessionsOf(count, "2kb");
  const original = sessionsOf(count, "2kb");
  const path = join(first.dir, first.growing[3]);
  const before = readFileSync(path, "utf8");
  assert.equal(new Set(first.growing).size, growingCount);
  assert.equal(grow(first), growingCount);
  assert.equal(grow(first), growingCount);
  const lines = before.trimEnd().split("\n");
  assert.equal(readFileSync(path, "utf8"), `${before}${lines[9]}\n${lines[9]}\n`);
  assert.equal(readFileSync(join(original.dir, first.growing[3]), "utf8"), before);
  growingSessionsOf(count, "2kb");
  assert.equal(readFileSync(path, "utf8"), before);
});
