// The files of a directory as sessions: how they are listed, removed, and read when none exists.

import assert from "node:assert/strict";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { pathToFileURL } from "node:url";

import { SessionLog, append, listSessions, read, removeSession } from "skill-log";

import { entry } from "../../support/lines.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { NOTHING } from "../reading-suite.js";

const posix = { skip: process.platform === "win32" && "Windows has no such names" };

/**
 * @param {string} path
 * @param {string} time
 * @param {string | Buffer} [bytes]
 */
function put(path, time, bytes = "") {
  writeFileSync(path, bytes);
  utimesSync(path, new Date(time), new Date(time));
}

test("lists sessions with size and time, newest first, when a directory has some", async (t) => {
  const dir = temporaryFolder(t);
  put(join(dir, "old.jsonl"), "2024-05-06T07:08:09.123Z", "12345");
  put(join(dir, "new.jsonl"), "2026-01-02T03:04:05Z");
  put(join(dir, "between.jsonl"), "2025-01-01T00:00:00Z", "é");
  assert.deepEqual(await listSessions(dir), [
    { id: "new", bytes: 0, modified: new Date("2026-01-02T03:04:05Z") },
    { id: "between", bytes: 2, modified: new Date("2025-01-01T00:00:00Z") },
    { id: "old", bytes: 5, modified: new Date("2024-05-06T07:08:09.123Z") },
  ]);
  assert.deepEqual(await listSessions(pathToFileURL(dir)), await listSessions(dir));
});

test("lists sessions by their ids when they have the same time", async (t) => {
  const dir = temporaryFolder(t);
  for (const id of ["c", "a", "d", "b"]) put(join(dir, `${id}.jsonl`), "2026-01-02T03:04:05Z");
  assert.deepEqual(
    (await listSessions(dir)).map(({ id }) => id),
    ["a", "b", "c", "d"],
  );
});

test("lists a session first when an entry was appended to it last", async (t) => {
  const dir = temporaryFolder(t);
  put(join(dir, "old.jsonl"), "2025-01-02T03:04:05Z");
  await append(dir, "s", entry("tdd"));
  const [first, second] = await listSessions(dir);
  assert.deepEqual([first.id, second.id], ["s", "old"]);
  assert.equal(first.bytes, lstatSync(join(dir, "s.jsonl")).size);
  await append(dir, "old", { skill: "tdd", final_status: "ok" });
  utimesSync(join(dir, "s.jsonl"), new Date(0), new Date(0));
  assert.deepEqual(
    (await listSessions(dir)).map(({ id }) => id),
    ["old", "s"],
  );
});

test("lists no session when a directory has only other files", async (t) => {
  const dir = temporaryFolder(t);
  for (const name of [
    "s.damaged",
    "s.json",
    "s.JSONL",
    "s.jsonl.gz",
    "s.jsonl~",
    "jsonl",
    "sjsonl",
    "s.jsonl.rewriting",
  ])
    writeFileSync(join(dir, name), "");
  mkdirSync(join(dir, "below"));
  writeFileSync(join(dir, "below", "s.jsonl"), "");
  assert.deepEqual(await listSessions(dir), []);
});

test("lists a file with the reason when its name is no valid id", posix, async (t) => {
  const dir = temporaryFolder(t);
  /** @type {Record<string, RegExp>} */
  const names = {
    ".jsonl": /is empty/,
    ".hidden.jsonl": /starts with a dot/,
    "a..b.jsonl": /holds "\.\."/,
    "a..jsonl": /ends in a dot/,
    "a .jsonl": /ends in a dot or a space/,
    "a:b.jsonl": /holds one of/,
    "a\\b.jsonl": /path separator/,
    "a\nb.jsonl": /control character/,
    "con.jsonl": /Windows/,
    [`${"a".repeat(201)}.jsonl`]: /more than 200 bytes/,
  };
  for (const name of Object.keys(names)) writeFileSync(join(dir, name), "bytes");
  writeFileSync(join(dir, "safe.jsonl"), "");
  const listed = new Map((await listSessions(dir)).map((info) => [`${info.id}.jsonl`, info]));
  assert.equal(listed.size, Object.keys(names).length + 1);
  assert.equal(listed.get("safe.jsonl")?.unsafe, undefined);
  for (const [name, reason] of Object.entries(names)) {
    const { bytes, unsafe, id } =
      listed.get(name) ?? assert.fail(`${JSON.stringify(name)} is not listed`);
    assert.match(unsafe ?? "", reason, name);
    assert.equal(bytes, 5);
    await assert.rejects(() => read(dir, id), { code: "INVALID_SESSION_ID" }, name);
  }
});

test("lists a file, and all others, when its name is not UTF-8", {
  skip: process.platform !== "linux" && "only Linux has such names",
}, async (t) => {
  const dir = temporaryFolder(t);
  const bytes = Buffer.concat([
    Buffer.from(`${dir}/caf`),
    Buffer.from([0xe9]),
    Buffer.from(".jsonl"),
  ]);
  writeFileSync(bytes, "1234567");
  utimesSync(bytes, new Date(1000), new Date(1000));
  put(join(dir, "caf\ufffd.jsonl"), "2026-01-02T03:04:05Z", "12");
  const [good, bad, ...others] = await listSessions(dir);
  assert.deepEqual(good, { id: "caf\ufffd", bytes: 2, modified: new Date("2026-01-02T03:04:05Z") });
  assert.equal(bad.bytes, 7);
  assert.equal(bad.modified.getTime(), 1000);
  assert.match(bad.unsafe ?? "", /UTF-8/);
  assert.deepEqual(others, []);
});

