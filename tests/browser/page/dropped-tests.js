// A user's own folder and a file in it, which other programs write to: what a page reads of them,
// and that it changes nothing.

import assert from "node:assert/strict";
import test from "node:test";
import { append, listSessions, read, removeSession, SessionLog, Sessions } from "skill-log";

import { followed } from "../../js/following/followed.js";
import { assertHoles, assertUnchanged } from "../../js/indexing/holes.js";
import { entry, line, TORN } from "../../js/support/lines.js";
import { collected } from "./many-logs-tests.js";
import { disk, droppedFile, droppedFolder } from "./user-files.js";

const skills = (/** @type {import("skill-log").Entry[]} */ entries) =>
  entries.map(({ skill }) => skill);

/** How a dropped log is opened: by its file, or by its folder. */
const ways = {
  "a dropped file": async () => SessionLog.from(await droppedFile("logs/s.jsonl")),
  "a dropped folder": async () => SessionLog.open(await droppedFolder("logs"), "s"),
};

/** @param {string} title @param {(log: SessionLog) => Promise<void>} body */
function eachWay(title, body) {
  for (const [name, drop] of Object.entries(ways)) {
    test(`${name}: ${title}`, async () => {
      await disk.write("logs/s.jsonl", `${line("a")}\n`);
      const log = await drop();
      try {
        await body(log);
      } finally {
        await log.close();
      }
    });
  }
}

