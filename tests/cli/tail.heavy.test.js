// `tail --follow` while other processes write: it prints each entry once, in the order of its log.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { append, encode } from "skill-log";

import { temporaryFolder } from "../js/support/temporary-folder.js";
import { FollowedTail } from "./followed-tail.js";

const writerFile = fileURLToPath(new URL("numbered-writer.js", import.meta.url));

/** @param {string} dir @param {string} name @param {number} count @param {string[]} sessions */
async function write(dir, name, count, sessions) {
  const [code] = await once(
    spawn(process.execPath, [writerFile, dir, name, String(count), ...sessions], {
      stdio: "inherit",
    }),
    "close",
  );
  assert.equal(code, 0);
}

/** @param {string | number} phase */
const numbered = (phase) => ({ skill: "tdd", phase: String(phase), final_status: "pass" });

/**
 * Asserts that all entries of each writer occur once, and in order within each session.
 *
 * @param {any[]} entries
 * @param {Record<string, number>} counts writer → number of its entries
 */
function assertAll(entries, counts) {
  for (const [writer, count] of Object.entries(counts)) {
    const own = entries.filter(({ skill }) => skill === writer);
    assert.deepEqual(
      own.map(({ phase }) => Number(phase)).sort((a, b) => a - b),
      Array.from({ length: count }, (_, n) => n),
      writer,
    );
    for (const session of new Set(own.map(({ session_id }) => session_id))) {
      const numbers = own
        .filter(({ session_id }) => session_id === session)
        .map(({ phase }) => Number(phase));
      assert.deepEqual(
        numbers,
        [...numbers].sort((a, b) => a - b),
        `${writer} in ${session}`,
      );
    }
  }
}

test("lists no directory when a file is followed", async (t) => {
  const dir = temporaryFolder(t);
  const telling = path.join(temporaryFolder(t), "telling.cjs");
  fs.writeFileSync(
    telling,
    `require("node:fs").readdirSync = (path) => (console.error("lists", path), []);`,
  );
  await append(dir, "s", numbered(0));
  const args = [path.join(dir, "s.jsonl"), "--json"];
  const tail = new FollowedTail(t, args, ["--require", telling]);
  await tail.until(() => tail.lines.length === 1);
  await append(dir, "s", numbered(1));
  await tail.until(() => tail.lines.length === 2);
  assert.deepEqual(
    tail.entries.map(({ phase }) => phase),
    ["0", "1"],
  );
  assert.equal(tail.stderr, "");
});

test("prints each entry once when several processes write to old and new sessions", async (t) => {
  const dir = temporaryFolder(t);
  const old = ["a", "b", "c", "d", "e"];
  // The writers start before tail and go on, so that tail starts in the middle.
  const writers = [
    write(dir, "first", 3000, old),
    write(dir, "second", 3000, old),
    write(dir, "third", 2000, old),
  ];
  while (fs.readdirSync(dir).length < 5) await new Promise((done) => setTimeout(done, 5));
  const tail = new FollowedTail(t, [dir, "--json", "-n", "1000000"]);
  await tail.until(() => tail.lines.length > 0);
  await write(dir, "late", 500, ["new", "a"]);
  await Promise.all(writers);
  await tail.until(() => tail.lines.length >= 8500);
  await write(dir, "last", 1, ["newer"]);
  await tail.until(() => tail.lines.length >= 8501);
  assertAll(tail.entries, { first: 3000, second: 3000, third: 2000, late: 500, last: 1 });
  assert.equal(tail.stderr, "");
});

test("prints the entries of subdirectories, also of new ones, when it is recursive", async (t) => {
  const dir = temporaryFolder(t);
  const below = path.join(dir, "team", "build");
  await append(path.join(dir, "team"), "a", numbered(0));
  const tail = new FollowedTail(t, [dir, "-r", "--json"]);
  await tail.until(() => tail.lines.length === 1);
  await append(path.join(dir, "team"), "a", numbered(1));
  await append(below, "b", numbered(2));
  await append(dir, "c", numbered(3));
  await tail.until(() => tail.lines.length === 4);
  assert.deepEqual(tail.entries.map(({ phase }) => phase).sort(), ["0", "1", "2", "3"]);
  const named = new FollowedTail(t, [dir, "team/build/b", "team/later", "-r", "--json"]);
  await named.until(() => named.lines.length === 1);
  await append(path.join(dir, "team"), "later", numbered(4));
  await named.until(() => named.lines.length === 2);
  assert.equal(tail.stderr, "");
});

