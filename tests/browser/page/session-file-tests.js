// The files of a directory in the browser's own file system as sessions: how they are listed,
// removed, and read when none exists. tests/js/storage/node/session-files.test.js is the same for
// Node.

import assert from "node:assert/strict";
import test from "node:test";
import { append, listSessions, read, removeSession, SessionLog } from "skill-log";

import { entry, line, TORN } from "../../js/support/lines.js";
import { holdFile } from "./held-file.js";
import { opfsFolder } from "./opfs-place.js";
import { NOTHING } from "../../js/storage/reading-suite.js";

const other = { skill: "tdd", final_status: "ok" };

/** @param {FileSystemDirectoryHandle} folder */
async function namesIn(folder) {
  const names = [];
  for await (const name of folder.keys()) names.push(name);
  return names.sort();
}

/** @param {string} path */
async function exists(path) {
  let folder = await navigator.storage.getDirectory();
  try {
    for (const part of path.split("/")) folder = await folder.getDirectoryHandle(part);
    return true;
  } catch {
    return false;
  }
}

/** Names that no session can have but a file of Chromium and Firefox can, and the reasons. */
const unsafeNames = {
  ".jsonl": /is empty/,
  ".hidden.jsonl": /starts with a dot/,
  "a..b.jsonl": /holds "\.\."/,
  "a..jsonl": /ends in a dot/,
  "a .jsonl": /ends in a dot or a space/,
  "a:b.jsonl": /holds one of/,
  "a\nb.jsonl": /control character/,
  "con.jsonl": /Windows/,
  [`${"a".repeat(201)}.jsonl`]: /more than 200 bytes/,
};

/** @typedef {Awaited<ReturnType<typeof opfsFolder>>} Place */

/**
 * @param {string} title
 * @param {(place: Place, t: import("node:test").TestContext) => Promise<void>} body
 */
const it = (title, body) => test(`sessions: ${title}`, async (t) => body(await opfsFolder(t), t));