export function droppedTests() {
  for (const isObserved of [true, false]) {
    test(`a dropped folder: returns what other programs append to any log when the browser ${isObserved ? "reports changes" : "reports no change"}`, async (t) => {
      const { FileSystemObserver } = /** @type {any} */ (globalThis);
      t.after(() => Object.assign(globalThis, { FileSystemObserver }));
      if (!isObserved) delete (/** @type {any} */ (globalThis).FileSystemObserver);
      await disk.write("many/a.jsonl", `${line("1")}\n`);
      await disk.write("many/below/b.jsonl", `${line("2")}\n`);
      const sessions = await Sessions.open(await droppedFolder("many"), { recursive: true });
      const follower = collected(sessions.follow());
      await follower.until(2);
      await disk.append("many/a.jsonl", `${line("3")}\n`);
      await disk.append("many/below/b.jsonl", `${line("4")}\n`);
      await disk.write("many/new.jsonl", `${line("5")}\n`);
      await follower.until(5);
      await disk.write("many/new", `${line("6")}\n${line("7")}\n`);
      await disk.rename("many/new", "many/a.jsonl");
      await follower.until(7);
      assert.deepEqual(follower.seen().sort(), [
        "a:1",
        "a:3",
        "a:6",
        "a:7",
        "below/b:2",
        "below/b:4",
        "new:5",
      ]);
      await sessions.close();
      await follower.ended;
    });
  }

  // Chromium's process ended, with all its tabs: see js/storage/browser/observing.js.
  test("a dropped folder: is followed when a follower of its log ends meanwhile", async (t) => {
    const { prototype } = FileSystemObserver;
    const { observe } = prototype;
    t.after(() => (prototype.observe = observe));
    await disk.write("many/a.jsonl", `${line("1")}\n`);
    for (let at = 0; at < 150; at += 1) await disk.write(`many/${at}/below/b.jsonl`, "");
    const folder = await droppedFolder("many");
    for (let round = 0; round < 3; round += 1) {
      const log = await SessionLog.open(folder, "a");
      const ofLog = followed(log.follow());
      await ofLog.until(1);
      const sessions = await Sessions.open(folder, { recursive: true });
      const observed = new Promise((done) => {
        prototype.observe = async function (handle, options) {
          const observing = observe.call(this, handle, options);
          if (handle.kind === "directory") {
            setTimeout(() => log.close(), round);
            // Chromium refuses it at times. Then it is tried again.
            observing.then(done, () => {});
          }
          return observing;
        };
      });
      const ofFolder = collected(sessions.follow());
      await observed;
      await ofLog.ended;
      await sessions.close();
      await ofFolder.ended;
    }
  });

  eachWay("reads the file as it is now when other programs change it", async (log) => {
    assert.deepEqual(skills(await log.read()), ["a"]);
    await disk.append("logs/s.jsonl", `${line("b")}\n`);
    assert.deepEqual(skills(await log.read()), ["a", "b"]);
    await disk.truncate("logs/s.jsonl", line("a").length + 1);
    assert.deepEqual(skills(await log.read()), ["a"]);
    await disk.write("new", `${line("c")}\n${line("d")}\n`);
    await disk.rename("new", "logs/s.jsonl");
    assert.deepEqual(skills(await log.read()), ["c", "d"]);
    assert.equal((await log.verify()).entries, 2);
  });

  eachWay("refreshes an index when the file grew, was replaced, and was removed", async (log) => {
    const index = await log.index();
    await disk.append("logs/s.jsonl", `${line("b")}\n${TORN}`);
    assert.deepEqual(await index.refresh(), { added: 1, removed: 0 });
    assert.deepEqual(await index.entry(1), entry("b"));
    assert.equal(index.pending?.length, TORN.length);
    assert.deepEqual([...(await index.search("b"))], [1]);
    await disk.write(
      "new",
      `${line("x", { message: "another file, and a longer one".repeat(10) })}\n`,
    );
    await disk.rename("new", "logs/s.jsonl");
    await assert.rejects(index.entry(1), { code: "REPLACED" });
    assert.deepEqual(await index.refresh(), { added: 1, removed: 2 });
    await assertHoles(index, [0, 1]);
    assert.deepEqual(skills(await index.entries([2])), ["x"]);
    assert.deepEqual(skills(await (await log.index()).entries({ start: 0, end: 1 })), ["x"]);
    await assertUnchanged(index);
    await disk.remove("logs/s.jsonl");
    await assert.rejects(index.entry(2), { code: "REPLACED" });
    assert.deepEqual(await index.refresh(), { added: 0, removed: 1 });
    await assertHoles(index, [0, 1, 2]);
    await assertUnchanged(index);
    await disk.write("logs/s.jsonl", `${line("c")}\n`);
    assert.deepEqual(await index.refresh(), { added: 1, removed: 0 });
    assert.deepEqual(await index.entry(3), entry("c"));
  });

  eachWay("yields whole entries when it follows what a process appends", async (log) => {
    const follower = followed(log.follow());
    const atEnd = followed(log.follow({ from: "end" }));
    await follower.until(1);
    await disk.append("logs/s.jsonl", `${line("b")}\n${TORN}`);
    await follower.until(2);
    await disk.append("logs/s.jsonl", `\n${line("c")}`);
    await follower.until(3);
    await disk.append("logs/s.jsonl", `\n${line("d", { message: "x".repeat(1_000_000) })}\n`);
    await follower.until(4);
    await atEnd.until(3);
    assert.deepEqual(follower.skills(), ["a", "b", "c", "d"]);
    assert.deepEqual(atEnd.skills(), ["b", "c", "d"]);
  });

  eachWay(
    "waits when the followed file is removed, and reads the next file from its start",
    async (log) => {
      const follower = followed(log.follow());
      await follower.until(1);
      await disk.remove("logs/s.jsonl");
      await disk.write("logs/s.jsonl", `${line("b")}\n${line("c")}\n`);
      await follower.until(3);
      await disk.write("new", `${line("d")}\n${line("e")}\n${line("f")}\n`);
      await disk.rename("new", "logs/s.jsonl");
      await follower.until(6);
      assert.deepEqual(follower.skills(), ["a", "b", "c", "d", "e", "f"]);
    },
  );

  eachWay("reads, indexes and verifies when a process appends without end", async (log) => {
    const many = Array.from(
      { length: 10_000 },
      (_, i) => `${line(`m${i}`, { message: "x".repeat(1000) })}\n`,
    ).join("");
    await disk.append("logs/s.jsonl", many);
    await disk.keepAppending("logs/s.jsonl", `${line("more")}\n`, 5);
    for (let round = 0; round < 5; round += 1) {
      const index = await log.index();
      assert(index.length > 10_000);
      assert.deepEqual(await index.entry(10_000), entry("m9999", { message: "x".repeat(1000) }));
      assert.equal((await index.search("m9999")).length, 1);
      const { length } = index;
      const { added, removed } = await index.refresh();
      assert.deepEqual([index.length, removed], [length + added, 0]);
      assert((await log.verify()).entries >= index.length);
      let count = 0;
      for await (const { skill } of log.entries()) count += Number(skill !== "more");
      assert.equal(count, 10_001);
    }
  });

  test("lists and reads sessions, and changes nothing, when a folder was dropped", async () => {
    const files = {
      "old.jsonl": `${line("old")}\n`,
      "new.jsonl": `${line("new")}\n${TORN}\n`,
      "a..b.jsonl": "12345",
      ".hidden.jsonl": "",
      "notes.txt": "not a log",
      "new.damaged": "what was saved",
      "below/s.jsonl": "below",
      "folder.jsonl/s.jsonl": "in it",
    };
    for (const [name, text] of Object.entries(files)) await disk.write(`logs/${name}`, text);
    await disk.setTime("logs/old.jsonl", 1000);
    await disk.setTime("logs/new.jsonl", 5000);
    const folder = await droppedFolder("logs");

    const listed = await listSessions(folder);
    const logs = listed.filter(({ unsafe }) => unsafe === undefined);
    assert.deepEqual(logs, [
      { id: "new", bytes: files["new.jsonl"].length, modified: new Date(5000) },
      { id: "old", bytes: files["old.jsonl"].length, modified: new Date(1000) },
    ]);
    const unsafe = Object.fromEntries(
      listed
        .filter(({ unsafe }) => unsafe !== undefined)
        .map(({ id, bytes, unsafe = "" }) => [id, { bytes, unsafe }]),
    );
    assert.deepEqual(Object.keys(unsafe).sort(), [".hidden", "a..b", "folder"]);
    assert.equal(unsafe.folder.unsafe, "not a file");
    assert.match(unsafe["a..b"].unsafe, /holds "\.\."/);
    assert.equal(unsafe["a..b"].bytes, 5);
    assert.match(unsafe[".hidden"].unsafe, /starts with a dot/);

    assert.deepEqual(await read(folder, "old"), [entry("old")]);
    assert.deepEqual(await read(folder, "none"), []);
    await assert.rejects(read(folder, "folder"), {
      code: "NOT_A_REGULAR_FILE",
      path: "logs/folder.jsonl",
    });
    for (const id of ["../logs/old", "a..b", "below/s"])
      await assert.rejects(read(folder, id), { code: "INVALID_SESSION_ID" });

    const log = await SessionLog.open(folder, "new");
    const readOnly = {
      code: "READ_ONLY",
      path: "logs",
      message: "logs is a folder of the user's: logs in it can only be read",
    };
    const more = { skill: "more", final_status: "ok" };
    const changes = [
      () => log.append(more),
      () => log.append([more, more], { sync: true }),
      () => log.repair(),
      () => log.repair({ dryRun: true }),
      () => append(folder, "new", more),
      () => append(folder, "none", more),
      () => removeSession(folder, "old"),
      () => removeSession(folder, "none"),
    ];
    for (const change of changes) await assert.rejects(change(), readOnly);
    const top = Object.keys(files).map((name) => name.replace(/\/.*/, ""));
    assert.deepEqual(await disk.names("logs"), top.sort());
    for (const [name, text] of Object.entries(files))
      assert.equal((await disk.bytes(`logs/${name}`)).toString(), text);
    await log.close();
  });

  test("finds no sessions when a dropped folder is gone", async () => {
    await disk.write("logs/s.jsonl", `${line("a")}\n`);
    const folder = await droppedFolder("logs");
    const log = await SessionLog.open(folder, "s");
    assert.deepEqual(await log.read(), [entry("a")]);
    await disk.remove("logs");
    assert.deepEqual(await listSessions(folder), []);
    assert.deepEqual(await log.read(), []);
    assert.equal((await log.index()).length, 0);
    // The log is still read-only, because it was read in a user's folder before.
    await assert.rejects(log.append(entry("b")), { code: "READ_ONLY", path: "logs" });
    assert.equal(await removeSession(folder, "s"), false);
    await disk.write("logs/s.jsonl", `${line("b")}\n`);
    assert.deepEqual(await log.read(), [entry("b")]);
    await assert.rejects(log.append(entry("c")), { code: "READ_ONLY" });
  });

  test("rejects with NOT_FOUND when a dropped file is gone", async () => {
    await disk.write("logs/s.jsonl", `${line("a")}\n`);
    const handle = await droppedFile("logs/s.jsonl");
    const log = await SessionLog.from(handle);
    await disk.remove("logs/s.jsonl");
    const missing = { code: "NOT_FOUND", path: "s.jsonl" };
    for (const call of [
      () => log.read(),
      () => log.index(),
      () => log.verify(),
      () => SessionLog.from(handle),
    ])
      await assert.rejects(call(), missing);
    await disk.write("logs/s.jsonl", `${line("b")}\n`);
    assert.deepEqual(await log.read(), [entry("b")]);
  });

  test("rejects with INVALID_ARGUMENT when a dropped folder is opened as a file", async () => {
    await disk.write("logs/s.jsonl", "");
    // @ts-expect-error no file's handle
    await assert.rejects(SessionLog.from(await droppedFolder("logs")), {
      code: "INVALID_ARGUMENT",
      message: /^source: expected .*, got an object \(FileSystemDirectoryHandle\)$/,
    });
  });
}
