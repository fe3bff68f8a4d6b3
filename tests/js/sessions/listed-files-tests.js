// Sessions of a list of Blobs, Files and bytes: the same on every platform.

import assert from "node:assert/strict";
import test from "node:test";
import { Sessions } from "skill-log";

import { collected } from "../support/collected.js";
import { entry, line, TORN } from "../support/lines.js";

/** @typedef {import("skill-log").FileSource} FileSource */
/** @typedef {import("skill-log").SessionsOptions} SessionsOptions */

/** @param {...string} skills */
const text = (...skills) => skills.map((skill) => `${line(skill)}\n`).join("");

/**
 * @param {import("node:test").TestContext} t
 * @param {readonly FileSource[]} files
 * @param {SessionsOptions} [options]
 */
async function opened(t, files, options) {
  const sessions = await Sessions.open(files, options);
  t.after(() => sessions.close());
  return sessions;
}

/** @param {string} path @param {string} content */
function inFolder(path, content) {
  const file = new File([content], path.slice(path.lastIndexOf("/") + 1));
  Object.defineProperty(file, "webkitRelativePath", { value: path });
  return file;
}

/** @param {Sessions} sessions */
async function idsOf(sessions) {
  return (await collected(sessions.list())).map(({ id }) => id).sort();
}

export function listedFilesTests() {
  test("listed files: have the names of the files as ids, and numbers where two names are the same", async (t) => {
    const sessions = await opened(t, [
      new File([text("a")], "one.jsonl"),
      new File([text("b")], "one.jsonl"),
      new File([text("c")], "one (2).jsonl"),
      new File([text("d")], "notes.txt"),
      new Blob([text("e")]),
      Buffer.from(text("f")),
      Uint8Array.from(Buffer.from(text("g"))),
    ]);
    const found = await collected(sessions.list());
    assert.deepEqual(Object.fromEntries(found.map(({ id, skill }) => [id, skill])), {
      one: "a",
      "one (2)": "b",
      "one (2) (2)": "c",
      "notes.txt": "d",
      blob: "e",
      bytes: "f",
      "bytes (2)": "g",
    });
  });

  test("listed files: are listed with what they hold, the newest first", async (t) => {
    const sessions = await opened(t, [
      new File([text("a", "b")], "old.jsonl", { lastModified: 1_000_000 }),
      new File([`${text("c")}damaged\n${TORN}`], "new.jsonl", { lastModified: 2_000_000 }),
      new File([], "empty.jsonl", { lastModified: 500_000 }),
    ]);
    const found = await collected(sessions.list());
    assert.deepEqual(
      found.map(({ id, entries, skill, damaged, modified }) => [
        id,
        entries,
        skill,
        damaged,
        modified.getTime(),
      ]),
      [
        ["new", 1, "c", 1, 2_000_000],
        ["old", 2, "b", 0, 1_000_000],
        ["empty", 0, undefined, 0, 500_000],
      ],
    );
    assert.equal(found[0].pending?.length, TORN.length);
  });

  test("listed files: are indexed, searched and read as one", async (t) => {
    const sessions = await opened(t, [
      new File([text("b1", "b2")], "b.jsonl"),
      new Blob([text("c1", "needle")]),
      Buffer.from(text("d1")),
      new File([text("a1")], "a.jsonl"),
    ]);
    const index = await sessions.index();
    const rows = index.range(0, index.length).map(({ session, skill }) => [session, skill]);
    assert.deepEqual(rows, [
      ["a", "a1"],
      ["b", "b1"],
      ["b", "b2"],
      ["blob", "c1"],
      ["blob", "needle"],
      ["bytes", "d1"],
    ]);
    assert.deepEqual([...(await index.search("needle"))], [4]);
    assert.deepEqual(await index.entries([5, 0]), [entry("d1"), entry("a1")]);
    assert.deepEqual(await index.refresh(), { added: 0, removed: 0 });
    const some = await sessions.index({ ids: ["b"] });
    assert.equal(some.length, 2);
    const reports = await sessions.verify();
    assert.deepEqual(
      reports.map(({ session, entries }) => [session, entries]),
      [
        ["a", 1],
        ["b", 2],
        ["blob", 2],
        ["bytes", 1],
      ],
    );
  });

  test("listed files: have each entry, whatever their sizes", async (t) => {
    const message = "x".repeat(1000);
    const sizes = [0, 1, 30, 200, 300, 1200, 9000, ...Array(300).fill(3)];
    const files = sizes.map((count, file) => {
      const lines = Array.from(
        { length: count },
        (_, at) => `${line(`${file}`, { message, duration_ms: at })}\n`,
      );
      const name = `${file}`.padStart(3, "0");
      return new File(lines, `${name}.jsonl`);
    });
    for (const threads of [1, 3]) {
      const index = await (await opened(t, files, { threads })).index();
      const expected = sizes.flatMap((count, file) =>
        Array.from({ length: count }, (_, at) => `${file} ${at}`),
      );
      assert.deepEqual(
        index.range(0, index.length).map(({ skill, duration_ms: at = 0 }) => `${skill} ${at}`),
        expected,
      );
      const last = index.length - 1;
      assert.deepEqual(await index.entry(last), {
        ...entry("306"),
        message,
        duration_ms: 2,
      });
      const hits = await index.search("xx");
      assert.equal(hits.length, index.length);
    }
  });

  test("listed files: can only be read", async (t) => {
    const sessions = await opened(t, [new File([text("a")], "a.jsonl")]);
    const log = sessions.open("a");
    await assert.rejects(log.append({ skill: "b", final_status: "ok" }), { code: "READ_ONLY" });
    await assert.rejects(log.repair(), { code: "READ_ONLY" });
    assert.deepEqual(await log.read(), [entry("a")]);
    assert.equal((await log.index()).length, 1);
    assert.equal((await collected(log.follow())).length, 1);
    for (const id of ["missing", /** @type {any} */ (7)])
      assert.throws(() => sessions.open(id), { code: "NOT_FOUND" });
  });

  test("listed files: rejects with INVALID_ARGUMENT when something is no file", async () => {
    const bad = /** @type {any} */ ([new Blob([]), { name: "a.jsonl" }]);
    await assert.rejects(Sessions.open(bad), {
      code: "INVALID_ARGUMENT",
      message: /^source.*: expected .*, got an object$/,
    });
  });

  test("listed files: rejects with the signal's reason when it is aborted", async (t) => {
    const files = Array.from({ length: 500 }, (_, at) => new Blob([text(`${at}`).repeat(300)]));
    const sessions = await opened(t, files);
    const aborting = new AbortController();
    const reason = new Error("enough");
    const onProgress = () => aborting.abort(reason);
    await assert.rejects(sessions.index({ signal: aborting.signal, onProgress }), reason);
    assert.equal((await sessions.index()).length, 500 * 300);
  });
}

/** Only browsers have such files. */
export function pickedFolderTests() {
  test("listed files: have paths as ids when they were picked with their folder", async (t) => {
    const files = [
      inFolder("picked/a.jsonl", text("a")),
      inFolder("picked/below/a.jsonl", text("b")),
      inFolder("picked/below/read.me", "no log"),
    ];
    assert.deepEqual(await idsOf(await opened(t, files)), ["a"]);
    const all = await opened(t, files, { recursive: true });
    assert.deepEqual(await idsOf(all), ["a", "below/a"]);
    assert.deepEqual(
      (await all.open("below/a").read()).map(({ skill }) => skill),
      ["b"],
    );
  });
}
