// The sessions of a directory of OPFS, by its path and by its handle.

import assert from "node:assert/strict";
import test from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { listSessions, SessionLog, Sessions } from "skill-log";

import { collected } from "../../js/support/collected.js";
import { entry, line } from "../../js/support/lines.js";
import { copyOfPackage, replace } from "./faults.js";
import { opfsFolder } from "./opfs-place.js";

/** @typedef {import("skill-log").SessionsOptions} SessionsOptions */
/** @typedef {import("skill-log").LogIndex} LogIndex */

/** @param {...string} skills */
const text = (...skills) => skills.map((skill) => `${line(skill)}\n`).join("");

/** @param {LogIndex} index the skills of the rows that are there */
const skillsOf = (index) => [...index.select()].map((row) => index.row(row).skill);

/**
 * @param {import("node:test").TestContext} t
 * @param {import("skill-log").Directory | readonly import("skill-log").FileSource[]} source
 * @param {SessionsOptions} [options]
 * @param {typeof Sessions} [Class]
 */
async function opened(t, source, options, Class = Sessions) {
  const sessions = await Class.open(source, options);
  t.after(() => sessions.close());
  return sessions;
}

/** How a directory is named. @type {Record<string, (folder: FileSystemDirectoryHandle) => any>} */
const ways = { "a path": ({ name }) => name, "a handle": (folder) => folder };

/** A file's time must be this old, in milliseconds, before its cached rows are believed. */
const OLD_ENOUGH = 2100;

/**
 * Counts the files that are read from now on.
 *
 * @param {import("node:test").TestContext} t
 */
function countReads(t) {
  const counted = { files: 0 };
  const { arrayBuffer } = Blob.prototype;
  replace(t, Blob.prototype, "arrayBuffer", function (/** @type {any} */ ...args) {
    counted.files += 1;
    // @ts-expect-error: `this` is the Blob
    return arrayBuffer.apply(this, args);
  });
  return counted;
}

