// The fault: a link, pipe, directory, socket or device stands where the log, or a file that repair
// writes beside it, should be.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { basename, join } from "node:path";
import { test } from "node:test";

import { SessionLog, append, listSessions, read, removeSession } from "skill-log";

import { temporaryDirectory } from "./directory.js";
import { lineOf, numberedEntry } from "./numbered-entry.js";

/** @import { SkillLogError } from "skill-log" */

const session = "s";
const entry = numberedEntry({ session, writer: "writer", number: 0 });
const posix = { skip: process.platform === "win32" && "Windows has no such files" };
/** Milliseconds that a call may take. */
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
  { name: "a link to itself", make: (path) => symlinkSync(basename(path), path) },
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
  {
    name: "a socket",
    make: (path) =>
      new Promise((done) =>
        createServer()
          .listen(path, () => done(undefined))
          .unref(),
      ),
  },
];

/** @param {(log: SessionLog) => Promise<unknown>} call */
const opened = (call) => async (/** @type {string} */ dir) => {
  const log = await SessionLog.open(dir, session);
  return call(log).finally(() => log.close());
};

/** A torn line, which repair saves, and entries that touch, for which repair rewrites the file. */
const toRepair = Buffer.concat([
  lineOf(entry).subarray(0, 50),
  Buffer.from("\n"),
  lineOf(entry).subarray(0, -1),
  lineOf(entry),
]);

/** @type {Record<string, (dir: string) => Promise<unknown>>} */
const calls = {
  append: (dir) => append(dir, session, entry),
  "append to an open log": opened((log) => log.append(entry)),
  read: (dir) => read(dir, session, { onDamage() {} }),
  "read backwards": opened((log) => log.records({ reverse: true, onDamage() {} }).next()),
  follow: opened((log) => log.follow({ onDamage() {} }).next()),
  index: opened((log) => log.index()),
  verify: opened((log) => log.verify()),
  repair: opened((log) => log.repair()),
  "try out a repair": opened((log) => log.repair({ dryRun: true })),
  "repair exclusively": opened((log) => log.repair({ exclusive: true })),
  "try out an exclusive repair": opened((log) => log.repair({ exclusive: true, dryRun: true })),
  remove: (dir) => removeSession(dir, session),
};

/** A log's files, and the calls that refuse when something else stands at each file's name. */
const places = {
  [`${session}.jsonl`]: Object.keys(calls),
  [`${session}.damaged`]: [
    "repair",
    "try out a repair",
    "repair exclusively",
    "try out an exclusive repair",
    "remove",
  ],
  [`${session}.jsonl.rewriting`]: ["repair exclusively", "try out an exclusive repair"],
};

for (const { name: thing, make } of things) {
  for (const [file, refused] of Object.entries(places)) {
    for (const [name, call] of Object.entries(calls)) {
      const isRefused = refused.includes(name);
      test(
        `${isRefused ? "refuses to" : "leaves it alone when told to"} ${name} when ${file} is ${thing}`,
        posix,
        async () => {
          const dir = temporaryDirectory();
          const path = join(dir, file);
          if (file !== `${session}.jsonl`) writeFileSync(join(dir, `${session}.jsonl`), toRepair);
          await make(path, dir);
          const before = everything(dir);
          const other = thing === "a pipe" ? otherEnd(path) : null;
          const start = performance.now();
          if (isRefused) {
            await assert.rejects(
              () => call(dir),
              (/** @type {SkillLogError} */ error) => {
                assert.deepEqual(
                  { name: error.name, code: error.code, path: error.path },
                  { name: "SkillLogError", code: "NOT_A_REGULAR_FILE", path },
                );
                assert.ok(error.message.includes(path), error.message);
                return true;
              },
            );
            assert.deepEqual(everything(dir), before);
          } else {
            await call(dir);
            const of = (/** @type {ReturnType<typeof everything>} */ all) =>
              all.find((each) => each.name === file);
            assert.deepEqual(of(everything(dir)), of(before));
          }
          assert.ok(
            performance.now() - start < patience,
            "the call waited for the other end of the pipe",
          );
          other?.kill();
        },
      );
    }
  }
}

