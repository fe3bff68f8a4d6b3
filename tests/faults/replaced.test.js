// The fault: the file of an open log is removed or renamed, or another file is renamed over it.

import assert from "node:assert/strict";
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { SessionLog, read } from "skill-log";

import { temporaryDirectory } from "./directory.js";
import { lineOf, numberedEntry } from "./numbered-entry.js";

const session = "replaced";
const entry = (/** @type {number} */ number) =>
  numberedEntry({ session, writer: "writer", number });

/** Milliseconds after which a log must notice that its path leads to another file. */
const documented = 500;

/**
 * `holds` are the numbers of the entries that the path leads to after the next append.
 *
 * @type {{ name: string, replace: (path: string, dir: string) => void, holds: number[] }[]}
 */
const atOnce = [
  { name: "removed", replace: (path) => rmSync(path), holds: [2] },
  {
    name: "removed and made again by another process",
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
      writeFileSync(
        join(dir, "other"),
        Buffer.concat([lineOf(entry(10)), lineOf(entry(11)).subarray(0, 50)]),
      );
      renameSync(join(dir, "other"), path);
    },
    holds: [10, 2],
  },
  {
    name: "removed with its directory",
    replace: (_, dir) => rmSync(dir, { recursive: true }),
    holds: [2],
  },
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
  test(`appends where the path leads when the file was ${name}`, async () => {
    const { dir, path, log } = await openLog();
    replace(path, dir);
    await log.append(entry(2));
    assert.deepEqual(await read(dir, session, { onDamage() {} }), holds.map(entry));
    await log.append(entry(3));
    assert.deepEqual(await read(dir, session, { onDamage() {} }), [...holds, 3].map(entry));
    await log.close();
  });
}