test("prints only new entries that match when it has a filter", async (t) => {
  const dir = temporaryFolder(t);
  for (const n of [1, 2, 3]) await append(dir, "s", numbered(n));
  const tail = new FollowedTail(t, [dir, "s", "--json", "-n", "1", "--skill", "tdd"]);
  await tail.until(() => tail.lines.length === 1);
  await append(dir, "s", { skill: "plan", phase: "4", final_status: "pass" });
  await append(dir, "s", numbered(5));
  await tail.until(() => tail.lines.length === 2);
  assert.deepEqual(
    tail.entries.map(({ phase }) => phase),
    ["3", "5"],
  );
});

test("prints a line once, when it is whole, when tail starts while it is written", async (t) => {
  const line = Buffer.from(
    encode({ session_id: "s", timestamp: "2026-01-01T00:00:00Z", ...numbered("torn") }),
  );
  for (const last of ["0", "1"]) {
    await t.test(`-n ${last}`, async (t) => {
      const dir = temporaryFolder(t);
      const file = path.join(dir, "s.jsonl");
      for (const id of ["s", "other"]) await append(dir, id, numbered("before"));
      fs.appendFileSync(file, line.subarray(0, 40));
      const tail = new FollowedTail(t, [dir, "--json", "-n", last]);
      await tail.until(() => tail.lines.length === Number(last) || tail.stderr !== "");
      // With -n 0, only a new entry shows that tail follows.
      while (!tail.entries.some(({ phase }) => phase === "go")) {
        await append(dir, "other", numbered("go"));
        await new Promise((done) => setTimeout(done, 100));
      }
      fs.appendFileSync(file, line.subarray(40));
      await tail.until(() => tail.entries.some(({ phase }) => phase === "torn"));
      await append(dir, "s", numbered("after"));
      await tail.until(() => tail.entries.some(({ phase }) => phase === "after"));
      const own = tail.entries.filter(
        ({ session_id, phase }) => session_id === "s" && phase !== "before",
      );
      assert.deepEqual(
        own.map(({ phase }) => phase),
        ["torn", "after"],
      );
      assert.equal(tail.stderr, "");
    });
  }
});

for (const operands of [["s"], []]) {
  test(`prints each entry once when a log is renamed, removed and created again, following ${operands.length > 0 ? "a session" : "a directory"}`, async (t) => {
    const dir = temporaryFolder(t);
    const file = path.join(dir, "s.jsonl");
    await append(dir, "s", numbered(0));
    const tail = new FollowedTail(t, [dir, ...operands, "--json"]);
    await tail.until(() => tail.lines.length === 1);
    for (let n = 1; n <= 20; n += 1) {
      await append(dir, "s", numbered(n));
      // Wait for a new file to be seen before it is replaced again.
      if (n % 4 === 1) await tail.until(() => tail.lines.length === n + 1);
      if (n % 4 === 2) fs.renameSync(file, `${file}.${n}`);
      if (n % 4 === 0) {
        await tail.until(() => tail.lines.length === n + 1);
        fs.rmSync(file);
      }
    }
    await tail.until(() => tail.lines.length === 21);
    assert.deepEqual(
      tail.entries.map(({ phase }) => Number(phase)),
      Array.from({ length: 21 }, (_, n) => n),
    );
    assert.equal(tail.stderr, "");
  });
}

