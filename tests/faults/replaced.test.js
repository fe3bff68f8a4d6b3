// The fault: the file of an open log is removed, renamed away, or another one is renamed over it.

import assert from "node:assert/strict";
import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { SessionLog, read } from "skill-log";

import { temporaryDirectory } from "./directory.js";
import { lineOf, numberedEntry } from "./numbered-entry.js";

const session = "replaced";
const entry = (/** @type {number} */ number) => numberedEntry({ session, writer: "writer", number });

/** The longest that a log may go on with a file that was renamed: then it looks whether its path still leads there. */
const documented = 500;

/**
 * `holds`: the entries, by their numbers, that the path leads to after the next append.
 *
 * @type {{ name: string, replace: (path: string, dir: string) => void, holds: number[] }[]}
 */
const atOnce = [
  { name: "removed", replace: (path) => rmSync(path), holds: [2] },
  {
    name: "removed, and made again by another process",
    replace(path) {
      rmSync(path);
      writeFileSync(path, lineOf(entry(10)));
    },
    holds: [10, 2],
  },
  {
    name: "replaced by a file renamed over it",
    replace(path, dir) {
      writeFileSync(join(dir, "other"), lineOf(entry(10)));
      renameSync(join(dir, "other"), path);
    },
    holds: [10, 2],
  },
  {
    name: "replaced by a file that ends in a torn line",
    replace(path, dir) {
      writeFileSync(join(dir, "other"), Buffer.concat([lineOf(entry(10)), lineOf(entry(11)).subarray(0, 50)]));
      renameSync(join(dir, "other"), path);
    },
    holds: [10, 2],
  },
  { name: "removed with its directory", replace: (_, dir) => rmSync(dir, { recursive: true }), holds: [2] },
  {
    name: "emptied in place",
    replace: (path) => writeFileSync(path, ""),
    holds: [2],
  },
  {
    name: "cut in place, in the middle of a line",
    replace: (path) => writeFileSync(path, lineOf(entry(0)).subarray(0, 30)),
    holds: [2],
  },
];

for (const { name, replace, holds } of atOnce) {
  test(`${name}: the next append goes where the path leads`, async () => {
    const { dir, path, log } = await openLog();
    replace(path, dir);
    await log.append(entry(2));
    assert.deepEqual(await read(dir, session, { onDamage() {} }), holds.map(entry));
    await log.append(entry(3));
    assert.deepEqual(await read(dir, session, { onDamage() {} }), [...holds, 3].map(entry));
    await log.close();
  });
}

test("removed: the new file and the new directory are as private as the first ones", async () => {
  const { dir, path, log } = await openLog();
  const umask = process.umask(0);
  try {
    rmSync(dir, { recursive: true });
    await log.append(entry(2));
  } finally {
    process.umask(umask);
  }
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal(statSync(dir).mode & 0o777, 0o700);
  await log.close();
});

for (const other of [false, true]) {
  test(`renamed away${other ? ", and another one made" : ""}: after a while, entries go where the path leads`, async () => {
    const { dir, path, log } = await openLog();
    const away = join(dir, "away.jsonl");
    renameSync(path, away);
    const renamed = performance.now();
    if (other) {
      writeFileSync(path, "");
      chmodSync(path, 0o600);
    }
    let number = 2;
    let latest = renamed;
    while (bytesAt(path).length === 0) {
      assert.ok(latest - renamed <= documented, `an append ${Math.round(latest - renamed)} ms later goes to the old file`);
      latest = performance.now();
      await log.append(entry(number++));
      await pause(20);
    }
    assert.equal(statSync(path).mode & 0o777, 0o600);
    // No entry is lost on the way, and none is in both.
    const all = [...await read(dir, "away"), ...await read(dir, session)];
    assert.deepEqual(all, Array.from({ length: number }, (_, each) => entry(each)));
    await log.close();
  });
}

test("renamed away while no one appends: the next append after the while goes where the path leads", async () => {
  const { dir, path, log } = await openLog();
  renameSync(path, join(dir, "away.jsonl"));
  await pause(documented + 50);
  await log.append(entry(2));
  assert.deepEqual(await read(dir, session), [entry(2)]);
  await log.close();
});

test("a log that is open to read also reads where the path leads", async () => {
  const { dir, path, log } = await openLog();
  rmSync(path);
  assert.deepEqual(await log.read(), []);
  appendFileSync(path, lineOf(entry(10)));
  assert.deepEqual(await log.read(), [entry(10)]);
  await log.close();
  assert.ok(existsSync(dir));
});

/** Opens a log in a directory of its own, with two entries in it. */
async function openLog() {
  const dir = join(temporaryDirectory(), "logs");
  mkdirSync(dir);
  const log = await SessionLog.open(dir, session);
  await log.append(entry(0));
  await log.append(entry(1));
  return { dir, path: join(dir, `${session}.jsonl`), log };
}

/** @param {string} path */
function bytesAt(path) {
  return existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
}

test("removed between two appends that nobody awaits: the second one makes the file again", async () => {
  const dir = temporaryDirectory();
  const log = await SessionLog.open(dir, session);
  for (let round = 0; round < 100; round += 2) {
    const first = log.append(entry(round));
    rmSync(join(dir, `${session}.jsonl`));
    const second = log.append(entry(round + 1));
    await first;
    await second;
    assert.deepEqual(readFileSync(join(dir, `${session}.jsonl`)), Buffer.from(lineOf(entry(round + 1))));
  }
  await log.close();
});