test("makes the new file and directory private when the first ones were removed", async () => {
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
  test(`appends where the path leads after a while when the file was renamed${other ? " and another made" : ""}`, async () => {
    const { dir, path, log } = await openLog();
    const away = join(dir, "away.jsonl");
    renameSync(path, away);
    const renamed = performance.now();
    if (other) {
      writeFileSync(path, "");
      chmodSync(path, 0o600);
    }
    const number = await appendUntilNoticed(log, renamed, () => bytesAt(path).length > 0);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    // No entry is lost, and none is in both files.
    const all = [...(await read(dir, "away")), ...(await read(dir, session))];
    assert.deepEqual(
      all,
      Array.from({ length: number }, (_, each) => entry(each)),
    );
    await log.close();
  });
}

test("appends where the path leads when the file was renamed while nobody appended", async () => {
  const { dir, path, log } = await openLog();
  renameSync(path, join(dir, "away.jsonl"));
  await pause(documented + 50);
  await log.append(entry(2));
  assert.deepEqual(await read(dir, session), [entry(2)]);
  await log.close();
});

test("reads where the path leads when the file was removed and made again", async () => {
  const { dir, path, log } = await openLog();
  rmSync(path);
  assert.deepEqual(await log.read(), []);
  appendFileSync(path, lineOf(entry(10)));
  assert.deepEqual(await log.read(), [entry(10)]);
  await log.close();
  assert.ok(existsSync(dir));
});

/** Opens a log with two entries in a new directory. */
async function openLog() {
  // Two levels deep, so that a test can rename the directory and its parent.
  const dir = join(temporaryDirectory(), "above", "logs");
  mkdirSync(dir, { recursive: true });
  const log = await SessionLog.open(dir, session);
  await log.append(entry(0));
  await log.append(entry(1));
  return { dir, path: join(dir, `${session}.jsonl`), log };
}

/**
 * Appends entries 2, 3, … until an append has noticed that the file was renamed. Returns the number
 * after the last entry.
 *
 * @param {SessionLog} log
 * @param {number} renamed when the file was renamed, by `performance.now()`
 * @param {() => boolean} isNoticed
 */
async function appendUntilNoticed(log, renamed, isNoticed) {
  let number = 2;
  let latest = renamed;
  while (!isNoticed()) {
    assert.ok(
      latest - renamed <= documented,
      `an append went to the old file ${Math.round(latest - renamed)} ms after the rename`,
    );
    latest = performance.now();
    await log.append(entry(number++));
    await pause(20);
  }
  return number;
}

/** @param {string} path */
function bytesAt(path) {
  return existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
}

test("makes the file again when it is removed between two appends that nobody awaits", async () => {
  const dir = temporaryDirectory();
  const log = await SessionLog.open(dir, session);
  for (let round = 0; round < 100; round += 2) {
    const first = log.append(entry(round));
    rmSync(join(dir, `${session}.jsonl`));
    const second = log.append(entry(round + 1));
    await first;
    await second;
    assert.deepEqual(
      readFileSync(join(dir, `${session}.jsonl`)),
      Buffer.from(lineOf(entry(round + 1))),
    );
  }
  await log.close();
});

/**
 * How the directory of an open log is moved. `holds` are the numbers of the entries that the path
 * leads to before the next append.
 *
 * @type {{ name: string, move: (dir: string) => void, holds: number[] }[]}
 */
const directories = [
  { name: "its directory is renamed", move: (dir) => renameSync(dir, `${dir}-away`), holds: [] },
  {
    name: "its directory is renamed and another is made",
    move(dir) {
      renameSync(dir, `${dir}-away`);
      mkdirSync(dir);
    },
    holds: [],
  },
  {
    name: "its directory is renamed and replaced by one with a log of that name",
    move(dir) {
      renameSync(dir, `${dir}-away`);
      mkdirSync(dir);
      writeFileSync(join(dir, `${session}.jsonl`), lineOf(entry(10)));
    },
    holds: [10],
  },
  {
    name: "the directory above it is renamed",
    move: (dir) => renameSync(dirname(dir), `${dirname(dir)}-away`),
    holds: [],
  },
];

/** Returns where the directory is after its rename. */
const awayOf = (/** @type {string} */ dir) =>
  [`${dir}-away`, join(`${dirname(dir)}-away`, basename(dir))].find(existsSync) ??
  assert.fail("the renamed directory was not found");

for (const { name, move, holds } of directories) {
  test(`appends where the path leads after a while, and loses nothing, when ${name}`, async () => {
    const { dir, path, log } = await openLog();
    const followed = log.follow({ from: "start" });
    for (const number of [0, 1])
      assert.deepEqual((await followed.next()).value?.entry, entry(number));
    move(dir);
    const moved = performance.now();
    const before = holds.length * lineOf(entry(10)).length;
    const number = await appendUntilNoticed(log, moved, () => bytesAt(path).length !== before);
    // Each entry is either in the moved file or where the path leads.
    const [old, now] = [await read(awayOf(dir), session), await read(dir, session)];
    assert.deepEqual(now.slice(0, holds.length), holds.map(entry));
    assert.deepEqual(
      [...old, ...now.slice(holds.length)],
      Array.from({ length: number }, (_, each) => entry(each)),
    );
    assert.ok(old.length > 2, "no append went to the old file, so the test proves nothing");
    // A follower returns them all.
    const expected = [...old.slice(2), ...now];
    for (const each of expected) assert.deepEqual((await followed.next()).value?.entry, each);
    await followed.return();
    await log.close();
  });

  test(`appends where the path leads at once when ${name} before the first synced append`, async () => {
    const { dir, log } = await openLog();
    move(dir);
    // The append syncs the directory that the path leads to.
    await log.append(entry(2), { sync: true });
    await log.append(entry(3), { sync: true });
    assert.deepEqual(await read(dir, session), [...holds, 2, 3].map(entry));
    assert.deepEqual(await read(awayOf(dir), session), [0, 1].map(entry));
    await log.close();
  });
}

test("keeps its file when its directory is renamed and comes back", async () => {
  const { dir, log } = await openLog();
  for (let number = 2; number < 6; number += 1) {
    renameSync(dir, `${dir}-away`);
    await log.append(entry(number));
    renameSync(`${dir}-away`, dir);
  }
  await pause(documented + 50);
  await log.append(entry(6));
  assert.deepEqual(
    await read(dir, session),
    Array.from({ length: 7 }, (_, number) => entry(number)),
  );
  await log.close();
});

test("keeps its file when its directory is renamed and a link leads there", {
  skip: process.platform === "win32" && "Windows has no such links",
}, async () => {
  const { dir, log } = await openLog();
  renameSync(dir, `${dir}-away`);
  symlinkSync(`${dir}-away`, dir);
  await pause(documented + 50);
  await log.append(entry(2));
  assert.deepEqual(await read(dir, session), [0, 1, 2].map(entry));
  await log.close();
});

test("refuses every append, and writes nothing, when a file replaced its directory", async () => {
  const { dir, log } = await openLog();
  renameSync(dir, `${dir}-away`);
  writeFileSync(dir, "another file");
  await pause(documented + 50);
  for (let round = 0; round < 3; round += 1)
    await assert.rejects(log.append(entry(2)), { name: "SkillLogError", code: "IO_ERROR" });
  assert.deepEqual(await read(`${dir}-away`, session), [0, 1].map(entry));
  assert.equal(readFileSync(dir, "utf8"), "another file");
  rmSync(dir);
  await log.append(entry(3));
  assert.deepEqual(await read(dir, session), [entry(3)]);
  await log.close();
});

test("refuses every append, and writes nothing, when its directory may not be searched", {
  skip: process.platform === "win32" && "Windows has no file modes",
}, async () => {
  const { dir, path, log } = await openLog();
  const before = readFileSync(path);
  await pause(documented + 50);
  chmodSync(dir, 0o600);
  if (process.geteuid?.() === 0) process.seteuid?.(65534);
  try {
    for (let round = 0; round < 3; round += 1)
      await assert.rejects(log.append(entry(2)), { name: "SkillLogError", code: "IO_ERROR", path });
  } finally {
    if (process.getuid?.() === 0) process.seteuid?.(0);
    chmodSync(dir, 0o700);
  }
  assert.deepEqual(readFileSync(path), before);
  await log.append(entry(2));
  assert.deepEqual(await read(dir, session), [0, 1, 2].map(entry));
  await log.close();
});
