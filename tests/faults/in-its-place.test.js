// The fault: where the log should be there is a link, a pipe, a directory, a socket or a device, by accident or by design.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";

import { SessionLog, append, read, removeSession } from "skill-log";

import { temporaryDirectory } from "./directory.js";
import { lineOf, numberedEntry } from "./numbered-entry.js";

const session = "s";
const entry = numberedEntry({ session, writer: "writer", number: 0 });
const posix = { skip: process.platform === "win32" && "Windows has no such things" };
/** In milliseconds. */
const patience = 5000;

/** @type {{ name: string, make: (path: string, dir: string) => void | Promise<unknown> }[]} */
const things = [
  {
    name: "a link to a log",
    make(path, dir) {
      writeFileSync(join(dir, "target.jsonl"), lineOf(entry));
      symlinkSync("target.jsonl", path);
    },
  },
  { name: "a link to nothing", make: (path) => symlinkSync("nothing", path) },
  { name: "a link to itself", make: (path) => symlinkSync(`${session}.jsonl`, path) },
  { name: "a link to a device", make: (path) => symlinkSync("/dev/null", path) },
  {
    name: "a link to a directory",
    make(path, dir) {
      mkdirSync(join(dir, "target"));
      symlinkSync("target", path);
    },
  },
  { name: "a directory", make: (path) => mkdirSync(path) },
  { name: "a pipe", make: (path) => execFileSync("mkfifo", [path]) },
  { name: "a socket", make: (path) => new Promise((done) => createServer().listen(path, () => done(undefined)).unref()) },
];

/** @type {{ name: string, call: (dir: string) => Promise<unknown> }[]} */
const calls = [
  { name: "append", call: (dir) => append(dir, session, entry) },
  {
    name: "append to a SessionLog",
    async call(dir) {
      const log = await SessionLog.open(dir, session);
      await log.append(entry).finally(() => log.close());
    },
  },
  { name: "read", call: (dir) => read(dir, session) },
  {
    name: "verify",
    async call(dir) {
      const log = await SessionLog.open(dir, session);
      await log.verify().finally(() => log.close());
    },
  },
  {
    name: "repair",
    async call(dir) {
      const log = await SessionLog.open(dir, session);
      await log.repair().finally(() => log.close());
    },
  },
  { name: "remove", call: (dir) => removeSession(dir, session) },
];

for (const { name: thing, make } of things) {
  for (const { name, call } of calls) {
    test(`${name}: ${thing} is refused, and left as it is`, posix, async () => {
      const dir = temporaryDirectory();
      const path = join(dir, `${session}.jsonl`);
      await make(path, dir);
      const before = everything(dir);
      const other = thing === "a pipe" ? otherEnd(path) : null;
      const start = performance.now();
      await assert.rejects(() => call(dir), (error) => {
        assert.deepEqual({ name: error.name, code: error.code, path: error.path }, { name: "SkillLogError", code: "NOT_A_REGULAR_FILE", path });
        assert.ok(error.message.includes(path), error.message);
        return true;
      });
      assert.ok(performance.now() - start < patience, "it has waited for the pipe's other end");
      other?.kill();
      assert.deepEqual(everything(dir), before);
    });
  }
}

/**
 * Opens the other end of a pipe, late: to open one end waits for the other, and nothing in a process that waits so can end
 * it. Without this, the tests would hang instead of fail.
 *
 * @param {string} path
 */
function otherEnd(path) {
  const script = `setTimeout(() => require("node:fs").openSync(${JSON.stringify(path)}, "r+"), ${patience})`;
  return spawn(process.execPath, ["-e", script], { stdio: "ignore" });
}

test("an open log whose file a link takes the place of is not written through it", posix, async () => {
  const dir = temporaryDirectory();
  const path = join(dir, `${session}.jsonl`);
  const log = await SessionLog.open(dir, session);
  await log.append(entry);
  writeFileSync(join(dir, "target"), "");
  execFileSync("ln", ["-sfn", "target", path]);
  await assert.rejects(() => log.append(entry), { code: "NOT_A_REGULAR_FILE", path });
  assert.equal(readFileSync(join(dir, "target"), "utf8"), "");
  await log.close();
});

test("repair does not write what it saves through a link", posix, async () => {
  const dir = temporaryDirectory();
  const path = join(dir, `${session}.jsonl`);
  const damaged = Buffer.concat([lineOf(entry).subarray(0, 50), Buffer.from("\n"), lineOf(entry)]);
  writeFileSync(path, damaged);
  writeFileSync(join(dir, "target"), "");
  symlinkSync("target", join(dir, `${session}.damaged`));
  const log = await SessionLog.open(dir, session);
  await assert.rejects(() => log.repair(), { code: "NOT_A_REGULAR_FILE", path: join(dir, `${session}.damaged`) });
  assert.equal(readFileSync(join(dir, "target"), "utf8"), "");
  assert.deepEqual(readFileSync(path), damaged, "nothing is overwritten that could not be saved");
  await log.close();
});

test("a directory reached through a link is as good as any", posix, async () => {
  const dir = temporaryDirectory();
  mkdirSync(join(dir, "real"));
  symlinkSync("real", join(dir, "linked"));
  await append(join(dir, "linked"), session, entry);
  assert.deepEqual(await read(join(dir, "real"), session), [entry]);
});

test("a file where the directory should be", async () => {
  const dir = join(temporaryDirectory(), "file");
  writeFileSync(dir, "of someone's");
  await assert.rejects(() => append(dir, session, entry), { name: "SkillLogError", code: "IO_ERROR" });
  assert.equal(readFileSync(dir, "utf8"), "of someone's");
});

/** @param {string} dir */
function everything(dir) {
  return readdirSync(dir).sort().map((name) => {
    const path = join(dir, name);
    const stat = lstatSync(path);
    return { name, mode: stat.mode, inode: stat.ino, size: stat.size, text: stat.isFile() && existsSync(path) && readFileSync(path, "utf8") };
  });
}
