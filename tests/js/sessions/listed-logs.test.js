// Sessions of a list: files by their paths, Blobs and bytes.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import test from "node:test";

import { listSessions, Sessions } from "skill-log";

import { collected } from "../support/collected.js";
import { line } from "../support/lines.js";
import { temporaryFolder } from "../support/temporary-folder.js";

/** @param {string} skill */
const text = (skill) => `${line(skill)}\n`;

test("reads files in the order of their paths, each once, when they are named by path", async (t) => {
  const dir = temporaryFolder(t);
  const [a, b] = ["a.jsonl", "b.txt"].map((name) => path.join(dir, name));
  fs.writeFileSync(a, text("a"));
  fs.writeFileSync(b, text("b"));
  fs.symlinkSync(b, path.join(dir, "link.jsonl"));
  const url = pathToFileURL(a);
  const sessions = await Sessions.open([b, a, a, path.join(dir, "link.jsonl"), url]);
  const index = await sessions.index();
  const rows = index.range(0, index.length);
  assert.deepEqual(
    rows.map(({ session, skill }) => [session, skill]),
    [
      [a, "a"],
      [b, "b"],
      [url.href, "a"],
      [path.join(dir, "link.jsonl"), "b"],
    ].sort(([one], [other]) => (one < other ? -1 : 1)),
  );
  const [{ modified }] = index.logs();
  assert.deepEqual(modified, fs.statSync(a).mtime);
});

test("reads what was appended when the index is refreshed", async (t) => {
  const file = path.join(temporaryFolder(t), "x");
  const sessions = await Sessions.open([file]);
  const index = await sessions.index();
  assert.equal(index.length, 0);
  fs.writeFileSync(file, text("a"));
  assert.deepEqual(await index.refresh(), { added: 1, removed: 0 });
  fs.appendFileSync(file, text("b"));
  assert.deepEqual(await index.refresh(), { added: 1, removed: 0 });
});

test("reads bytes, Blobs and Files when they are named", async () => {
  const sessions = await Sessions.open([
    Buffer.from(text("bytes")),
    Buffer.from(text("more")),
    new Blob([text("blob")]),
    new File([text("file")], "log.jsonl", { lastModified: 1000 }),
  ]);
  const index = await sessions.index();
  assert.deepEqual(
    index.logs().map(({ session, skill }) => [session, skill]),
    [
      ["blob", "blob"],
      ["bytes", "bytes"],
      ["bytes (2)", "more"],
      ["log", "file"],
    ],
  );
  assert.equal((await index.entry(3)).skill, "file");
  assert.deepEqual([...(await index.search("more"))], [2]);
  assert.deepEqual(await index.refresh(), { added: 0, removed: 0 });
});

test("opens a log of the list only to read it", async (t) => {
  const file = path.join(temporaryFolder(t), "x.jsonl");
  fs.writeFileSync(file, text("a"));
  const sessions = await Sessions.open([file]);
  const log = sessions.open(file);
  assert.equal((await log.read())[0].skill, "a");
  await assert.rejects(log.append({ skill: "b", final_status: "ok" }), { code: "READ_ONLY" });
  await assert.rejects(log.repair(), { code: "READ_ONLY" });
  assert.throws(() => sessions.open("other"), { code: "NOT_FOUND" });
  await assert.rejects(collected(sessions.follow()), { code: "INVALID_ARGUMENT" });
  assert.equal(fs.readFileSync(file, "utf8"), text("a"));
});

test("refuses what is no log when it is in the list", async () => {
  for (const wrong of ["", "a\0b", 1, null, {}])
    await assert.rejects(Sessions.open([/** @type {any} */ (wrong)]), { code: "INVALID_ARGUMENT" });
});

test("reports a pipe, and reads the others, when links are read", async (t) => {
  const dir = temporaryFolder(t);
  fs.writeFileSync(path.join(dir, "a.jsonl"), text("a"));
  fs.mkdirSync(path.join(dir, "folder.jsonl"));
  fs.symlinkSync("nowhere", path.join(dir, "broken.jsonl"));
  const sessions = await Sessions.open(dir, { links: true });
  /** @type {string[]} */
  const failed = [];
  const index = await sessions.index({ onFailure: (_, id) => void failed.push(id) });
  assert.deepEqual(failed, ["folder"]);
  assert.equal(index.length, 1);
  await assert.rejects(sessions.index(), { code: "NOT_A_REGULAR_FILE" });
  assert.equal((await (await Sessions.open(dir)).index()).length, 1);
});

test("opens logs of subdirectories by their ids, and nothing outside", async (t) => {
  const dir = temporaryFolder(t);
  fs.mkdirSync(path.join(dir, "sub/deep"), { recursive: true });
  fs.writeFileSync(path.join(dir, "sub/deep/a.jsonl"), text("a"));
  const [{ id, unsafe }] = await listSessions(dir, { recursive: true });
  assert.deepEqual([id, unsafe], ["sub/deep/a", undefined]);
  assert.deepEqual(await listSessions(dir), []);
  const sessions = await Sessions.open(dir, { recursive: true });
  const log = sessions.open(id);
  await log.append({ skill: "b", final_status: "ok" });
  const entries = await log.read();
  assert.deepEqual([entries.length, entries[1].session_id], [2, "a"]);
  for (const outside of ["../a", "sub/../../a", "/a", "sub//a", "./a", "sub/.."])
    assert.throws(() => sessions.open(outside), { code: "INVALID_SESSION_ID" });
  assert.deepEqual(
    (await collected(sessions.list())).map((summary) => summary.id),
    [id],
  );
  await sessions.close();
});

test("measures the cache, and removes nothing else when it is cleared", async (t) => {
  const dir = temporaryFolder(t);
  const cache = path.join(dir, "cache");
  fs.mkdirSync(path.join(dir, "logs"));
  const many = Array.from({ length: 50 }, (_, at) => text(`skill ${at}`)).join("");
  for (const name of ["a", "b"]) fs.writeFileSync(path.join(dir, "logs", `${name}.jsonl`), many);
  assert.equal(await Sessions.cacheSize(cache), 0);
  const sessions = await Sessions.open(path.join(dir, "logs"), { cache });
  await sessions.index();
  await sessions.close();
  fs.writeFileSync(path.join(cache, "notes.rows.txt"), "mine");
  const size = await Sessions.cacheSize(cache);
  assert.equal(size > 50, true);
  await Sessions.clearCache(cache);
  assert.equal(await Sessions.cacheSize(cache), 0);
  assert.deepEqual(fs.readdirSync(cache), ["notes.rows.txt"]);
});
