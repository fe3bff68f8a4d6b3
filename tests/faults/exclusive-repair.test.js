// The fault: whole entries touch on one line, so repair must rewrite the file to separate them.

import assert from "node:assert/strict";
import fs from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { SessionLog, read } from "skill-log";

import { temporaryDirectory } from "./directory.js";
import { lineOf, numberedEntry } from "./numbered-entry.js";

const session = "exclusive";
const entry = (/** @type {number} */ number) =>
  numberedEntry({ session, writer: "writer", number });
const text = (/** @type {number} */ number) => lineOf(entry(number)).toString().trimEnd();

test("keeps the mode and owner when it rewrites a log", async () => {
  const dir = temporaryDirectory();
  const path = join(dir, `${session}.jsonl`);
  fs.writeFileSync(path, `${text(0)}${text(1)}\n`);
  fs.chmodSync(path, 0o640);
  // Only root may change a file's owner. Without root, the owner stays the same anyway.
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

test("keeps what the same log appends while it is rewritten", async () => {
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
  const entries = await read(dir, session, { onDamage: () => assert.fail("damage was reported") });
  assert.ok(appended > 0);
  assert.equal(entries.length, 5_002 + appended);
  await log.close();
});

for (const names of [2, 3]) {
  test(`refuses to rewrite a log, and changes nothing, when its file has ${names} names`, async () => {
    const { dir, path, log } = await touching();
    for (let other = 1; other < names; other += 1) fs.linkSync(path, join(dir, `other-${other}`));
    const before = fs.readFileSync(path);
    for (const dryRun of [true, false]) {
      await assert.rejects(log.repair({ exclusive: true, dryRun }), (/** @type {any} */ error) => {
        assert.deepEqual(
          [error.name, error.code, error.path, error.links],
          ["SkillLogError", "HARD_LINKED", path, names],
        );
        assert.match(error.message, new RegExp(`has ${names} names`));
        return true;
      });
      assert.deepEqual(fs.readFileSync(path), before);
      assert.equal(fs.statSync(path).nlink, names);
      assert.ok(!fs.existsSync(join(dir, `${session}.damaged`)));
    }
    // A repair in place needs no other inode, and each name shows its result.
    assert.deepEqual((({ repaired, left }) => ({ repaired, left }))(await log.repair()), {
      repaired: 1,
      left: 1,
    });
    assert.deepEqual(fs.readFileSync(join(dir, "other-1")), fs.readFileSync(path));
    assert.equal((await log.repair({ dryRun: true })).left, 1);
    for (let other = 1; other < names; other += 1) fs.rmSync(join(dir, `other-${other}`));
    assert.equal((await log.repair({ exclusive: true })).left, 0);
    await log.close();
  });
}

test("repairs in place when a file has several names and no entries touch", async () => {
  const dir = temporaryDirectory();
  const path = join(dir, `${session}.jsonl`);
  fs.writeFileSync(path, `${text(0).slice(0, 50)}\n${text(1)}\n`);
  fs.linkSync(path, join(dir, "other"));
  const log = await SessionLog.open(dir, session);
  assert.equal((await log.repair({ exclusive: true, dryRun: true })).repaired, 1);
  assert.equal((await log.repair({ exclusive: true })).repaired, 1);
  assert.equal(fs.statSync(path).nlink, 2);
  await log.close();
});

test("removes the leftover file of an interrupted rewrite when it repairs again", async () => {
  const { dir, path, log } = await touching();
  fs.writeFileSync(`${path}.rewriting`, "left over", { mode: 0o644 });
  assert.equal((await log.repair({ exclusive: true })).left, 0);
  assert.deepEqual(fs.readdirSync(dir).sort(), [`${session}.damaged`, `${session}.jsonl`]);
  assert.equal((await read(dir, session)).length, 3);
  await log.close();
});

const other = `${text(7)}\n`;

/**
 * @type {{ what: string, move: (path: string, dir: string) => void, isElsewhere?: boolean, stays:
 *   (bytes: string) => string[] }[]}
 */
const moves = [
  {
    what: "is renamed away",
    move: (path) => fs.renameSync(path, `${path}.away`),
    stays: (bytes) => [bytes],
  },
  {
    what: "is replaced by another",
    move(path, dir) {
      fs.writeFileSync(join(dir, "new"), other);
      fs.renameSync(join(dir, "new"), path);
    },
    stays: () => [other],
  },
  {
    what: "is moved away with its directory",
    move(path, dir) {
      fs.renameSync(dir, `${dir}-away`);
      fs.mkdirSync(dir);
      fs.writeFileSync(path, other);
    },
    isElsewhere: true,
    stays: (bytes) => [bytes, other],
  },
];

for (const { what, move, isElsewhere, stays } of moves) {
  for (const exclusive of [false, true]) {
    const isRefused = exclusive || isElsewhere;
    test(`${isRefused ? "changes nothing" : "repairs the file it opened"} when the log ${what} during ${exclusive ? "an exclusive repair" : "a repair"}`, async () => {
      const base = temporaryDirectory();
      const dir = join(base, "logs");
      fs.mkdirSync(dir);
      const path = join(dir, `${session}.jsonl`);
      const torn = text(0).slice(0, 50);
      const bytes = `${exclusive ? text(0) : torn}${text(1)}\n`;
      fs.writeFileSync(path, bytes);
      const log = await SessionLog.open(dir, session);
      let isMoved = false;
      const onProgress = () => {
        if (!isMoved) move(path, dir);
        isMoved = true;
      };
      const repaired = log.repair({ exclusive, onProgress });
      if (isRefused) await assert.rejects(repaired, { code: "REPLACED", path });
      else await repaired;
      const names = fs.readdirSync(base, { recursive: true }).map(String);
      const files = names
        .map((name) => join(base, name))
        .filter((each) => each.includes(".jsonl") && fs.statSync(each).isFile());
      const all = files.map((each) => fs.readFileSync(each, "utf8"));
      const now = isRefused ? bytes : bytes.replace(torn, "\n".repeat(torn.length));
      assert.deepEqual(all.sort(), stays(now).sort());
      assert.equal(fs.existsSync(join(dir, `${session}.damaged`)), !isRefused);
      await log.close();
    });
  }
}

/** Makes a log with a torn line and two entries that touch. */
async function touching() {
  const dir = temporaryDirectory();
  const path = join(dir, `${session}.jsonl`);
  fs.writeFileSync(path, `${text(0)}\n${text(3).slice(0, 50)}\n${text(1)}${text(2)}\n`);
  return { dir, path, log: await SessionLog.open(dir, session) };
}