test("prints each entry when there are more sessions than open files", async (t) => {
  const dir = temporaryFolder(t);
  const ids = Array.from({ length: 300 }, (_, n) => `s${n}`);
  for (const id of ids) await append(dir, id, numbered("before"));
  const tail = new FollowedTail(t, [dir, "--json", "-n", "1"]);
  await tail.until(() => tail.lines.length === 1);
  const openFiles = () => fs.readdirSync(`/proc/${tail.child.pid}/fd`).length;
  assert.ok(openFiles() < 110, `${openFiles()} open files while all are idle`);
  for (const round of [1, 2]) {
    for (const id of ids) await append(dir, id, numbered(round));
    await tail.until(() => tail.lines.length === 1 + 300 * round);
    // Wait until tail closes the quiet logs.
    const deadline = performance.now() + 40_000;
    while (openFiles() >= 110 && performance.now() < deadline)
      await new Promise((done) => setTimeout(done, 200));
    assert.ok(openFiles() < 110, `${openFiles()} open files when all are quiet again`);
  }
  for (const id of ids) {
    const own = tail.entries.slice(1).filter(({ session_id }) => session_id === id);
    assert.deepEqual(
      own.map(({ phase }) => phase),
      ["1", "2"],
      id,
    );
  }
});

test("prints each entry of named files when they are in many directories, and one has another ending", async (t) => {
  const dir = temporaryFolder(t);
  const files = Array.from({ length: 150 }, (_, n) => path.join(dir, `d${n % 75}`, `s${n}.jsonl`));
  files.push(path.join(dir, "other.log"));
  const text = (/** @type {string} */ phase) =>
    encode({ session_id: "s", timestamp: "2026-01-01T00:00:00Z", ...numbered(phase) });
  for (const file of files) {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text("before"));
  }
  const later = path.join(dir, "d0", "later.jsonl");
  const tail = new FollowedTail(t, [...files, later, "--json", "-n", "1"]);
  await tail.until(() => tail.lines.length === 1);
  for (const file of [...files, later]) fs.appendFileSync(file, text(path.basename(file)));
  await tail.until(() => tail.lines.length === 1 + files.length + 1);
  assert.deepEqual(
    tail.entries
      .slice(1)
      .map(({ phase }) => phase)
      .sort(),
    [...files, later].map((file) => path.basename(file)).sort(),
  );
  const openFiles = fs.readdirSync(`/proc/${tail.child.pid}/fd`).length;
  assert.ok(openFiles < 110, `${openFiles} open files`);
  assert.match(tail.stderr, /later\.jsonl: does not exist yet; waiting for it\n$/);
});

for (const isOpen of [true, false]) {
  test(`prints no entry again when a session is renamed ${isOpen ? "while its log is open" : "after its log was closed"}`, async (t) => {
    const dir = temporaryFolder(t);
    for (const n of [1, 2]) await append(dir, "s", numbered(n));
    // More logs than are held open, and all newer.
    for (let n = 0; n < (isOpen ? 1 : 80); n += 1)
      await append(dir, `other${n}`, { skill: "plan", final_status: "pass" });
    if (!isOpen) fs.utimesSync(path.join(dir, "s.jsonl"), 0, 0);
    const tail = new FollowedTail(t, [dir, "--json", "--skill", "tdd"]);
    await tail.until(() => tail.lines.length === 2);
    await append(dir, "other0", numbered("go"));
    await tail.until(() => tail.lines.length === 3);
    fs.renameSync(path.join(dir, "s.jsonl"), path.join(dir, "renamed.jsonl"));
    await append(dir, "another", numbered(3));
    await tail.until(() => tail.lines.length === 4);
    await append(dir, "renamed", { ...numbered(4), session_id: "renamed" });
    await tail.until(() => tail.lines.length >= 5);
    await append(dir, "s", numbered(5));
    await append(dir, "renamed", { ...numbered(6), session_id: "renamed" });
    await tail.until(() => tail.lines.length >= 7);
    assert.deepEqual(tail.entries.map(({ phase }) => phase).sort(), [
      "1",
      "2",
      "3",
      "4",
      "5",
      "6",
      "go",
    ]);
  });
}