test(
  "lists with the reason, but neither reads nor removes, when a name is no regular file",
  posix,
  async (t) => {
    const dir = temporaryFolder(t);
    writeFileSync(join(dir, "target"), "a secret");
    symlinkSync("target", join(dir, "linked.jsonl"));
    symlinkSync("nothing", join(dir, "dangling.jsonl"));
    mkdirSync(join(dir, "directory.jsonl"));
    const listed = await listSessions(dir);
    assert.deepEqual(listed.map(({ id }) => id).sort(), ["dangling", "directory", "linked"]);
    const { size, mtime } = statSync(join(dir, "target"));
    const own = lstatSync(join(dir, "dangling.jsonl"));
    // A link has the facts of its target, when the target exists.
    assert.deepEqual(
      Object.fromEntries(
        listed.map(({ id, bytes, modified, link }) => [id, { bytes, modified, link }]),
      ),
      {
        linked: { bytes: size, modified: mtime, link: "target" },
        dangling: { bytes: own.size, modified: own.mtime, link: "nothing" },
        directory: {
          bytes: lstatSync(join(dir, "directory.jsonl")).size,
          modified: lstatSync(join(dir, "directory.jsonl")).mtime,
          link: undefined,
        },
      },
    );
    for (const { id, unsafe } of listed) {
      assert.match(unsafe ?? "", /not a regular file/, id);
      await assert.rejects(() => read(dir, id), {
        code: "NOT_A_REGULAR_FILE",
        path: join(dir, `${id}.jsonl`),
      });
      await assert.rejects(() => removeSession(dir, id), {
        code: "NOT_A_REGULAR_FILE",
        path: join(dir, `${id}.jsonl`),
      });
    }
    assert.equal(readFileSync(join(dir, "target"), "utf8"), "a secret");
    assert.equal(readdirSync(dir).length, 4);
  },
);

test("finds no sessions, and makes no directory, when there is none", async (t) => {
  const dir = join(temporaryFolder(t), "none", "here");
  assert.deepEqual(await listSessions(dir), []);
  assert.deepEqual(await read(dir, "s"), []);
  assert.deepEqual(await read(dir, "s", { strict: true }), []);
  assert.equal(await removeSession(dir, "s"), false);
  const log = await SessionLog.open(dir, "s");
  assert.deepEqual(await log.read(), []);
  for await (const record of log.records()) assert.fail(`a record without a file: ${record}`);
  for await (const record of log.records({ reverse: true }))
    assert.fail(`a record without a file: ${record}`);
  assert.deepEqual(await log.verify(), NOTHING);
  assert.deepEqual(await log.repair(), { ...NOTHING, repaired: 0, saved: 0, left: 0 });
  await log.close();
  assert.ok(!existsSync(join(dir, "..")));
});

test("reads no entries when a session has no file or an empty one", async (t) => {
  const dir = temporaryFolder(t);
  assert.deepEqual(await read(dir, "s"), []);
  assert.deepEqual(await read(dir, "s", { strict: true }), []);
  assert.deepEqual(readdirSync(dir), []);
  // An empty file has no entries either.
  writeFileSync(join(dir, "s.jsonl"), "");
  assert.deepEqual(await read(dir, "s"), []);
});

test("rejects with IO_ERROR when the directory to list is a file", async (t) => {
  const file = join(temporaryFolder(t), "file");
  writeFileSync(file, "");
  await assert.rejects(() => listSessions(file), {
    name: "SkillLogError",
    code: "IO_ERROR",
    path: file,
  });
});

test("rejects with INVALID_ARGUMENT when a directory is no path", async () => {
  for (const dir of [undefined, null, 7, {}, "", "a\0b", ["a"]]) {
    const facts = { name: "SkillLogError", code: "INVALID_ARGUMENT" };
    const bad = /** @type {any} */ (dir);
    await assert.rejects(() => listSessions(bad), facts);
    await assert.rejects(() => read(bad, "s"), facts);
    await assert.rejects(() => append(bad, "s", entry("tdd")), facts);
    await assert.rejects(() => removeSession(bad, "s"), facts);
    await assert.rejects(() => SessionLog.open(bad, "s"), facts);
  }
});

test("appends in the same directory when the working directory changes", async (t) => {
  const folder = temporaryFolder(t);
  const home = process.cwd();
  process.chdir(folder);
  try {
    const log = await SessionLog.open("logs", "s");
    process.chdir(home);
    await log.append(entry("tdd"));
    await log.close();
  } finally {
    process.chdir(home);
  }
  assert.deepEqual(await read(join(folder, "logs"), "s"), [entry("tdd")]);
});

test("removes a log, its saved damage and no other file when it removes a session", async (t) => {
  const dir = temporaryFolder(t);
  await append(dir, "s", entry("tdd"));
  await append(dir, "other", { skill: "tdd", final_status: "ok" });
  for (const name of ["s.damaged", "other.damaged", "s", "s.jsonl.gz", "s.txt"])
    writeFileSync(join(dir, name), "");
  assert.equal(await removeSession(dir, "s"), true);
  assert.deepEqual(readdirSync(dir).sort(), [
    "other.damaged",
    "other.jsonl",
    "s",
    "s.jsonl.gz",
    "s.txt",
  ]);
  assert.deepEqual(await read(dir, "s"), []);
  assert.equal(await removeSession(dir, "s"), false);
  assert.equal((await read(dir, "other")).length, 1);
  // The id is free again.
  await append(dir, "s", entry("tdd"));
  assert.equal((await read(dir, "s")).length, 1);
});

test("finds no session when the directory is a file", async (t) => {
  const file = join(temporaryFolder(t), "file");
  writeFileSync(file, "");
  assert.equal(await removeSession(file, "s"), false);
  assert.deepEqual(await read(file, "s"), []);
});