test(
  "removes neither file, and says what is in the way, when one is a directory",
  posix,
  async () => {
    for (const [name, kind] of [
      [`${session}.damaged`, "a directory"],
      [`${session}.jsonl`, "a directory"],
    ]) {
      const dir = temporaryDirectory();
      for (const each of [`${session}.damaged`, `${session}.jsonl`])
        if (each !== name) writeFileSync(join(dir, each), "part of the log");
      mkdirSync(join(dir, name));
      await assert.rejects(removeSession(dir, session), {
        message: `${join(dir, name)}: ${kind} is in the way, and no regular file: nothing was removed; move it away first`,
      });
      assert.deepEqual(readdirSync(dir).sort(), [`${session}.damaged`, `${session}.jsonl`]);
    }
  },
);

test(
  "leaves a directory in the place of saved damage when it removes a missing log",
  posix,
  async () => {
    const dir = temporaryDirectory();
    mkdirSync(join(dir, `${session}.damaged`));
    assert.equal(await removeSession(dir, session), false);
    assert.deepEqual(readdirSync(dir), [`${session}.damaged`]);
    // A regular file there is removed, because an interrupted removal may have left it.
    const other = temporaryDirectory();
    writeFileSync(join(other, `${session}.damaged`), "part of the log");
    assert.equal(await removeSession(other, session), false);
    assert.deepEqual(readdirSync(other), []);
  },
);

/** A user without root's rights, for tests that run as root. */
const nobody = 65534;
const isRoot = process.geteuid?.() === 0;

/**
 * Runs a call as a user whom file modes restrict.
 *
 * @template T
 * @param {() => Promise<T>} call
 */
async function unprivileged(call) {
  if (!isRoot) return call();
  process.seteuid?.(nobody);
  try {
    return await call();
  } finally {
    process.seteuid?.(0);
  }
}

const own = (/** @type {string[]} */ ...paths) => {
  if (isRoot) for (const path of paths) chownSync(path, nobody, nobody);
};

/** @type {{ what: string, of: string, mode: number, refused: string[], about: string }[]} */
const closed = [
  {
    what: "a log that may not be opened",
    of: `${session}.jsonl`,
    mode: 0,
    refused: Object.keys(calls).filter((name) => name !== "remove"),
    about: `${session}.jsonl`,
  },
  {
    what: "saved damage that may not be opened",
    of: `${session}.damaged`,
    mode: 0,
    refused: ["repair", "repair exclusively"],
    about: `${session}.damaged`,
  },
  {
    what: "a directory that may not be searched",
    of: ".",
    mode: 0o600,
    refused: Object.keys(calls),
    about: `${session}.jsonl`,
  },
  {
    what: "a directory that may not be written to",
    of: ".",
    mode: 0o500,
    refused: ["remove"],
    about: `${session}.damaged`,
  },
];

for (const { what, of, mode, refused, about } of closed) {
  for (const [name, call] of Object.entries(calls)) {
    if (of === "." && name === "repair exclusively" && !refused.includes(name)) continue;
    const isRefused = refused.includes(name);
    test(
      `${isRefused ? "fails and changes nothing" : "succeeds"} when told to ${name} with ${what}`,
      posix,
      async () => {
        const dir = temporaryDirectory();
        const files = [`${session}.jsonl`, `${session}.damaged`].map((file) => join(dir, file));
        for (const file of files) writeFileSync(file, toRepair, { mode: 0o600 });
        own(dir, ...files);
        const before = everything(dir);
        chmodSync(join(dir, of), mode);
        const called = unprivileged(() => call(dir));
        const facts = { name: "SkillLogError", code: "IO_ERROR", path: join(dir, about) };
        await (isRefused ? assert.rejects(called, facts) : called);
        if (existsSync(join(dir, of))) chmodSync(join(dir, of), of === "." ? 0o700 : 0o600);
        if (isRefused) assert.deepEqual(everything(dir), before);
      },
    );
  }
}