test("warns once per damaged line, and prints the entries after it, when a log is damaged", async (t) => {
  const dir = temporaryFolder(t);
  await append(dir, "s", numbered(1));
  const tail = new FollowedTail(t, [dir, "--json"]);
  await tail.until(() => tail.lines.length === 1);
  fs.appendFileSync(path.join(dir, "s.jsonl"), "garbage \u001b[31m\n");
  await append(dir, "s", numbered(2));
  fs.appendFileSync(path.join(dir, "s.jsonl"), "more\n");
  await append(dir, "s", numbered(3));
  await tail.until(() => tail.lines.length === 3);
  await tail.until(() => tail.stderr.split("\n").length === 3);
  assert.match(
    tail.stderr,
    /^skill-log: warning: .*s\.jsonl: 1 damaged line, at byte \d+ \(corrupt: .*\nskill-log: warning: .*s\.jsonl: 1 damaged line, at byte \d+ \(corrupt: .*\n$/,
  );
});

test("reports a log that it cannot follow, goes on with the others, and ends when none is left", async (t) => {
  const dir = temporaryFolder(t);
  for (const id of ["a", "b"]) await append(dir, id, numbered(1));
  const tail = new FollowedTail(t, [dir, "a", "b", "--json"]);
  await tail.until(() => tail.lines.length === 2);
  const replace = (/** @type {string} */ id) => {
    fs.rmSync(path.join(dir, `${id}.jsonl`));
    fs.symlinkSync("elsewhere", path.join(dir, `${id}.jsonl`));
  };
  replace("a");
  await tail.until(() => tail.stderr.includes("a.jsonl: not a regular file"));
  await append(dir, "b", numbered(2));
  await tail.until(() => tail.lines.length === 3);
  replace("b");
  assert.equal(await tail.status(), 1);
  assert.match(
    tail.stderr,
    /^skill-log: error: .*a\.jsonl: not a regular file.*\nskill-log: error: .*b\.jsonl: not a regular file.*\n$/,
  );
});

test("waits when the directory and the session do not exist yet", async (t) => {
  const dir = path.join(temporaryFolder(t), "logs", "later");
  const session = new FollowedTail(t, [dir, "s", "--json"]);
  const directory = new FollowedTail(t, [dir, "--json"]);
  for (const tail of [session, directory]) await tail.until(() => tail.stderr.includes("\n"));
  assert.match(session.stderr, /s\.jsonl: does not exist yet; waiting for it\n$/);
  await append(dir, "s", numbered(1));
  for (const tail of [session, directory]) {
    await tail.until(() => tail.lines.length === 1);
    assert.equal(tail.entries[0].phase, "1");
  }
});

test("prints an entry within 200 ms when it follows one session and when it follows 1000", async (t) => {
  for (const count of [1, 1000]) {
    const dir = temporaryFolder(t);
    for (let n = 0; n < count; n += 1) await append(dir, `s${n}`, numbered("before"));
    const tail = new FollowedTail(t, [dir, "--json", "-n", "1"]);
    await tail.until(() => tail.lines.length === 1);
    const times = [];
    for (let n = 0; n < 15; n += 1) {
      const before = performance.now();
      await append(dir, `s${(n * 7) % count}`, numbered(n));
      await tail.until(() => tail.lines.length === n + 2);
      times.push(performance.now() - before);
    }
    const median = times.sort((a, b) => a - b)[7];
    assert.ok(median < 200, `${median} ms with ${count} sessions`);
  }
});

test("ends quietly with the next entry when its reader has gone", async (t) => {
  const dir = temporaryFolder(t);
  await append(dir, "s", numbered(1));
  const tail = new FollowedTail(t, [dir]);
  await tail.until(() => tail.lines.length === 1);
  tail.child.stdout.destroy();
  // The first entry may be written before the pipe is closed.
  const timer = setInterval(() => void append(dir, "s", numbered(2)), 100);
  t.after(() => clearInterval(timer));
  assert.equal(await tail.status(), 0);
  assert.equal(tail.stderr, "");
});

for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) {
  test(`ends by the signal when it gets ${signal}`, async (t) => {
    const dir = temporaryFolder(t);
    await append(dir, "s", numbered(1));
    const tail = new FollowedTail(t, [dir]);
    await tail.until(() => tail.lines.length === 1);
    tail.child.kill(signal);
    assert.equal(await tail.status(), signal);
    assert.equal(tail.stderr, "");
  });
}