export function folderSessionsTests() {
  for (const [way, of] of Object.entries(ways)) {
    test(`${way}: lists, indexes, searches and verifies the logs of a directory`, async (t) => {
      const { folder, put } = await opfsFolder(t);
      await put(text("b1", "needle"), "b.jsonl");
      await put("no log", "read.me");
      await pause(20);
      await put(`${text("a1")}damaged\n`, "a.jsonl");
      await folder.getDirectoryHandle("folder.jsonl", { create: true });
      const sessions = await opened(t, of(folder));
      const found = await collected(sessions.list());
      assert.deepEqual(
        found.map(({ id, entries, skill, damaged, unsafe }) => [
          id,
          entries,
          skill,
          damaged,
          unsafe,
        ]),
        [
          ["a", 1, "a1", 1, undefined],
          ["b", 2, "needle", 0, undefined],
          ["folder", 0, undefined, 0, "not a file"],
        ],
      );
      const index = await sessions.index();
      assert.deepEqual(skillsOf(index), ["a1", "b1", "needle"]);
      assert.equal(index.row(1).session, "b");
      assert.deepEqual([...(await index.search("needle"))], [2]);
      assert.deepEqual(await index.entry(2), entry("needle"));
      const reports = await sessions.verify();
      assert.deepEqual(
        reports.map(({ session, entries, damaged }) => [session, entries, damaged]),
        [
          ["a", 1, 1],
          ["b", 2, 0],
        ],
      );
    });

    test(`${way}: names logs of subdirectories by their paths, and appends to them`, async (t) => {
      const { folder, put } = await opfsFolder(t);
      await put(text("a"), "a.jsonl");
      const below = await (
        await folder.getDirectoryHandle("one", { create: true })
      ).getDirectoryHandle("two", { create: true });
      const sessions = await opened(t, of(folder), { recursive: true });
      const log = sessions.open("one/two/b");
      await log.append({ skill: "b", final_status: "ok" });
      await log.close();
      assert.match(
        await (await (await below.getFileHandle("b.jsonl")).getFile()).text(),
        /"skill":"b"/,
      );
      const index = await sessions.index();
      assert.deepEqual(
        index.range(0, 2).map(({ session, skill }) => [session, skill]),
        [
          ["a", "a"],
          ["one/two/b", "b"],
        ],
      );
      const [entryOfB] = await index.entries([1]);
      assert.equal(entryOfB.skill, "b");
      assert.deepEqual(
        (await collected(sessions.list())).map(({ id, unsafe }) => [id, unsafe]).sort(),
        [
          ["a", undefined],
          ["one/two/b", undefined],
        ],
      );
      assert.throws(() => sessions.open("one/../b"), { code: "INVALID_SESSION_ID" });
      const flat = await opened(t, of(folder));
      assert.equal((await flat.index()).length, 1);
    });

    test(`${way}: refreshes an index when logs grew, were replaced, cut, removed and added`, async (t) => {
      const { folder, put, rewrite } = await opfsFolder(t);
      for (const name of ["cut", "grown", "removed", "replaced", "same"])
        await put(text(`${name} 1`, `${name} 2`), `${name}.jsonl`);
      const sessions = await opened(t, of(folder));
      const index = await sessions.index();
      assert.equal(index.length, 10);
      await put(text("grown 3"), "grown.jsonl");
      await rewrite(text("cut 1"), "cut.jsonl");
      await rewrite(text("other 1", "other 2", "other 3"), "replaced.jsonl");
      await folder.removeEntry("removed.jsonl");
      await put(text("added 1"), "added.jsonl");
      assert.deepEqual(await index.refresh(), { added: 6, removed: 6 });
      assert.deepEqual(skillsOf(index).sort(), [
        "added 1",
        "cut 1",
        "grown 1",
        "grown 2",
        "grown 3",
        "other 1",
        "other 2",
        "other 3",
        "same 1",
        "same 2",
      ]);
      assert.deepEqual([...(await index.search("other"))].length, 3);
      assert.deepEqual(await index.refresh(), { added: 0, removed: 0 });
      assert.equal((await collected(sessions.list())).length, 5);
    });
  }

  test("a directory: has no logs when it is missing, and some when it is made", async (t) => {
    const { name } = await opfsFolder(t);
    const sessions = await opened(t, `${name}/later`);
    assert.deepEqual(await collected(sessions.list()), []);
    const index = await sessions.index();
    assert.equal(index.length, 0);
    await sessions.open("s").append([entry("a"), entry("b")]);
    assert.deepEqual(await index.refresh(), { added: 2, removed: 0 });
  });

  test("a directory: reports a subdirectory that cannot be listed, and reads the others", async (t) => {
    const { name, folder } = await opfsFolder(t);
    for (const [at, sub] of ["more", "sub"].entries()) {
      const log = await SessionLog.open(`${name}/${sub}`, "s");
      await log.append(entry(`${at}`));
      await log.close();
    }
    const { entries } = FileSystemDirectoryHandle.prototype;
    replace(t, FileSystemDirectoryHandle.prototype, "entries", function () {
      // @ts-expect-error: `this` is the handle
      if (this.name === "sub") throw new DOMException("no right", "NotAllowedError");
      // @ts-expect-error: `this` is the handle
      return entries.call(this);
    });
    const sessions = await opened(t, folder, { recursive: true });
    await assert.rejects(sessions.index(), { code: "STORAGE_UNAVAILABLE", path: `${name}/sub` });
    /** @type {string[]} */
    const failures = [];
    const onFailure = (/** @type {any} */ { code }, /** @type {string} */ id) =>
      failures.push(`${id} ${code}`);
    assert.deepEqual(skillsOf(await sessions.index({ onFailure })), ["0"]);
    assert.equal((await sessions.verify({ onFailure })).length, 1);
    assert.deepEqual(skillsOf(await sessions.index({ ids: ["more/s"] })), ["0"]);
    assert.equal(failures.length, 2);
    const listed = await collected(sessions.list());
    assert.deepEqual(
      listed.map(({ id, entries: count, unsafe }) => [id, count, unsafe === undefined]),
      [
        ["more/s", 1, true],
        ["sub/", 0, false],
      ],
    );
  });

  test("a directory: lists nothing when a few logs are asked for", async (t) => {
    const { name, folder } = await opfsFolder(t);
    for (const sub of ["more", "sub"]) {
      const log = await SessionLog.open(`${name}/${sub}`, "s");
      await log.append(entry(sub));
      await log.close();
    }
    await folder.getDirectoryHandle("folder.jsonl", { create: true });
    replace(t, FileSystemDirectoryHandle.prototype, "entries", () => {
      throw new DOMException("listed", "NotAllowedError");
    });
    const ids = ["sub/s", "none", "sub/none", "none/s", "more", "sub/s/s", "..", "a\0", "folder"];
    const all = await opened(t, folder, { recursive: true });
    assert.deepEqual(skillsOf(await all.index({ ids, onFailure: () => {} })), ["sub"]);
    const top = await opened(t, folder);
    assert.equal((await top.index({ ids: ["sub/s"] })).length, 0);
  });

  test("a directory: takes each file once when it is listed", async (t) => {
    const { name, put } = await opfsFolder(t);
    for (let at = 0; at < 20; at += 1) await put(text(`${at}`), `${at}.jsonl`);
    const { getFile } = FileSystemFileHandle.prototype;
    /** @type {string[]} */
    const takers = [];
    replace(t, FileSystemFileHandle.prototype, "getFile", function () {
      // @ts-expect-error: `this` is the handle
      const handle = /** @type {FileSystemFileHandle} */ (this);
      // The files of other tests have no numbers as names.
      if (/^[0-9]/.test(handle.name)) takers.push(`${handle.name} ${new Error("taken").stack}`);
      return getFile.call(handle);
    });
    const { arrayBuffer } = Blob.prototype;
    let failed = 0;
    replace(t, Blob.prototype, "arrayBuffer", function (/** @type {any} */ ...args) {
      // @ts-expect-error: `this` is the Blob
      return arrayBuffer.apply(this, args).catch((error) => {
        failed += 1;
        throw error;
      });
    });
    assert.equal((await collected((await opened(t, name)).list())).length, 20);
    // A file is taken again when its bytes cannot be read, as after a change.
    assert.equal(takers.length, 20 + failed, takers.sort().join("\n"));
  });

  test("a directory: rejects searches with REPLACED when a log is another now", async (t) => {
    const { name, rewrite } = await opfsFolder(t);
    await rewrite(text("a", "b"));
    const index = await (await opened(t, name)).index();
    await rewrite(text("x"));
    await assert.rejects(index.search("b"), { code: "REPLACED" });
    await assert.rejects(index.entry(1), { code: "REPLACED" });
  });

  test("a cache: keeps rows, so that a later page reads no log", async (t) => {
    const { name, put, move } = await opfsFolder(t);
    const options = { cache: `${name}/kept` };
    for (let at = 0; at < 20; at += 1) await put(text(`${at} 1`, `${at} 2`), `${at}.jsonl`);
    await pause(OLD_ENOUGH);
    const first = await Sessions.open(name, options);
    const skills = skillsOf(await first.index());
    await first.close();
    const reads = countReads(t);
    const later = await opened(t, name, options);
    const index = await later.index();
    assert.deepEqual(skillsOf(index), skills);
    assert.equal(reads.files, 1, "only the cache is read");
    await put(text("3 3"), "3.jsonl");
    await move("4.jsonl", "4.jsonl.0.archiving");
    await put(text("4 3"), "4.jsonl");
    await move("5.jsonl", "5.jsonl.0.archiving");
    assert.deepEqual(await index.refresh(), { added: 2, removed: 0 });
    const again = await opened(t, name, options);
    assert.equal((await again.index()).length, 42);
    assert.equal((await collected(again.list())).length, 20);
  });

  test("a cache: is as none when it is cut, flipped or of another directory", async (t) => {
    const { name, folder, put } = await opfsFolder(t);
    const options = { cache: `${name}/kept` };
    for (const skill of ["a", "b", "c"]) await put(text(skill), `${skill}.jsonl`);
    await pause(OLD_ENOUGH);
    const index = async (where = name) => {
      const sessions = await Sessions.open(where, options);
      const skills = skillsOf(await sessions.index());
      await sessions.close();
      return skills;
    };
    assert.deepEqual(await index(), ["a", "b", "c"]);
    const kept = await folder.getDirectoryHandle("kept");
    const names = await collected(kept.keys());
    const rows = names.filter((each) => each.endsWith(".rows"));
    assert.equal(rows.length, 1);
    const file = await kept.getFileHandle(rows[0]);
    const bytes = new Uint8Array(await (await file.getFile()).arrayBuffer());
    assert(bytes.length > 100);
    const write = async (/** @type {Uint8Array<ArrayBuffer>} */ content) => {
      const stream = await file.createWritable();
      await stream.write(content);
      await stream.close();
    };
    for (const length of [0, 1, 23, 24, 100, bytes.length - 1]) {
      await write(bytes.slice(0, length));
      assert.deepEqual(await index(), ["a", "b", "c"], `${length} bytes`);
    }
    for (const at of [0, 16, 24, 40, bytes.length >> 1, bytes.length - 1]) {
      const flipped = bytes.slice();
      flipped[at] ^= 1;
      await write(flipped);
      assert.deepEqual(await index(), ["a", "b", "c"], `byte ${at}`);
    }
    await write(bytes);
    assert.deepEqual(await index(`${name}/kept`), []);
    assert.deepEqual(await index(), ["a", "b", "c"]);
  });

  test("a cache: is in a directory of its own, which lists no log", async (t) => {
    const { name, put } = await opfsFolder(t);
    const root = await navigator.storage.getDirectory();
    await put(text("a"), "a.jsonl");
    await pause(OLD_ENOUGH);
    const sessions = await Sessions.open(name, { cache: true });
    assert.equal((await sessions.index()).length, 1);
    await sessions.close();
    const kept = await root.getDirectoryHandle(".skill-log-cache");
    t.after(() => root.removeEntry(".skill-log-cache", { recursive: true }));
    const kinds = (await collected(kept.keys())).map((each) => each.replace(/.*\./, ""));
    assert.deepEqual(kinds.sort(), ["list", "rows"]);
    assert.deepEqual(await listSessions(".skill-log-cache"), []);
    const all = await opened(t, ".", { recursive: true });
    const ids = (await collected(all.list())).map(({ id }) => id);
    assert(ids.includes(`${name}/a`), `${ids}`);
    assert(!ids.some((id) => id.includes("cache")), `${ids}`);
  });

  test("a cache: is never an error when nothing can be written", async (t) => {
    const { name, put } = await opfsFolder(t);
    await put(text("a"), "a.jsonl");
    await pause(OLD_ENOUGH);
    replace(t, FileSystemFileHandle.prototype, "createWritable", async () => {
      throw new DOMException("full", "QuotaExceededError");
    });
    for (let round = 0; round < 2; round += 1) {
      const sessions = await Sessions.open(name, { cache: `${name}/kept` });
      assert.equal((await sessions.index()).length, 1);
      await sessions.close();
    }
  });

  test("a directory: is indexed while another log object appends to it", async (t) => {
    const { name } = await opfsFolder(t);
    const log = await SessionLog.open(name, "s");
    await log.append(entry("0"));
    const index = await (await opened(t, name)).index();
    const appending = (async () => {
      for (let at = 1; at <= 40; at += 1) await log.append(entry(`${at}`));
    })();
    for (let round = 0; round < 10; round += 1) {
      await index.refresh();
      assert.deepEqual(
        skillsOf(index),
        Array.from({ length: index.length }, (_, at) => `${at}`),
      );
    }
    await appending;
    await log.close();
    await index.refresh();
    assert.equal(index.length, 41);
  });

  pageTests();
}

