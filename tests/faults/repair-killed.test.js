// The fault: a repair is killed at any system call that it makes, or within any write.

import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { facts, run } from "./child.js";
import { damagedLog } from "./damaged-log.js";
import { temporaryDirectory } from "./directory.js";
import {
  checkComplete,
  checkRepaired,
  checkUnrepaired,
  putDamaged,
  savedBytes,
} from "./repaired-log.js";
import { trace, untraceable } from "./strace.js";

/** @import { Damage } from "skill-log" */

const { session, bytes, kinds } = damagedLog;

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
  await checkComplete(dir, damagedLog);
  const saved = savedBytes(join(dir, `${session}.damaged`), bytes.length);
  assert.equal(saved.filter((byte) => byte >= 0).length, report.saved);
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
  putDamaged(dir, damagedLog);
  return dir;
}

/**
 * Checks what a killed repair left, and that another repair completes the work.
 *
 * @param {string} dir
 * @param {string} when
 */
async function checkAfter(dir, when) {
  try {
    await checkUnrepaired(dir, damagedLog);
    await checkRepaired(dir, damagedLog);
  } catch (error) {
    throw new Error(when, { cause: error });
  }
}
