// What `Sessions` does with a directory of logs.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { listSessions, Sessions } from "skill-log";

import { collected } from "../support/collected.js";
import { entry, line, TORN } from "../support/lines.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const nobody = 65534;
const isRoot = process.getuid?.() === 0;

/**
 * Calls `act` as a user whom file modes bind.
 *
 * @template T
 * @param {() => Promise<T>} act
 */
async function asNobody(act) {
  if (isRoot) process.seteuid?.(nobody);
  try {
    return await act();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}

/**
 * Writes logs, each changed a second after the log before it.
 *
 * @param {string} dir
 * @param {Record<string, string>} files
 */
function write(dir, files) {
  for (const [at, [name, text]] of Object.entries(files).entries()) {
    const file = path.join(dir, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
    fs.utimesSync(file, 1e9 + at, 1e9 + at);
  }
}

const LOGS = {
  "b.jsonl": `${line("b")}\n${line("a", { final_status: "failed" })}\n`,
  "a.jsonl": `${line("a")}\n${TORN}\n${TORN}`,
  "sub/deep/a.jsonl": `${line("c")}\n`,
  "notes.txt": "no log",
};

test("lists the newest first with what each log holds, indexes by id, and verifies", async (t) => {
  const dir = temporaryFolder(t);
  write(dir, LOGS);
  const sessions = await Sessions.open(dir);
  assert.equal(sessions.path, dir);
  const listed = await collected(sessions.list());
  assert.deepEqual(
    listed.map(({ id, entries, damaged, skill, final_status, pending, bytes }) => ({
      ...{ id, entries, damaged, skill, final_status, bytes },
      pending: pending?.length,
    })),
    [
      {
        ...{ id: "a", entries: 1, damaged: 1, skill: "a", final_status: "ok" },
        bytes: LOGS["a.jsonl"].length,
        pending: TORN.length,
      },
      {
        ...{ id: "b", entries: 2, damaged: 0, skill: "a", final_status: "failed" },
        bytes: LOGS["b.jsonl"].length,
        pending: undefined,
      },
    ],
  );
  assert.equal(listed[0].modified.getTime(), (1e9 + 1) * 1000);
  const index = await sessions.index();
  assert.deepEqual(
    index.range(0, 3).map(({ session, skill }) => `${session} ${skill}`),
    ["a a", "b b", "b a"],
  );
  assert.equal((await sessions.index({ ids: ["b", "none"] })).length, 2);
  /** @type {string[]} */
  const damage = [];
  const onDamage = (/** @type {any} */ each) => damage.push(`${each.session} ${each.kind}`);
  const reports = await sessions.verify({ onDamage });
  assert.deepEqual(
    reports.map(({ session, entries }) => [session, entries]),
    [
      ["a", 1],
      ["b", 2],
    ],
  );
  assert.deepEqual(damage, ["a torn"]);
  const log = sessions.open("new");
  await log.append({ ...entry("n"), session_id: "new" });
  await log.close();
  assert.deepEqual(await index.refresh(), { added: 1, removed: 0 });
  await sessions.close();
});

test("lists what the index has of each log when there are many, whether rows are kept or not", async (t) => {
  const dir = temporaryFolder(t);
  const names = Array.from({ length: 400 }, (_, at) => `log-${at}.jsonl`);
  write(
    dir,
    Object.fromEntries(names.map((name, at) => [name, `${line(`${at}`)}\n`.repeat(at % 4)])),
  );
  for (const cache of [false, temporaryFolder(t)]) {
    const sessions = await Sessions.open(dir, { cache });
    const listed = await collected(sessions.list());
    const logs = (await sessions.index()).logs();
    const contents = new Map(logs.map(({ session, ...rest }) => [session, rest]));
    assert.equal(listed.length, 400);
    for (const { id, ...summary } of listed) assert.deepEqual(summary, contents.get(id));
    await sessions.close();
  }
});

test("finds the logs of subdirectories when recursive, and opens them by their ids", async (t) => {
  const dir = temporaryFolder(t);
  write(dir, LOGS);
  fs.symlinkSync(dir, path.join(dir, "sub", "loop"));
  fs.mkdirSync(path.join(dir, "dir.jsonl"));
  write(dir, { "dir.jsonl/x.jsonl": `${line("x")}\n` });
  const sessions = await Sessions.open(dir, { recursive: true, links: true });
  const index = await sessions.index({ onFailure: () => {} });
  assert.deepEqual(
    index.logs().flatMap(({ session, entries }) => (entries > 0 ? [session] : [])),
    ["a", "b", "dir.jsonl/x", "sub/deep/a"],
  );
  const log = sessions.open("sub/deep/a");
  assert.deepEqual(await collected(log.entries()), [entry("c")]);
  await log.close();
  for (const id of ["../a", "sub/../a", "/a", "sub//a", ""])
    assert.throws(() => sessions.open(id), { code: "INVALID_SESSION_ID" });
  await sessions.close();
});

test("names links and other files, and reads only the links that it is told to read", async (t) => {
  const dir = temporaryFolder(t);
  const other = temporaryFolder(t);
  write(dir, { "a.jsonl": `${line("a")}\n` });
  write(other, { target: `${line("t")}\n` });
  fs.symlinkSync(path.join(other, "target"), path.join(dir, "link.jsonl"));
  fs.symlinkSync("nowhere", path.join(dir, "broken.jsonl"));
  fs.symlinkSync(other, path.join(dir, "folder.jsonl"));
  fs.symlinkSync("self.jsonl", path.join(dir, "self.jsonl"));
  fs.mkdirSync(path.join(dir, "d.jsonl"));
  spawnSync("mkfifo", [path.join(dir, "fifo.jsonl")]);
  const all = ["a", "broken", "d", "fifo", "folder", "link", "self"];
  for (const [links, read] of /** @type {[boolean, string[]][]} */ ([
    [false, ["a"]],
    [true, ["a", "link"]],
  ])) {
    const sessions = await Sessions.open(dir, { links });
    /** @type {string[]} */
    const failed = [];
    const onFailure = (/** @type {unknown} */ _, /** @type {string} */ id) => failed.push(id);
    const index = await sessions.index({ onFailure });
    assert.deepEqual(
      index.logs().flatMap(({ session, entries }) => (entries > 0 ? [session] : [])),
      read,
    );
    // With `links`, each file that cannot be read is named.
    if (links) assert.ok(["d", "fifo", "folder", "self"].every((id) => failed.includes(id)));
    else assert.deepEqual(failed, []);
    const listed = await collected(sessions.list());
    assert.deepEqual(listed.map(({ id }) => id).sort(), all);
    for (const { id, entries, link, unsafe } of listed) {
      assert.equal(entries, read.includes(id) ? 1 : 0, id);
      assert.equal(unsafe === undefined, id === "a", id);
      assert.equal(link !== undefined, !["a", "d", "fifo"].includes(id), id);
    }
    const reports = await sessions.verify({ onFailure });
    assert.equal(reports.length, read.length);
    await sessions.close();
  }
});

test("reads logs whose names are unsafe or no UTF-8, each by itself", async (t) => {
  const dir = temporaryFolder(t);
  const names = ["CON.jsonl", "a\nb.jsonl", "a.jsonl", "b.jsonl", "\ufffd.jsonl", ".jsonl"];
  for (const name of names) fs.writeFileSync(path.join(dir, name), `${line("a")}\n`);
  for (const byte of [0xfe, 0xff]) {
    const name = Buffer.concat([Buffer.from(`${dir}/`), Buffer.of(byte), Buffer.from(".jsonl")]);
    fs.writeFileSync(name, `${line("b")}\n${line("b")}\n`);
  }
  const cache = temporaryFolder(t);
  for (let round = 0; round < 2; round += 1) {
    const sessions = await Sessions.open(dir, { cache });
    const index = await sessions.index();
    assert.equal(index.length, names.length + 4);
    assert.equal((await index.entries(index.select())).length, names.length + 4);
    assert.deepEqual(await index.refresh(), { added: 0, removed: 0 });
    const listed = await collected(sessions.list());
    assert.equal(listed.length, names.length + 2);
    assert.equal(listed.filter(({ entries }) => entries === 2).length, 2);
    assert.equal(listed.filter(({ unsafe }) => unsafe).length, 5);
    assert.equal((await sessions.verify()).length, names.length + 2);
    await sessions.close();
  }
});

test("reports a subdirectory that cannot be listed or searched, and reads the others", async (t) => {
  const dir = temporaryFolder(t);
  write(dir, { ...LOGS, "sub/b.jsonl": `${line("d")}\n`, "more/c.jsonl": `${line("e")}\n` });
  fs.chmodSync(dir, 0o755);
  const sessions = await Sessions.open(dir, { recursive: true });
  const index = await sessions.index({ onFailure: () => {} });
  for (const mode of [0o300, 0o744]) {
    fs.chmodSync(path.join(dir, "sub"), mode);
    await asNobody(async () => {
      await assert.rejects(sessions.index(), { code: "IO_ERROR" });
      await assert.rejects(sessions.verify(), { code: "IO_ERROR" });
      /** @type {string[]} */
      const failures = [];
      const onFailure = (/** @type {any} */ { code }, /** @type {string} */ id) =>
        failures.push(`${id} ${code}`);
      assert.equal((await sessions.index({ onFailure })).length, 4);
      assert.equal((await sessions.verify({ onFailure })).length, 3);
      assert.equal((await sessions.index({ ids: ["a", "more/c"] })).length, 2);
      await assert.rejects(sessions.index({ ids: ["sub/b"] }), { code: "IO_ERROR" });
      assert.deepEqual(failures, ["sub/ IO_ERROR", "sub/ IO_ERROR"]);
      // Their rows stay, because nobody knows that they are gone.
      assert.deepEqual(await index.refresh(), { added: 0, removed: 0 });
      const listed = await collected(sessions.list());
      assert.deepEqual(
        listed.map(
          ({ id, entries, error }) => `${id} ${entries} ${/** @type {any} */ (error)?.code}`,
        ),
        ["more/c 1 undefined", "a 1 undefined", "b 2 undefined", "sub/ 0 IO_ERROR"],
      );
      const [sub] = (await listSessions(dir, { recursive: true })).slice(-1);
      assert.deepEqual([sub.id, sub.bytes], ["sub/", 0]);
      assert.match(String(sub.unsafe), /a directory that cannot be listed/);
    });
  }
  fs.rmSync(path.join(dir, "sub"), { recursive: true });
  assert.deepEqual(await index.refresh(), { added: 0, removed: 2 });
  await sessions.close();
});

test("finds nothing below subdirectories that are removed or replaced meanwhile", async (t) => {
  const dir = temporaryFolder(t);
  write(dir, { "a/a.jsonl": `${line("a")}\n`, "b/b.jsonl": "", "c/c.jsonl": "" });
  const sessions = await Sessions.open(dir, { recursive: true });
  const { readdirSync, lstatSync } = fs;
  t.mock.method(fs, "readdirSync", (/** @type {any[]} */ ...given) => {
    const names = Reflect.apply(readdirSync, fs, given);
    if (given[0] === path.join(dir, "/")) fs.rmSync(path.join(dir, "b"), { recursive: true });
    return names;
  });
  t.mock.method(fs, "lstatSync", (/** @type {any[]} */ ...given) => {
    if (given[0] === path.join(dir, "c", "c.jsonl")) {
      fs.rmSync(path.join(dir, "c"), { recursive: true });
      fs.writeFileSync(path.join(dir, "c"), "");
    }
    return Reflect.apply(lstatSync, fs, given);
  });
  assert.deepEqual(
    (await collected(sessions.list())).map(({ id }) => id),
    ["a/a"],
  );
});

test("has no logs while there is no directory, and finds them later", async (t) => {
  const dir = path.join(temporaryFolder(t), "later");
  const sessions = await Sessions.open(dir);
  assert.deepEqual(await collected(sessions.list()), []);
  assert.deepEqual(await sessions.verify(), []);
  const index = await sessions.index();
  assert.deepEqual([index.length, index.logs()], [0, []]);
  write(dir, LOGS);
  assert.deepEqual(await index.refresh(), { added: 3, removed: 0 });
  fs.rmSync(dir, { recursive: true });
  assert.deepEqual(await index.refresh(), { added: 0, removed: 3 });
  await sessions.close();
});

test("reports a log that cannot be read, and reads the others", async (t) => {
  const dir = temporaryFolder(t);
  write(dir, LOGS);
  fs.chmodSync(dir, 0o755);
  fs.chmodSync(path.join(dir, "b.jsonl"), 0);
  const sessions = await Sessions.open(dir);
  await asNobody(async () => {
    await assert.rejects(sessions.index(), { code: "IO_ERROR" });
    await assert.rejects(sessions.verify(), { code: "IO_ERROR" });
    /** @type {[any, string][]} */
    const failures = [];
    const onFailure = (/** @type {unknown} */ error, /** @type {string} */ id) =>
      failures.push([error, id]);
    const index = await sessions.index({ onFailure });
    const reports = await sessions.verify({ onFailure });
    assert.deepEqual([index.length, reports.length], [1, 1]);
    assert.deepEqual(
      failures.map(([{ code }, id]) => [code, id]),
      [
        ["IO_ERROR", "b"],
        ["IO_ERROR", "b"],
      ],
    );
    const listed = await collected(sessions.list());
    assert.deepEqual(
      listed.map(({ id, error }) => [id, /** @type {any} */ (error)?.code]),
      [
        ["a", undefined],
        ["b", "IO_ERROR"],
      ],
    );
  });
  // A directory that may be listed, but not searched.
  fs.chmodSync(dir, 0o744);
  await asNobody(() =>
    assert.rejects(sessions.index(), { code: "IO_ERROR", name: "SkillLogError" }),
  );
  fs.chmodSync(dir, 0o711);
  await asNobody(() =>
    assert.rejects(sessions.index(), { code: "IO_ERROR", name: "SkillLogError" }),
  );
  fs.chmodSync(dir, 0o755);
  await sessions.close();
});

/** @type {[what: string, call: (sessions: Sessions, dir: string) => any][]} */
const invalid = [
  ...[undefined, null, 7, {}, ""].map(
    (dir) =>
      /** @type {any} */ ([
        `directory ${String(dir)}`,
        () => Sessions.open(/** @type {any} */ (dir)),
      ]),
  ),
  ...[
    { recursive: 1 },
    { links: "yes" },
    { cache: "" },
    { cache: 1 },
    { threads: 0 },
    { threads: 65 },
    { threads: 1.5 },
    { threads: "2" },
    { unknown: true },
  ].map(
    (options) =>
      /** @type {any} */ ([
        `open ${JSON.stringify(options)}`,
        (/** @type {any} */ _, /** @type {string} */ dir) =>
          Sessions.open(dir, /** @type {any} */ (options)),
      ]),
  ),
  ...["index", "verify"].flatMap((method) =>
    [
      { ids: "a" },
      { ids: [1] },
      { signal: {} },
      { onProgress: 1 },
      { onFailure: 1 },
      { unknown: 1 },
    ].map(
      (options) =>
        /** @type {any} */ ([
          `${method} ${JSON.stringify(options)}`,
          (/** @type {any} */ sessions) => sessions[method](options),
        ]),
    ),
  ),
  ["verify onDamage", (sessions) => sessions.verify(/** @type {any} */ ({ onDamage: 1 }))],
  ["list signal", (sessions) => collected(sessions.list(/** @type {any} */ ({ signal: 1 })))],
  ["list unknown", (sessions) => collected(sessions.list(/** @type {any} */ ({ ids: [] })))],
];

test("rejects with INVALID_ARGUMENT when an argument or option is not valid", async (t) => {
  const dir = temporaryFolder(t);
  const sessions = await Sessions.open(dir);
  for (const [what, call] of invalid)
    await assert.rejects(async () => call(sessions, dir), { code: "INVALID_ARGUMENT" }, what);
  await sessions.close();
});

test("rejects with CLOSED after it was closed, while an index goes on", async (t) => {
  const dir = temporaryFolder(t);
  write(dir, LOGS);
  const sessions = await Sessions.open(dir, { threads: 2 });
  const index = await sessions.index();
  await sessions.close();
  await sessions.close();
  assert.throws(() => sessions.open("a"), { code: "CLOSED" });
  await assert.rejects(sessions.index(), { code: "CLOSED" });
  await assert.rejects(sessions.verify(), { code: "CLOSED" });
  await assert.rejects(collected(sessions.list()), { code: "CLOSED" });
  fs.appendFileSync(path.join(dir, "b.jsonl"), `${line("z")}\n`);
  assert.deepEqual(await index.refresh(), { added: 1, removed: 0 });
});

test("stops soon when it is aborted, for whatever reason, and reports progress", async (t) => {
  const dir = temporaryFolder(t);
  const text = `${line("a", { message: "x".repeat(300) })}\n`.repeat(30);
  for (let at = 0; at < 6000; at += 1) fs.writeFileSync(path.join(dir, `${at}.jsonl`), text);
  const sessions = await Sessions.open(dir, { threads: 2 });
  /** @type {{ bytes: number, total: number }[]} */
  const progress = [];
  const index = await sessions.index({ onProgress: (each) => progress.push(each) });
  assert.equal(index.length, 180_000);
  assert.ok(progress.length > 10);
  const total = 6000 * text.length;
  assert.deepEqual(progress.at(-1), { bytes: total, total });
  assert.ok(progress.every(({ bytes }, at) => at === 0 || bytes >= progress[at - 1].bytes));
  /** @type {[string, (signal: AbortSignal) => Promise<unknown>][]} */
  const calls = [
    ["index", (signal) => sessions.index({ signal })],
    ["verify", (signal) => sessions.verify({ signal })],
    ["list", (signal) => collected(sessions.list({ signal }))],
    ["search", (signal) => index.search("nothing", { signal })],
  ];
  for (const [what, call] of calls) {
    for (const reason of [new Error("enough"), null, "text", 0]) {
      const controller = new AbortController();
      const done = call(controller.signal).then(
        () => ["it ended"],
        (error) => [error, performance.now()],
      );
      await wait(30);
      const start = performance.now();
      controller.abort(reason);
      const [error, end] = await done;
      assert.equal(error, reason, what);
      assert.ok(end - start < 100, `${what} took ${end - start} ms to stop`);
    }
    await assert.rejects(call(AbortSignal.abort("before")), (error) => error === "before");
  }
  assert.equal((await sessions.index()).length, 180_000);
  await sessions.close();
});

test("opens each log once when entries of several refreshes are read", async (t) => {
  const dir = temporaryFolder(t);
  const names = ["a", "b", "c"].map((name) => path.join(dir, `${name}.jsonl`));
  const sessions = await Sessions.open(dir);
  const index = await sessions.index();
  for (let round = 0; round < 10; round += 1) {
    for (const name of names) fs.appendFileSync(name, `${line(path.basename(name)[0])}\n`);
    await index.refresh();
  }
  const open = t.mock.method(fs, "openSync");
  const entries = await index.entries(index.select());
  assert.equal(open.mock.callCount(), names.length);
  assert.deepEqual(
    entries.map(({ skill }) => skill),
    Array.from(index.select(), (row) => index.row(row).skill),
  );
  await sessions.close();
});