/** What only a page does: it has workers read for it. */
function pageTests() {
  if (typeof document === "undefined") return;
  const { Worker } = globalThis;

  /**
   * Loads a copy of the package whose workers are counted: those that started, and those that
   * answered. Where a worker is slow to start, another one is started too.
   *
   * @param {import("node:test").TestContext} t
   * @param {typeof Worker} [Class]
   */
  async function counting(t, Class = Worker) {
    const seen = { started: 0, answered: 0 };
    replace(
      t,
      globalThis,
      "Worker",
      class extends Class {
        /** @param {ConstructorParameters<typeof Worker>} args */
        constructor(...args) {
          super(...args);
          seen.started += 1;
          this.addEventListener("message", () => (seen.answered += 1), { once: true });
        }
      },
    );
    return { ...(await copyOfPackage()), seen };
  }

  const big = (/** @type {number} */ lines, /** @type {string} */ skill) =>
    new Blob([`${line(skill, { message: "x".repeat(900) })}\n`.repeat(lines)]);

  test("a page: has workers read many large logs, and stays responsive", async (t) => {
    const { Sessions, seen } = await counting(t);
    const files = Array.from({ length: 40 }, (_, at) => big(1000, `${at}`));
    // A machine may be busy, or collect garbage, so it may be tried again.
    let isResponsive = false;
    for (let left = 5; left > 0 && !isResponsive; left -= 1) {
      const sessions = await opened(t, files, { threads: 3 }, Sessions);
      let longest = 0;
      let last = performance.now();
      const timer = setInterval(() => {
        const now = performance.now();
        longest = Math.max(longest, now - last);
        last = now;
      }, 0);
      const start = performance.now();
      const index = await sessions.index();
      const time = performance.now() - start;
      clearInterval(timer);
      t.diagnostic(`${time} ms, at most ${longest} ms without an answer`);
      assert.equal(index.length, 40_000);
      assert.equal((await index.search("xxx")).length, 40_000);
      assert.equal(seen.answered, 3);
      assert.equal((await sessions.verify()).length, 40);
      isResponsive = longest < Math.max(50, time / 3);
    }
    assert(isResponsive);
  });

  test("a page: reads small logs by itself", async (t) => {
    const { Sessions, seen } = await counting(t);
    const files = Array.from({ length: 2000 }, (_, at) => big(15, `${at}`));
    const index = await (await opened(t, files, { threads: 3 }, Sessions)).index();
    assert.equal(index.length, 30_000);
    assert.equal((await index.search("xxx")).length, 30_000);
    assert.equal(seen.started, 0);
  });

  test("a page: searches small logs with the Blobs that it made to index them", async (t) => {
    const files = Array.from({ length: 300 }, (_, at) => big(15 + (at % 7), `skill ${at}.`));
    const made = { blobs: 0, inStretch: 0, most: 0 };
    const count = () => {
      made.blobs += 1;
      made.inStretch += 1;
      made.most = Math.max(made.most, made.inStretch);
      queueMicrotask(() => (made.inStretch = 0));
    };
    replace(
      t,
      globalThis,
      "Blob",
      class extends Blob {
        /** @param {ConstructorParameters<typeof Blob>} args */
        constructor(...args) {
          super(...args);
          count();
        }
      },
    );
    const { Sessions } = await copyOfPackage();
    const index = await (await opened(t, files, {}, Sessions)).index();
    t.diagnostic(`${made.blobs} Blobs`);
    // Making one stops the page.
    assert(made.most <= 1, `${made.most} without a turn`);
    made.blobs = 0;
    const rows = index.length;
    assert.equal((await index.search("xxx")).length, rows);
    assert.equal(made.blobs, 0);
    for (const at of [0, 31, 32, 150, 299]) {
      const hits = await index.search(`skill ${at}.`);
      assert.equal(hits.length, 15 + (at % 7));
      assert(hits.every((row) => index.row(row).skill === `skill ${at}.`));
    }
    // A few of each group are read anew, and leave it.
    const some = index.select().filter((row) => / [0-9]*3\.$/.test(index.row(row).skill));
    assert.equal((await index.search("xxx", { rows: some })).length, some.length);
    assert.equal((await index.search("xxx")).length, rows);
  });

  const large = () => [
    ...Array.from({ length: 30 }, (_, at) => big(1000, `${at}`)),
    big(12_000, "long"),
  ];

  test("a page: has workers read small logs among large ones", async (t) => {
    const { Sessions, seen } = await counting(t);
    const files = Array.from({ length: 400 }, (_, at) => big(at % 10 === 0 ? 1000 : 40, `${at}`));
    /** @type {unknown[]} */
    const failed = [];
    const { postMessage } = Worker.prototype;
    replace(t, Worker.prototype, "postMessage", function (/** @type {any[]} */ ...args) {
      try {
        // @ts-expect-error: `this` is the worker
        return postMessage.apply(this, args);
      } catch (error) {
        failed.push(error);
        throw error;
      }
    });
    const index = await (await opened(t, files, { threads: 2 }, Sessions)).index();
    assert.equal(index.length, 40_000 + 360 * 40);
    assert.equal((await index.search("xxx")).length, index.length);
    // The second worker starts once the first has answered.
    assert(seen.answered === 1 || seen.answered === 2, `${seen.answered} workers`);
    assert.deepEqual(failed, []);
  });

  test("a page: finds the first hits before a worker answers", async (t) => {
    let answer = Promise.resolve();
    class LateWorker extends Worker {
      /** @param {[any, any]} args */
      postMessage(...args) {
        void answer.then(() => super.postMessage(...args));
      }
    }
    const { Sessions } = await counting(t, /** @type {any} */ (LateWorker));
    const index = await (await opened(t, large(), { threads: 3 }, Sessions)).index();
    let letAnswer = () => {};
    answer = new Promise((done) => (letAnswer = done));
    /** @type {Promise<Uint32Array>} */
    let searching = Promise.resolve(new Uint32Array());
    const first = new Promise((done) => {
      searching = index.search("xxx", { onProgress: ({ hits }) => done(hits.length) });
    });
    const count = (await Promise.race([first, pause(5000)])) ?? 0;
    letAnswer();
    assert(count > 0 && count < index.length, `${count} hits`);
    assert.equal((await searching).length, index.length);
  });

  test("a page: reads large logs by itself when no worker can start", async (t) => {
    class NoWorker extends Worker {
      constructor() {
        super(URL.createObjectURL(new Blob(["throw new Error('no')"])));
        this.addEventListener("error", (event) => event.preventDefault());
      }
    }
    const { Sessions, seen } = await counting(t, /** @type {any} */ (NoWorker));
    const sessions = await opened(t, large(), { threads: 3 }, Sessions);
    assert.equal((await sessions.index()).length, 42_000);
    assert(seen.started > 0);
  });

  test("a page: reads large logs to the end when its workers end", async (t) => {
    const { Sessions, seen } = await counting(t);
    const sessions = await opened(t, large(), { threads: 3 }, Sessions);
    const indexing = sessions.index();
    while (seen.started < 2) await pause(1);
    globalThis.dispatchEvent(new Event("freeze"));
    assert.equal((await indexing).length, 42_000);
  });

  test("a page: rejects soon with the reason when it is aborted", async (t) => {
    for (const [length, entries] of [
      [60, 1000],
      [2000, 15],
    ]) {
      const files = Array.from({ length }, (_, at) => big(entries, `${at}`));
      const sessions = await opened(t, files);
      const aborting = new AbortController();
      const reason = new Error("enough");
      const indexing = sessions.index({ signal: aborting.signal });
      await pause(30);
      const start = performance.now();
      aborting.abort(reason);
      await assert.rejects(indexing, reason);
      const time = performance.now() - start;
      t.diagnostic(`${time} ms`);
      assert(time < 500, `${time} ms`);
    }
  });
}