test("says that the saved damage is removed when the log cannot be", {
  skip: !isRoot && "only root can make a file of another user",
}, async () => {
  const dir = temporaryDirectory();
  const [log, saved] = [`${session}.jsonl`, `${session}.damaged`].map((file) => join(dir, file));
  for (const file of [log, saved]) writeFileSync(file, "");
  own(saved);
  // With the sticky bit, each user may remove only their own files.
  chmodSync(dir, 0o1777);
  await assert.rejects(
    unprivileged(() => removeSession(dir, session)),
    {
      code: "IO_ERROR",
      path: log,
      message: /cannot remove .*s\.jsonl: .*; its saved damage, .*s\.damaged, is removed already$/,
    },
  );
  assert.deepEqual(
    (await listSessions(dir)).map(({ id }) => id),
    [session],
  );
});

/**
 * Opens the other end of a pipe after some seconds. Opening one end blocks the process until the
 * other end opens, so without this the tests would hang instead of fail.
 *
 * @param {string} path
 */
function otherEnd(path) {
  const script = `setTimeout(() => require("node:fs").openSync(${JSON.stringify(path)}, "r+"), ${patience})`;
  return spawn(process.execPath, ["-e", script], { stdio: "ignore" });
}

test(
  "does not write through a link when the link replaced the file of an open log",
  posix,
  async () => {
    const dir = temporaryDirectory();
    const path = join(dir, `${session}.jsonl`);
    const log = await SessionLog.open(dir, session);
    await log.append(entry);
    writeFileSync(join(dir, "target"), "");
    execFileSync("ln", ["-sfn", "target", path]);
    await assert.rejects(() => log.append(entry), { code: "NOT_A_REGULAR_FILE", path });
    assert.equal(readFileSync(join(dir, "target"), "utf8"), "");
    await log.close();
  },
);

test("does not save damage through a link when it repairs", posix, async () => {
  const dir = temporaryDirectory();
  const path = join(dir, `${session}.jsonl`);
  const damaged = Buffer.concat([lineOf(entry).subarray(0, 50), Buffer.from("\n"), lineOf(entry)]);
  writeFileSync(path, damaged);
  writeFileSync(join(dir, "target"), "");
  symlinkSync("target", join(dir, `${session}.damaged`));
  const log = await SessionLog.open(dir, session);
  await assert.rejects(() => log.repair(), {
    code: "NOT_A_REGULAR_FILE",
    path: join(dir, `${session}.damaged`),
  });
  assert.equal(readFileSync(join(dir, "target"), "utf8"), "");
  assert.deepEqual(
    readFileSync(path),
    damaged,
    "the log was overwritten, and its damage was not saved",
  );
  await log.close();
});

test("appends when a link leads to the directory", posix, async () => {
  const dir = temporaryDirectory();
  mkdirSync(join(dir, "real"));
  symlinkSync("real", join(dir, "linked"));
  await append(join(dir, "linked"), session, entry);
  assert.deepEqual(await read(join(dir, "real"), session), [entry]);
});

test("fails with IO_ERROR when the directory is a file", async () => {
  const dir = join(temporaryDirectory(), "file");
  writeFileSync(dir, "another file");
  await assert.rejects(() => append(dir, session, entry), {
    name: "SkillLogError",
    code: "IO_ERROR",
  });
  assert.equal(readFileSync(dir, "utf8"), "another file");
});

/** @param {string} dir */
function everything(dir) {
  return readdirSync(dir)
    .sort()
    .map((name) => {
      const path = join(dir, name);
      const stat = lstatSync(path);
      return {
        name,
        mode: stat.mode,
        inode: stat.ino,
        size: stat.size,
        text: stat.isFile() && existsSync(path) && readFileSync(path, "utf8"),
      };
    });
}
