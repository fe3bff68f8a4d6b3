// Reading sources other than a session's own log, and the process warnings of reading.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { openAsBlob } from "node:fs";
import fs from "node:fs/promises";
import path from "node:path";
import test from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import fc from "fast-check";
import { read, SessionLog } from "skill-log";

import { entry, line, TORN } from "../support/lines.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const text = `${line("a", { input: { n: 1 } })}\n${TORN}\n${line("b")}\n`;

test("reads in place, and refuses changes, when it is opened from any source", async (t) => {
  const file = path.join(temporaryFolder(t), "any name.txt");
  await fs.writeFile(file, text);
  const link = `${file}.link`;
  await fs.symlink(file, link);
  const sources = {
    path: file,
    "path of a link": link,
    URL: pathToFileURL(file),
    Blob: new Blob([text]),
    "Blob of a file": await openAsBlob(file),
    File: new File([text], "s.jsonl"),
    bytes: Buffer.from(text),
  };
  for (const [name, source] of Object.entries(sources)) {
    const log = await SessionLog.from(source);
    /** @type {string[]} */
    const damage = [];
    const entries = await log.read({ onDamage: (each) => damage.push(each.kind) });
    assert.deepEqual(
      entries.map(({ skill }) => skill),
      ["a", "b"],
      name,
    );
    assert.deepEqual(damage, ["torn"], name);
    const backwards = [];
    for await (const { skill } of log.entries({ reverse: true, onDamage() {} }))
      backwards.push(skill);
    assert.deepEqual(backwards, ["b", "a"], name);
    assert.equal((await log.verify()).entries, 2, name);
    for (const call of [() => log.append(entry("c")), () => log.repair()])
      await assert.rejects(call(), { code: "READ_ONLY" }, name);
    await log.close();
  }
  assert.equal(await fs.readFile(file, "utf8"), text);
});

test("rejects with what is wrong when the source cannot be read", async (t) => {
  const folder = temporaryFolder(t);
  const missing = path.join(folder, "missing.jsonl");
  /** @type {[source: any, error: object][]} */
  const cases = [
    [missing, { code: "NOT_FOUND", path: missing }],
    [folder, { code: "NOT_A_REGULAR_FILE", path: folder }],
    [new URL("data:text/plain,x"), { code: "INVALID_ARGUMENT" }],
    [new URL("file://elsewhere/x"), { code: "INVALID_ARGUMENT" }],
    [
      5,
      {
        code: "INVALID_ARGUMENT",
        message:
          "source: expected a path, a URL, a handle of a file, a Blob, a File or a Uint8Array, got the number 5",
      },
    ],
  ];
  for (const [source, error] of cases) await assert.rejects(SessionLog.from(source), error);
});

test("warns once for each file when reading finds damage", async (t) => {
  const folder = temporaryFolder(t);
  await fs.writeFile(path.join(folder, "s.jsonl"), text);
  const program = `
    import { read, SessionLog } from "skill-log";
    for (let time = 0; time < 3; time += 1) await read(process.argv[1], "s");
    const bytes = [new TextEncoder().encode("bad\\n"), new TextEncoder().encode("bad\\n")];
    for (const each of [...bytes, ...bytes]) await (await SessionLog.from(each)).read();
    // Three lines side by side have the same fault.
    await (await SessionLog.from(new TextEncoder().encode("bad\\nbad\\nbad\\n{\\nbad\\n"))).read();
  `;
  const { stderr } = await promisify(execFile)(
    process.execPath,
    ["--input-type=module", "-e", program, folder],
    { cwd: new URL(".", import.meta.url) },
  );
  const warnings = stderr.split("\n").filter((each) => each.includes("SkillLogWarning"));
  assert.equal(warnings.length, 4, stderr);
  assert.match(
    warnings[3],
    /has 5 damaged lines \(corrupt at byte 0, torn at byte 12, corrupt at byte 14, 2 more\);/,
  );
  assert.match(
    warnings[0],
    /\[SKILL_LOG_DAMAGE\] SkillLogWarning: .*s\.jsonl has a damaged line \(torn at byte \d+\); every whole entry was read/,
  );
});

test("takes little memory when 1.5 million lines are damaged", async () => {
  const program = `
    import { SessionLog } from "skill-log";
    const log = await SessionLog.from(new TextEncoder().encode("x\\n{\\n".repeat(750_000)));
    for await (const entry of log.entries()) throw new Error(entry.skill);
  `;
  const options = [
    "--max-old-space-size=100",
    "--no-warnings",
    "--input-type=module",
    "-e",
    program,
  ];
  await promisify(execFile)(process.execPath, options, { cwd: new URL(".", import.meta.url) });
});

