// The fault: a repair is killed at any system call that it makes, or within any write.

import assert from "node:assert/strict";
import { mkdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { SessionLog, read } from "skill-log";

import { facts, run } from "./child.js";
import { damagedLog } from "./damaged-log.js";
import { temporaryDirectory } from "./directory.js";
import { briefly } from "./numbered-entry.js";
import { checkSaved, repairedFiles, savedBytes } from "./saved-damage.js";
import { trace, untraceable } from "./strace.js";

/** @import { Damage } from "skill-log" */

const { session, bytes: original, entries, kinds, pending } = damagedLog;

/** Calls that can change a file or its durability. strace ignores calls that the machine lacks. */
const changing = [
  "open",
  "openat",
  "creat",
  "write",
  "writev",
  "pwrite64",
  "pwritev",
  "fsync",
  "fdatasync",
  "rename",
  "renameat",
  "renameat2",
  "ftruncate",
  "truncate",
  "link",
  "linkat",
  "unlink",
  "unlinkat",
  "chmod",
  "fchmod",
  "fchmodat",
  "close",
];

test("finds, saves and overwrites every kind of damage when it is not killed", async () => {
  const dir = damagedDirectory(temporaryDirectory(), "whole");
  const { ino } = statSync(join(dir, `${session}.jsonl`));
  const report = await facts("single-repair.js", [dir, session]);
  assert.deepEqual(
    report.damage.map((/** @type {Damage} */ { kind }) => kind),
    kinds,
  );
  assert.equal(report.left, 0);
  assert.ok(report.repaired > 0);
  await check(dir);
  assert.equal(savedBytes(dir, session).size, report.saved);
  // Repair keeps the inode, because writers have that file open.
  assert.equal(statSync(join(dir, `${session}.jsonl`)).ino, ino);
});

test("loses nothing when it is killed at any system call that changes a file", {
  skip: untraceable,
}, async (t) => {
  const base = temporaryDirectory();
  /** @param {string} name @param {string} [inject] */
  const repair = async (name, inject) => {
    const dir = damagedDirectory(base, name);
    const paths = [join(dir, `${session}.jsonl`), join(dir, `${session}.damaged`), dir];
    return {
      dir,
      ...(await trace("single-repair.js", [dir, session], {
        dir: base,
        calls: changing,
        paths,
        inject,
      })),
    };
  };
  const { code, stderr, calls } = await repair("unharmed");
  assert.equal(code, 0, stderr);
  const names = [...new Set(calls.map(({ name }) => name))];
  t.diagnostic(`calls: ${calls.map(({ name }) => name).join(" ")}`);
  for (const name of ["openat", "write", "pwrite64", "close"])
    assert.ok(names.includes(name), `the repair made no ${name} call`);
  checkOrder(calls);

  for (const name of names) {
    for (let nth = 1; ; nth++) {
      const { dir, code, signal, stderr } = await repair(
        `${name}-${nth}`,
        `${name}:signal=SIGKILL:when=${nth}`,
      );
      if (signal !== "SIGKILL") {
        assert.equal(code, 0, stderr);
        // strace counts per thread, so a call that it never met was made on another thread.
        assert.ok(nth > 1, `strace met no ${name} call`);
        break;
      }
      await checkAfter(dir, `killed at ${name} ${nth}`);
    }
  }
});

test("loses nothing when it is killed within any write", async () => {
  const base = temporaryDirectory();
  for (const at of ["0", "0.5", "-1"]) {
    for (let nth = 1; ; nth++) {
      const dir = damagedDirectory(base, `write-${at}-${nth}`);
      const env = { CUT_WRITE: `${nth}`, CUT_AT: at };
      const { code, signal, stderr } = await run("single-repair.js", [dir, session], {
        preload: "cut-write.js",
        env,
      });
      if (signal !== "SIGKILL") {
        assert.equal(code, 0, stderr);
        assert.ok(nth > 4, "no write was cut: repair does not write through fs.writeSync");
        break;
      }
      await checkAfter(dir, `killed at ${at} of write ${nth}`);
    }
  }
});

/**
 * Checks that repair syncs the saved bytes before it overwrites them, because power may be lost
 * too.
 *
 * @param {import("./strace.js").Call[]} calls
 */
function checkOrder(calls) {
  const unsynced = new Set();
  let overwritten = 0;
  for (const { name, args } of calls) {
    const isSaved = args.includes(`${session}.damaged>`);
    if (isSaved && name === "write") unsynced.add("the saved bytes").add("the name of their file");
    if (/^f(data)?sync$/.test(name))
      unsynced.delete(isSaved ? "the saved bytes" : "the name of their file");
    if (name !== "pwrite64") continue;
    assert.ok(args.includes(`${session}.jsonl>`), args);
    assert.deepEqual(
      [...unsynced],
      [],
      "bytes were overwritten before the saved bytes were synced",
    );
    overwritten++;
  }
  assert.ok(overwritten > 0);
}

/**
 * @param {string} base
 * @param {string} name
 */
function damagedDirectory(base, name) {
  const dir = join(base, name);
  mkdirSync(dir);
  writeFileSync(join(dir, `${session}.jsonl`), original);
  makeOld(dir);
  return dir;
}

/**
 * Sets back the log's time of change, so that no read waits for a writer to overwrite its NULs.
 *
 * @param {string} dir
 */
function makeOld(dir) {
  // Less than a minute, because after a minute repair also ends the pending line.
  const time = Date.now() / 1000 - 20;
  utimesSync(join(dir, `${session}.jsonl`), time, time);
}

/**
 * Checks what a killed repair left, and that another repair completes the work.
 *
 * @param {string} dir
 * @param {string} when
 */
async function checkAfter(dir, when) {
  try {
    makeOld(dir);
    await checkLeft(dir);
    const log = await SessionLog.open(dir, session);
    await log.repair();
    await log.close();
    await check(dir);
  } catch (error) {
    throw new Error(when, { cause: error });
  }
}

/**
 * @param {string} dir
 * @param {boolean} [isDone] whether the repair is complete
 */
async function checkLeft(dir, isDone = false) {
  assert.deepEqual(briefly(await read(dir, session, { onDamage() {} })), briefly(entries));
  checkSaved(dir, session, original, isDone);
}

/**
 * Checks that a repair is complete: no damage, nothing lost, and another repair changes nothing.
 *
 * @param {string} dir
 */
async function check(dir) {
  await checkLeft(dir, true);
  const log = await SessionLog.open(dir, session);
  const { damage, pending: left } = await log.verify();
  assert.deepEqual(
    { damage, offset: left?.offset, length: left?.length },
    { damage: [], ...pending },
  );
  const before = repairedFiles(dir, session);
  const report = await log.repair();
  assert.equal(report.repaired, 0);
  const after = repairedFiles(dir, session);
  assert.ok(before.log.equals(after.log), "the second repair changed the log");
  assert.ok(before.saved.equals(after.saved), "the second repair changed the saved damage");
  await log.close();
}
