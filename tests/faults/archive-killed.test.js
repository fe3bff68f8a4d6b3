// The fault: `skill-log archive` and `skill-log unarchive` are killed (SIGKILL) at any moment.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { read } from "skill-log";

import { Random } from "../conformance/random.js";
import { archivedText, partsOf } from "./archived-text.js";
import { ready, start } from "./child.js";
import { temporaryDirectory } from "./directory.js";
import { lineOf, numberedEntry } from "./numbered-entry.js";

/** What names an entry of a writer. @typedef {{ skill: string, phase?: string }} Numbered */

/** How often an archiving process is killed while others write. ARCHIVE_KILLS=100 takes two minutes. */
const KILLS = Number(process.env.ARCHIVE_KILLS ?? 10);

/** So many kills meet several states, however busy the machine is. */
const MANY = 50;

/** A run that is not killed waits a second before it removes a log. */
const LONGEST_WAIT = 1600;

const program = fileURLToPath(new URL("../../dist/cli/skill-log.js", import.meta.url));
const preload = new URL("children/killed-call.js", import.meta.url).href;

/**
 * Starts the command line.
 *
 * @param {string[]} words
 * @param {number} [killedCall]
 */
function skillLog(words, killedCall) {
  const imports = killedCall === undefined ? [] : ["--import", preload];
  const child = spawn(process.execPath, [...imports, program, ...words], {
    env: { ...process.env, KILLED_CALL: `${killedCall}` },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
  const ended = new Promise((done) =>
    child.on("close", (code, signal) => done({ code, signal, stderr })),
  );
  return {
    child,
    ended: /** @type {Promise<{ code: number | null, signal: string | null, stderr: string }>} */ (
      ended
    ),
  };
}

/** @param {string[]} words */
async function succeed(...words) {
  const { code, stderr } = await skillLog(words).ended;
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
}

test(`shows every entry once when archiving is killed ${KILLS} times while 2 processes write`, async (t) => {
  const dir = temporaryDirectory();
  const session = "s";
  const names = ["a", "b"];
  const patience = 60_000 + KILLS * 10_000;
  const writers = names.map((name) =>
    start("steady-writer.js", [dir, session, name], { patience }),
  );
  const acknowledged = names.map(() => 0);
  for (const [at, { process }] of writers.entries())
    process.stdout.on("data", (text) => (acknowledged[at] += text.split("\n").length - 1));
  await ready(...writers);

  let looks = 0;
  let isOver = false;
  const reading = (async () => {
    for (; !isOver; looks += 1) {
      const before = [...acknowledged];
      checkEntries(linesOf(await archivedText(dir, session)), names, before);
      const now = [...acknowledged];
      checkEntries(await read(dir, session), names, now);
      await pause(20);
    }
  })();
  // A failed look ends the test; without this, it would end the process.
  reading.catch(() => {});

  const random = new Random(7);
  const outcome = { killed: 0, whole: 0 };
  /** How many states were met, by the names of the files. @type {Map<string, number>} */
  const states = new Map();
  try {
    for (let kill = 0; kill < KILLS; kill += 1) {
      const { child, ended } = skillLog(["archive", dir, "--idle", "0s"]);
      await Promise.race([pause(random.fraction() * LONGEST_WAIT), reading]);
      child.kill("SIGKILL");
      const { signal, code, stderr } = await ended;
      if (signal === null) assert.equal(code, 0, stderr);
      outcome[signal === null ? "whole" : "killed"] += 1;
      const state = readdirSync(dir)
        .map((name) => name.replace(/\.\d+\./, ".N."))
        .sort()
        .join(" ");
      states.set(state, (states.get(state) ?? 0) + 1);
    }
  } finally {
    for (const { process } of writers) process.stdin.end();
    isOver = true;
  }
  await reading;
  for (const { ended } of writers) assert.equal((await ended).code, 0);
  t.diagnostic(`${JSON.stringify(outcome)}, ${looks} looks, ${acknowledged} entries`);
  for (const [state, count] of states) t.diagnostic(`${count}: ${state}`);
  assert.ok(outcome.killed > 0 && looks > KILLS);
  // On a busy machine, a few kills may all come before a file is moved.
  assert.ok(states.size > 1 || KILLS < MANY);

  await succeed("archive", dir, "--idle", "0s");
  assert.deepEqual(readdirSync(dir), [`${session}.jsonl.zst`]);
  const text = await archivedText(dir, session);
  checkEntries(linesOf(text), names, acknowledged);
  checkEntries(await read(dir, session), names, acknowledged);
  assert.ok(partsOf(readFileSync(join(dir, `${session}.jsonl.zst`))).length > 1);
  await succeed("unarchive", dir, session);
  assert.deepEqual(readdirSync(dir), [`${session}.jsonl`]);
  assert.ok(readFileSync(join(dir, `${session}.jsonl`)).equals(text));
});

/**
 * Returns what stands on the lines of a text.
 *
 * @param {Buffer} text
 * @returns {Numbered[]}
 */
function linesOf(text) {
  return text
    .toString()
    .split("\n")
    .flatMap((line) => (line === "" ? [] : [JSON.parse(line)]));
}

/**
 * Checks that each acknowledged entry is there, once, and in the order of its writer.
 *
 * @param {Numbered[]} entries
 * @param {string[]} writers
 * @param {number[]} acknowledged
 */
function checkEntries(entries, writers, acknowledged) {
  const next = writers.map(() => 0);
  for (const { skill, phase } of entries) {
    const writer = writers.indexOf(skill);
    assert.equal(`${skill} ${phase}`, `${skill} ${next[writer]}`);
    next[writer] += 1;
  }
  for (const [at, count] of acknowledged.entries())
    assert.ok(next[at] >= count, `${writers[at]}: ${next[at]} of ${count} entries`);
}

const lines = (/** @type {number} */ from, /** @type {number} */ to) =>
  Buffer.concat(
    Array.from({ length: to - from }, (_, at) =>
      lineOf(numberedEntry({ session: "s", writer: "w", number: from + at, length: 900 })),
    ),
  );
/** The torn line is no surprise. */
const quiet = { onDamage: () => {} };

const torn = lines(200, 201).subarray(0, 400);

/**
 * What is there before a command: the parts of the archive, and the log.
 *
 * @type {{ title: string, command: "archive" | "unarchive", parts: Buffer[], log?: Buffer }[]}
 */
const cases = [
  {
    title: "adding a log to an archive that ends in a torn line",
    command: "archive",
    parts: [lines(0, 100), Buffer.concat([lines(100, 150), torn])],
    log: lines(150, 200),
  },
  {
    title: "unarchiving an archive beside a log",
    command: "unarchive",
    parts: [lines(0, 100)],
    log: lines(100, 200),
  },
];

/**
 * Returns the names of a session's files.
 *
 * @param {string} dir
 */
function filesIn(dir) {
  // What a killed process locked is unlocked by the next one.
  return readdirSync(dir).filter((name) => !name.endsWith(".lock"));
}

for (const { title, command, parts, log } of cases) {
  test(`shows the same text when ${title} is killed before any change of a name`, async (t) => {
    const base = temporaryDirectory();
    const origin = join(base, "origin");
    mkdirSync(origin);
    const path = join(origin, "s.jsonl");
    for (const part of parts) {
      writeFileSync(path, part);
      await succeed("archive", origin, "--idle", "0s");
    }
    if (log) writeFileSync(path, log);
    const expected = await archivedText(origin, "s");
    const entries = await read(origin, "s", quiet);
    assert.equal(entries.length, 200);
    const words = command === "archive" ? ["--idle", "0s"] : ["s"];

    /** @param {number} nth @returns {Promise<boolean>} whether the command was killed */
    const killAt = async (nth) => {
      const dir = join(base, `${nth}`);
      mkdirSync(dir);
      for (const name of readdirSync(origin))
        writeFileSync(join(dir, name), readFileSync(join(origin, name)));
      const { signal, code, stderr } = await skillLog([command, dir, ...words], nth).ended;
      if (signal === null) assert.equal(code, 0, stderr);
      assert.ok((await archivedText(dir, "s")).equals(expected), `killed at call ${nth}`);
      assert.deepEqual(await read(dir, "s", quiet), entries, `killed at call ${nth}`);
      // Each command completes what was left, by itself or by the other one.
      const isArchived = (command === "archive") === nth % 3 > 0;
      const names = isArchived ? ["s.jsonl.zst"] : ["s.jsonl"];
      if (`${filesIn(dir)}` !== `${names}`)
        await succeed(...(isArchived ? ["archive", dir, "--idle", "0s"] : ["unarchive", dir, "s"]));
      assert.deepEqual(filesIn(dir), names, `call ${nth}`);
      assert.ok((await archivedText(dir, "s")).equals(expected), `completed after call ${nth}`);
      return signal !== null;
    };
    let killed = 0;
    for (let from = 1, isOver = false; !isOver; from += 4) {
      const outcomes = await Promise.all(Array.from({ length: 4 }, (_, at) => killAt(from + at)));
      killed += outcomes.filter(Boolean).length;
      isOver = outcomes.includes(false);
    }
    t.diagnostic(`${killed} kills`);
    assert.ok(killed >= 6, `only ${killed} kills`);
  });
}
