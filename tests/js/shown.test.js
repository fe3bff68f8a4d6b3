// What a log and an index show of themselves: id, path and `console.log`; and that `new` makes
// none.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";
import test from "node:test";
import { pathToFileURL } from "node:url";
import { inspect } from "node:util";

import { LogIndex, SessionLog } from "skill-log";

import { entry, line } from "./support/lines.js";
import { logServer } from "./storage/log-server.js";
import { temporaryFolder } from "./support/temporary-folder.js";

test("has an id and a path when a log is opened by its session", async (t) => {
  const dir = temporaryFolder(t);
  for (const given of [dir, pathToFileURL(dir), path.relative(".", dir), `${dir}/none/..`]) {
    const log = await SessionLog.open(given, "fix-login");
    assert.deepEqual([log.id, log.path], ["fix-login", path.join(dir, "fix-login.jsonl")]);
    await log.close();
    // A closed log keeps its id and path.
    assert.deepEqual([log.id, log.path], ["fix-login", path.join(dir, "fix-login.jsonl")]);
  }
  const log = /** @type {any} */ (await SessionLog.open(dir, "s"));
  for (const name of ["id", "path"]) assert.throws(() => (log[name] = "other"), TypeError);
});

test("has a path and no id when a log is opened from a source that has a path", async (t) => {
  const dir = temporaryFolder(t);
  const made = await SessionLog.open(dir, "s");
  await made.append(entry("a"));
  const file = /** @type {string} */ (made.path);
  const { url } = await logServer(t, `${line("a")}\n`);
  const signed = new URL(`${url}?signature=secret#part`);
  /** @type {[import("skill-log").FileSource, string | undefined][]} */
  const sources = [
    [file, file],
    [path.relative(".", file), file],
    [pathToFileURL(file), file],
    [url, url.href],
    [signed, `${url}?…`],
    [new Blob([`${line("a")}\n`]), undefined],
    [Buffer.from(`${line("a")}\n`), undefined],
  ];
  for (const [source, expected] of sources) {
    const log = await SessionLog.from(source);
    assert.deepEqual([log.id, log.path], [undefined, expected]);
    assert.equal((await log.read()).length, 1);
    assert.ok(!inspect(log).includes("secret"));
  }
});

test("shows facts on one line when a log or an index is inspected", async (t) => {
  const dir = temporaryFolder(t);
  const log = await SessionLog.open(dir, "fix-login");
  const file = path.join(dir, "fix-login.jsonl");
  const shown = `SessionLog { id: "fix-login", path: ${JSON.stringify(file)} }`;
  assert.equal(inspect(log), shown);
  // At any depth and in any width.
  assert.equal(
    inspect({ a: { b: { c: log } } }, { breakLength: Infinity, depth: 5 }),
    `{ a: { b: { c: ${shown} } } }`,
  );
  assert.equal(inspect(await SessionLog.from(new Blob([]))), "SessionLog {}");
  await log.append({ skill: "a", final_status: "ok" });
  assert.equal(
    inspect(await SessionLog.from(file)),
    `SessionLog { path: ${JSON.stringify(file)} }`,
  );
  const index = await log.index();
  assert.equal(inspect(index), `LogIndex { length: 1, bytes: ${index.bytes} }`);
  // Characters that a terminal would act on are escaped.
  const odd = await SessionLog.open(path.join(dir, "\u001b[31m\u202e"), "s");
  assert.ok(!/[\p{C}]/u.test(inspect(odd)), JSON.stringify(inspect(odd)));
  // Node shows prototypes in its own way, but other programs may call the method on them.
  for (const [{ prototype }, name] of /** @type {const} */ ([
    [SessionLog, "SessionLog {}"],
    [LogIndex, "LogIndex {}"],
  ])) {
    inspect(prototype);
    assert.equal(/** @type {any} */ (prototype)[inspect.custom](), name);
  }
  // Copies and comparisons see no property of a log.
  assert.deepEqual(Reflect.ownKeys(log), []);
  assert.equal(JSON.stringify(log), "{}");
  await log.close();
});

test("shows a log's id and path when console.log prints it, imported or required", (t) => {
  const dir = temporaryFolder(t);
  const expected = `SessionLog { id: "s", path: ${JSON.stringify(path.join(dir, "s.jsonl"))} }\n`;
  const open = `console.log(await SessionLog.open(${JSON.stringify(dir)}, "s"));`;
  const programs = [
    ["--input-type=module", "-e", `import { SessionLog } from "skill-log"; ${open}`],
    [
      "--input-type=commonjs",
      "-e",
      `const { SessionLog } = require("skill-log"); (async () => { ${open} })();`,
    ],
  ];
  for (const args of programs) {
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    assert.deepEqual([stdout, stderr], [expected, ""]);
  }
});

test("throws INVALID_ARGUMENT when a log or an index is made with new", async (t) => {
  const required = createRequire(import.meta.url)("skill-log");
  const made = /** @type {any} */ ({ SessionLog, LogIndex });
  const instead = {
    SessionLog: "SessionLog.open or SessionLog.from",
    LogIndex: "SessionLog.index or Sessions.index",
  };
  for (const exported of [made, required]) {
    for (const [name, how] of Object.entries(instead)) {
      for (const args of [
        [],
        ["logs", "s"],
        [Symbol("made by the package"), "s"],
        [async () => null, 5],
      ]) {
        assert.throws(() => new exported[name](...args), {
          name: "SkillLogError",
          code: "INVALID_ARGUMENT",
          message: `new ${name}: use ${how} to get a ${name}`,
        });
      }
    }
  }
  assert.ok((await SessionLog.open(temporaryFolder(t), "s")) instanceof SessionLog);
});