export function sessionFileTests() {
  it("makes the file and the directory again when they go while a log is open", async ({
    name,
    folder,
    put,
  }) => {
    const log = await SessionLog.open(`${name}/inner`, "s");
    const skills = async () => (await log.read()).map(({ skill }) => skill);
    const entryOf = (/** @type {string} */ skill) => ({ ...other, skill });
    await log.append(entryOf("a"));
    assert.equal(await removeSession(`${name}/inner`, "s"), true);
    await log.append(entryOf("b"));
    assert.deepEqual(await skills(), ["b"]);
    await folder.removeEntry("inner", { recursive: true });
    await log.append(entryOf("c"));
    assert.deepEqual(await skills(), ["c"]);
    // Another file replaces it.
    const inner = await folder.getDirectoryHandle("inner");
    await put(`${line("z")}\n`, "z.jsonl");
    const file = await folder.getFileHandle("z.jsonl");
    await file.move(inner, "s.jsonl");
    await log.append(entryOf("d"));
    assert.deepEqual(await skills(), ["z", "d"]);
    await log.close();
  });

  it("lists them with size and time, newest first, when a directory has some", async ({
    name,
    folder,
    put,
  }) => {
    const start = Date.now();
    for (const [id, text] of [
      ["old", "12345"],
      ["between", "é"],
      ["new", ""],
    ]) {
      await put(text, `${id}.jsonl`);
      await new Promise((done) => setTimeout(done, 20));
    }
    const listed = await listSessions(name);
    assert.deepEqual(
      listed.map(({ id, bytes }) => [id, bytes]),
      [
        ["new", 0],
        ["between", 2],
        ["old", 5],
      ],
    );
    for (const { modified } of listed)
      assert(+modified >= start - 2000 && +modified <= Date.now() + 2000, String(modified));
    assert.deepEqual(await listSessions(folder), listed);
    await append(name, "old", { ...entry("a"), session_id: "old" });
    // In a private window, Chromium does not change the time of a file that was written to.
    const times = await Promise.all(
      ["old", "new", "between"].map(
        async (id) => (await (await folder.getFileHandle(`${id}.jsonl`)).getFile()).lastModified,
      ),
    );
    const ids = times[0] > times[1] ? ["old", "new", "between"] : ["new", "between", "old"];
    assert.deepEqual(
      (await listSessions(name)).map(({ id }) => id),
      ids,
    );
  });

  it("lists none when a directory has only other files", async ({ name, folder, put }) => {
    for (const each of [
      "s.damaged",
      "s.json",
      "s.JSONL",
      "s.jsonl.gz",
      "s.jsonl~",
      "jsonl",
      "sjsonl",
    ])
      await put("", each);
    await append(`${name}/below`, "s", entry("a"));
    assert.deepEqual(await listSessions(name), []);
    assert.deepEqual(
      (await listSessions(await folder.getDirectoryHandle("below"))).map(({ id }) => id),
      ["s"],
    );
  });

  it("lists a file with the reason when its name is no valid id", async ({ name, put }) => {
    for (const each of [...Object.keys(unsafeNames), "safe.jsonl"]) await put("bytes", each);
    const listed = new Map((await listSessions(name)).map((info) => [`${info.id}.jsonl`, info]));
    assert.equal(listed.size, Object.keys(unsafeNames).length + 1);
    assert.equal(listed.get("safe.jsonl")?.unsafe, undefined);
    for (const [each, reason] of Object.entries(unsafeNames)) {
      const { id, bytes, unsafe } =
        listed.get(each) ?? assert.fail(`${JSON.stringify(each)} is not listed`);
      assert.match(unsafe ?? "", reason, each);
      assert.equal(bytes, 5);
      for (const call of [
        () => read(name, id),
        () => append(name, id, other),
        () => removeSession(name, id),
      ]) {
        await assert.rejects(call, { code: "INVALID_SESSION_ID", session_id: id });
      }
    }
  });

  it("lists with the reason, and refuses all else, when a directory has a log's name", async ({
    name,
    folder,
  }) => {
    await append(`${name}/x.jsonl`, "s", entry("a"));
    const [info, ...others] = await listSessions(name);
    assert.deepEqual(
      [info, others],
      [{ id: "x", bytes: 0, modified: new Date(0), unsafe: "not a file" }, []],
    );
    const refused = { code: "NOT_A_REGULAR_FILE", path: `${name}/x.jsonl` };
    for (const call of [
      () => read(name, "x"),
      () => append(name, "x", other),
      () => removeSession(name, "x"),
    ])
      await assert.rejects(call, refused);
    assert.deepEqual(await namesIn(folder), ["x.jsonl"]);
    assert.deepEqual(await read(`${name}/x.jsonl`, "s"), [entry("a")]);
  });

  it("finds none, and makes no directory, when there is no directory", async ({ name }) => {
    const dir = `${name}/none/here`;
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
    assert.equal((await log.index()).length, 0);
    await log.close();
    assert(!(await exists(`${name}/none`)));
  });

  it("finds none when the directory of a handle was removed", async ({ name, folder }) => {
    const below = await folder.getDirectoryHandle("below", { create: true });
    const log = await SessionLog.open(below, "s");
    await log.append(entry("a"));
    await folder.removeEntry("below", { recursive: true });
    assert.deepEqual(await listSessions(below), []);
    for (const each of [log, await SessionLog.open(below, "s")]) {
      assert.deepEqual(await each.read(), []);
      assert.equal((await each.verify()).bytes, 0);
      assert.equal((await each.repair()).bytes, 0);
    }
    assert.equal(await removeSession(below, "s"), false);
    // An append makes the directory again, as in Node.
    await log.append(entry("b"));
    assert.deepEqual(await read(`${name}/below`, "s"), [entry("b")]);
  });

  it("finds none, and rejects a listing, when the directory is a file", async ({ name, put }) => {
    await put("", "file");
    const dir = `${name}/file`;
    await assert.rejects(listSessions(dir), { code: "IO_ERROR", path: dir });
    assert.deepEqual(await read(dir, "s"), []);
    assert.deepEqual(await read(`${dir}/below`, "s"), []);
    assert.equal(await removeSession(dir, "s"), false);
    await assert.rejects(append(dir, "s", entry("a")), {
      code: "NOT_A_REGULAR_FILE",
      path: `${dir}/s.jsonl`,
    });
  });

  it("rejects with INVALID_ARGUMENT when a directory is no path and no handle", async ({
    folder,
    put,
  }) => {
    await put("", "s.jsonl");
    const file = await folder.getFileHandle("s.jsonl");
    for (const dir of [
      undefined,
      null,
      7,
      {},
      "",
      "a\0b",
      "..",
      "a/../b",
      "/..",
      "a\\b",
      ["a"],
      new URL("https://example.com/"),
      file,
    ]) {
      const refused = {
        name: "SkillLogError",
        code: "INVALID_ARGUMENT",
        message: /^dir: expected a path/,
      };
      const bad = /** @type {any} */ (dir);
      for (const call of [
        () => listSessions(bad),
        () => read(bad, "s"),
        () => append(bad, "s", entry("a")),
        () => removeSession(bad, "s"),
        () => SessionLog.open(bad, "s"),
      ]) {
        await assert.rejects(async () => call(), refused);
      }
    }
  });

  it("opens the same log when its directory is named in different ways", async ({
    name,
    folder,
  }) => {
    const below = await (await folder.getDirectoryHandle("a", { create: true })).getDirectoryHandle(
      "b",
      { create: true },
    );
    const spellings = [
      `${name}/a/b`,
      `/${name}/a/b`,
      `${name}//a/b/`,
      `./${name}/./a///b/.`,
      below,
    ];
    for (const dir of spellings) await append(dir, "s", { ...entry("a"), message: String(dir) });
    for (const dir of spellings) assert.equal((await read(dir, "s")).length, spellings.length);
    assert.deepEqual(await namesIn(below), ["s.jsonl"]);
    const log = await SessionLog.open(below, "s");
    assert.equal((await log.index()).length, spellings.length);
    await log.close();
    assert.equal(await removeSession(below, "s"), true);
    assert.deepEqual(await namesIn(below), []);
  });

  it("warns once for each file, and again when it has more damage", async ({
    name,
    folder,
    put,
  }, t) => {
    const { warn } = console;
    t.after(() => (console.warn = warn));
    /** @type {string[]} */
    const warnings = [];
    console.warn = (/** @type {string} */ message) => warnings.push(message);
    const readAll = async () => {
      for (const dir of [
        name,
        folder,
        `/${name}`,
        folder,
        await (await navigator.storage.getDirectory()).getDirectoryHandle(name),
      ]) {
        assert.equal((await read(dir, "s")).length, 1);
        const log = await SessionLog.open(dir, "s");
        assert.equal((await log.read()).length, 1);
        const records = log.follow();
        assert.equal((await records.next()).value?.entry.skill, "a");
        await records.return();
        await log.close();
      }
    };
    const more = "every whole entry was read. verify() and onDamage describe the damage.";
    await put(`${line("a")}\n${TORN}\n`);
    const first = line("a").length + 1;
    await readAll();
    assert.deepEqual(warnings, [
      `skill-log: ${name}/s.jsonl has a damaged line (torn at byte ${first}); ${more}`,
    ]);
    await put(`no JSON\n`);
    await readAll();
    assert.deepEqual(warnings.slice(1), [
      `skill-log: ${name}/s.jsonl has 2 damaged lines (torn at byte ${first}, corrupt at byte ${first + TORN.length + 1}); ${more}`,
    ]);
    // No warning when onDamage receives the damage or a file has none; one for another damaged
    // file.
    await put(`${TORN}\n`, "other.jsonl");
    await read(folder, "other", { onDamage() {} });
    await put(`${line("a")}\n`, "good.jsonl");
    await read(folder, "good");
    assert.equal(warnings.length, 2);
    await read(folder, "other");
    assert.equal(warnings.length, 3);
  });

  it("writes all appended entries when the log is closed at once", async ({ name }) => {
    const log = await SessionLog.open(name, "s");
    /** @type {number[]} */
    const ended = [];
    for (let i = 0; i < 20; i += 1)
      void log.append({ ...other, message: `${i}` }).then(() => ended.push(i));
    await log.close();
    assert.equal(ended.length, 20);
    assert.equal((await read(name, "s")).length, 20);
  });

  it("appends, lists and removes when the directory is the root", async (_, t) => {
    const root = await navigator.storage.getDirectory();
    const id = `test-${crypto.randomUUID()}`;
    t.after(() => root.removeEntry(`${id}.jsonl`).catch(() => {}));
    for (const dir of ["/", ".", "//./", root]) {
      await append(dir, id, { ...entry("a"), session_id: id });
      assert.equal((await listSessions(dir)).filter((info) => info.id === id).length, 1);
      assert.equal((await read(dir, id)).length, 1);
      assert.equal(await removeSession(dir, id), true);
      assert.deepEqual(
        (await listSessions(dir)).filter((info) => info.id === id),
        [],
      );
    }
  });

  it("appends, repairs and removes when an id is long or unusual", async ({
    name,
    folder,
    put,
  }) => {
    for (const id of [
      "x".repeat(200),
      "é".repeat(100),
      "\u{1fab5}".repeat(50),
      "a b (1)",
      "%2e%2e",
      "CON-not",
    ]) {
      await append(name, id, other);
      await put(`${line("a").slice(0, -3)}\n`, `${id}.jsonl`);
      const log = await SessionLog.open(name, id);
      assert.equal((await log.repair()).repaired, 1);
      await log.close();
      assert.deepEqual(await namesIn(folder), [`${id}.damaged`, `${id}.jsonl`]);
      assert.equal((await listSessions(name))[0].id, id);
      assert.equal(await removeSession(name, id), true);
      assert.deepEqual(await namesIn(folder), []);
    }
  });

  it("removes a log and its saved damage, and no other file, when one is removed", async ({
    name,
    folder,
    put,
  }) => {
    await append(name, "s", entry("tdd"));
    await append(name, "other", other);
    for (const each of ["s.damaged", "other.damaged", "s", "s.jsonl.gz", "s.txt"])
      await put("", each);
    assert.equal(await removeSession(name, "s"), true);
    assert.deepEqual(await namesIn(folder), [
      "other.damaged",
      "other.jsonl",
      "s",
      "s.jsonl.gz",
      "s.txt",
    ]);
    assert.deepEqual(await read(name, "s"), []);
    assert.equal(await removeSession(name, "s"), false);
    assert.equal((await read(name, "other")).length, 1);
    // The id is free again, even for a log that is open.
    const log = await SessionLog.open(name, "s");
    await log.append(entry("a"));
    assert.equal(await removeSession(name, "s"), true);
    await log.append(entry("b"));
    assert.deepEqual(await log.read(), [entry("b")]);
    await log.close();
  });

  for (const inTheWay of ["s.jsonl", "s.damaged"]) {
    it(`rejects a removal, and removes nothing, when ${inTheWay} is a directory`, async ({
      name,
      folder,
      put,
    }) => {
      for (const each of ["s.jsonl", "s.damaged"]) {
        if (each === inTheWay) await folder.getDirectoryHandle(each, { create: true });
        else await put("of the log", each);
      }
      const path = `${name}/${inTheWay}`;
      await assert.rejects(removeSession(name, "s"), {
        code: "NOT_A_REGULAR_FILE",
        path,
        message: new RegExp(`^${path} is a directory and no regular file`),
      });
      assert.deepEqual(await namesIn(folder), ["s.damaged", "s.jsonl"]);
      // Without a log, there is no session to remove.
      if (inTheWay === "s.jsonl") return;
      await folder.removeEntry("s.jsonl");
      assert.equal(await removeSession(name, "s"), false);
      assert.deepEqual(await namesIn(folder), ["s.damaged"]);
    });
  }

  for (const held of ["s.jsonl", "s.damaged"]) {
    it(`rejects a removal with BUSY, or waits a moment, when others hold ${held}`, async ({
      name,
      folder,
      put,
    }) => {
      await append(name, "s", entry("a"));
      await put("saved", "s.damaged");
      const release = await holdFile(name, held);
      await assert.rejects(removeSession(name, "s"), { code: "BUSY", path: `${name}/s.jsonl` });
      assert((await namesIn(folder)).includes("s.jsonl"));
      assert.deepEqual(await read(name, "s"), [entry("a")]);
      const removing = removeSession(name, "s");
      setTimeout(release, 300);
      assert.equal(await removing, true);
      assert.deepEqual(await namesIn(folder), []);
    });
  }
}