test("returns entries and reports damage without an error when a file holds anything", async () => {
  const text = fc.oneof(
    fc.constantFrom(
      line("a"),
      line("b", { input: { deep: [{}] } }),
      "\n",
      "\n",
      "\0\0",
      "junk",
      "{",
      '{"session_id":"',
      "\r",
    ),
    fc.nat(line("c").length).map((cut) => line("c").slice(0, cut)),
    fc.string({ unit: "binary", maxLength: 10 }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(text, { maxLength: 30 }), async (texts) => {
      const bytes = Buffer.from(texts.join(""));
      const log = await SessionLog.from(bytes);
      const entries = await log.read({
        onDamage: ({ offset, length }) => assert(offset + length <= bytes.length),
      });
      const report = await log.verify();
      assert.equal(report.entries, entries.length);
      assert.equal(report.bytes, bytes.length);
    }),
    { numRuns: 500 },
  );
});

test("returns no entries when the directory is missing, and rejects a URL", async (t) => {
  await assert.rejects(read(new URL("https://example.com/logs"), "s"), {
    code: "INVALID_ARGUMENT",
  });
  assert.deepEqual(await read(path.join(temporaryFolder(t), "a", "b"), "s"), []);
});

test("reads the same file when the working directory changes after opening", async (t) => {
  const [folder, other] = [temporaryFolder(t), temporaryFolder(t)];
  await fs.writeFile(path.join(folder, "s.jsonl"), `${line("here")}\n`);
  await fs.writeFile(path.join(other, "s.jsonl"), `${line("elsewhere")}\n`);
  const before = process.cwd();
  t.after(() => process.chdir(before));
  process.chdir(folder);
  const log = await SessionLog.from("s.jsonl");
  process.chdir(other);
  assert.deepEqual(
    (await log.read()).map(({ skill }) => skill),
    ["here"],
  );
});

test("ends the last record with the file when its last line has no line end", async () => {
  const file = `${line("a")}\n${line("b")}`;
  for (const strict of [false, true]) {
    const log = await SessionLog.from(Buffer.from(file));
    /** @type {number[]} */
    const ends = [];
    for await (const { end } of log.records({ strict })) ends.push(end);
    assert.deepEqual(ends, [line("a").length + 1, file.length], `strict: ${strict}`);
    for await (const record of log.records({ strict, from: file.length }))
      assert.fail(`read again: ${JSON.stringify(record)}`);
    await log.close();
  }
});

test("returns integers as numbers when a call has integers number", async (t) => {
  const folder = temporaryFolder(t);
  const log = await SessionLog.open(folder, "s");
  const big = 2n ** 60n + 1n;
  await log.append(entry("x", { duration_ms: big }));
  /** @type {(options?: any) => Promise<[string, unknown][]>} */
  const durations = async (options) => {
    const index = await log.index();
    /** @type {[string, import("skill-log").Entry][]} */
    const found = [
      ["read", (await log.read(options))[0]],
      ["function read", (await read(folder, "s", options))[0]],
      ["index.entry", await index.entry(0, options)],
      ["index.entries", (await index.entries([0], options))[0]],
    ];
    for await (const each of log.entries(options)) found.push(["entries", each]);
    for await (const each of log.entries({ ...options, reverse: true }))
      found.push(["entries backwards", each]);
    for await (const each of log.records(options)) found.push(["records", each.entry]);
    const followed = log.follow(options);
    const { value } = await followed.next();
    found.push(["follow", /** @type {import("skill-log").LogRecord} */ (value).entry]);
    await followed.return();
    return found.map(([from, { duration_ms }]) => [from, duration_ms]);
  };
  const rounded = await durations({ integers: "number" });
  assert.equal(rounded.length, 8);
  for (const [from, duration] of rounded) assert.equal(duration, 2 ** 60, from);
  for (const options of [undefined, { integers: "exact" }, { integers: undefined }])
    for (const [from, duration] of await durations(options)) assert.equal(duration, big, from);
  for (const call of [
    () => log.read({ integers: /** @type {any} */ (true) }),
    () => log.follow({ integers: /** @type {any} */ (true) }).next(),
  ])
    await assert.rejects(call, {
      code: "INVALID_ARGUMENT",
      message: 'options.integers: expected "exact" or "number", got the boolean true',
    });
});
