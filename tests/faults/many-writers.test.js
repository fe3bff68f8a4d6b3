// The fault: many processes append short and long lines to one file while another process repairs
// it.

import assert from "node:assert/strict";
import { appendFileSync, closeSync, openSync, readSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { SessionLog } from "skill-log";

import { ready, run, start } from "./child.js";
import { temporaryDirectory } from "./directory.js";
import { briefly, lineOf, logUniformLengths, numberedEntry } from "./numbered-entry.js";

/** Short, as the writers' names are, so that an entry fits in 100 bytes. */
const session = "s";

test("keeps 8,000 entries whole and in order when 16 processes append while another repairs", async (t) => {
  const dir = temporaryDirectory();
  const writers = someWriters({ count: 16, entries: 500, least: 100, most: 2 ** 21 });
  const bytes = writers
    .flatMap((of) => logUniformLengths(of))
    .reduce((sum, length) => sum + length);
  const { bavail, bsize } = statfsSync(dir);
  t.diagnostic(`${bytes} bytes`);
  assert.ok(
    bavail * bsize > bytes,
    `${dir} has no room for ${bytes} bytes: set TMPDIR to a folder that has`,
  );
  const [repairs] = await repairWhile(dir, [[]], () => write(dir, writers));
  t.diagnostic(`${repairs.rounds} repairs`);
  assert.ok(repairs.rounds >= 3, `only ${repairs.rounds} repairs`);
  assert.deepEqual(repairs.damage, []);

  const inFile = checkLines(join(dir, `${session}.jsonl`), writers);
  const log = await SessionLog.open(dir, session);
  let at = 0;
  for await (const { entry, offset, length, recovered } of log.records()) {
    const { writer, number, ...place } = inFile[at++];
    assert.deepEqual(
      { skill: entry.skill, phase: entry.phase, recovered },
      { skill: writer, phase: `${number}`, recovered: false },
    );
    assert.deepEqual({ offset, length }, place);
  }
  assert.equal(at, 16 * 500);
  const { entries, damage, pending } = await log.verify();
  assert.deepEqual({ entries, damage, pending }, { entries: 16 * 500, damage: [], pending: null });
  await log.close();
});

test("reports no damage when 8 processes append lines of 2 MiB while others read in every way", async (t) => {
  const dir = temporaryDirectory();
  // The file exists from the start, so that each reader finds it.
  appendFileSync(join(dir, `${session}.jsonl`), "\n");
  const writers = someWriters({ count: 8, entries: 40, least: 2 ** 21, most: 2 ** 21 });
  const ways = ["read", "reverse", "verify", "index", "follow"];
  const readers = ways.map((way) => start("looping-reader.js", [dir, session, way, 8 * 40]));
  try {
    await ready(...readers);
    const begun = performance.now();
    await write(dir, writers, 250, 1);
    assert.ok(performance.now() - begun >= 10_000, "the writers ended too soon");
  } finally {
    for (const { process } of readers) process.stdin.end();
  }
  for (const [i, { ended }] of readers.entries()) {
    const { code, stdout, stderr } = await ended;
    assert.equal(code, 0, `${ways[i]}: ${stderr}`);
    const { rounds, entries, damage } = JSON.parse(stdout.replace("ready\n", ""));
    t.diagnostic(`${ways[i]}: ${rounds} rounds`);
    assert.deepEqual({ entries, damage }, { entries: 8 * 40, damage: [] }, ways[i]);
    assert.ok(rounds >= 5, `${ways[i]}: only ${rounds} rounds`);
  }
});

test("loses no entry when two processes leave torn lines and repair while others append", async (t) => {
  const dir = temporaryDirectory();
  const writers = someWriters({ count: 6, entries: 1000, least: 100, most: 2 ** 16 });
  // The file exists from the start, so that the first repair finds it.
  appendFileSync(join(dir, `${session}.jsonl`), "\n");
  const torn = lineOf(numberedEntry({ session, writer: "torn", number: 0, length: 300 }))
    .toString()
    .slice(0, 150);
  for (const { rounds, repaired, damage } of await repairWhile(dir, [[torn], [torn]], () =>
    write(dir, writers),
  )) {
    t.diagnostic(`${rounds} repairs, of ${repaired} pieces`);
    assert.ok(repaired > 0, "no torn line was repaired");
    assert.deepEqual(
      damage.filter((found) => !isExpected(found)),
      [],
    );
  }

  const log = await SessionLog.open(dir, session);
  await checkEntries(log, writers);
  await log.append(numberedEntry({ session, writer: "later", number: 0 }));
  await log.repair();
  const { damage, pending } = await log.verify();
  assert.deepEqual({ damage, pending }, { damage: [], pending: null });
  await checkEntries(log, writers);
  await log.close();
});

/**
 * Tells whether damage is a torn line, or one that the other repair is overwriting.
 *
 * @param {import("skill-log").Damage} damage
 */
function isExpected({ kind, reason }) {
  return kind === "torn" || kind === "fused" || reason.startsWith("byte 0x18 ");
}

/** @param {{ count: number, entries: number, least: number, most: number }} of */
function someWriters({ count, entries, least, most }) {
  return Array.from({ length: count }, (_, i) => ({
    writer: "abcdefghijklmnop"[i],
    seed: i + 1,
    count: entries,
    least,
    most,
  }));
}

/**
 * @param {string} dir
 * @param {ReturnType<typeof someWriters>} writers
 * @param {number[]} rest milliseconds that each writer pauses, and the entries between pauses
 */
async function write(dir, writers, ...rest) {
  const endings = await Promise.all(
    writers.map(({ writer, seed, count, least, most }) =>
      run("writer.js", [dir, session, writer, seed, count, least, most, ...rest]),
    ),
  );
  for (const { code, stderr } of endings) assert.equal(code, 0, stderr);
}

/**
 * Runs a repairing process for each of `args` while `work` runs.
 *
 * @param {string} dir
 * @param {string[][]} args
 * @param {() => Promise<void>} work
 * @returns {Promise<{ rounds: number, repaired: number, damage: import("skill-log").Damage[] }[]>}
 */
async function repairWhile(dir, args, work) {
  const repairers = args.map((each) => start("repairer.js", [dir, session, ...each]));
  try {
    await ready(...repairers);
    await work();
  } finally {
    for (const { process } of repairers) process.stdin.end();
  }
  return Promise.all(
    repairers.map(async ({ ended }) => {
      const { code, stdout, stderr } = await ended;
      assert.equal(code, 0, stderr);
      return JSON.parse(stdout.replace("ready\n", ""));
    }),
  );
}

/**
 * Compares each line, read without the package, with the line of its writer, and returns their
 * places.
 *
 * @param {string} path
 * @param {ReturnType<typeof someWriters>} writers
 */
function checkLines(path, writers) {
  const expected = new Map(
    writers.map(({ writer, ...of }) => [writer, { lengths: logUniformLengths(of), next: 0 }]),
  );
  const places = [];
  for (const { line, offset } of linesOf(path)) {
    if (line.length === 1) continue;
    const [, writer, number] =
      /"skill":"(.*?)","phase":"(\d+)"/.exec(line.toString("latin1", 0, 200)) ?? [];
    const of = expected.get(writer);
    assert.ok(of, `no writer made the line at ${offset}: ${line.toString("latin1", 0, 200)}`);
    assert.equal(Number(number), of.next, `an entry of ${writer} is out of order at ${offset}`);
    const made = lineOf(
      numberedEntry({ session, writer, number: of.next, length: of.lengths[of.next] }),
    );
    assert.ok(
      line.equals(made),
      `entry ${number} of ${writer}, at ${offset}, differs from what was written`,
    );
    places.push({ writer, number: of.next++, offset, length: line.length - 1 });
  }
  for (const [writer, { lengths, next }] of expected)
    assert.equal(next, lengths.length, `the last entries of ${writer} are lost`);
  return places;
}

/** @param {string} path */
function* linesOf(path) {
  const file = openSync(path, "r");
  let bytes = Buffer.alloc(0);
  let offset = 0;
  for (;;) {
    const chunk = Buffer.alloc(2 ** 24);
    const read = readSync(file, chunk);
    if (read === 0) break;
    bytes = Buffer.concat([bytes, chunk.subarray(0, read)]);
    let start = 0;
    for (let end = bytes.indexOf("\n"); end >= 0; end = bytes.indexOf("\n", start)) {
      yield { line: bytes.subarray(start, end + 1), offset: offset + start };
      start = end + 1;
    }
    bytes = bytes.subarray(start);
    offset += start;
  }
  closeSync(file);
  assert.equal(bytes.length, 0, "the file does not end with a line end");
}

/**
 * Checks that the package reads the entries of each writer, in order.
 *
 * @param {SessionLog} log
 * @param {ReturnType<typeof someWriters>} writers
 */
async function checkEntries(log, writers) {
  const all = await log.read({ onDamage() {} });
  for (const { writer, ...of } of writers) {
    const written = logUniformLengths(of).map((length, number) =>
      numberedEntry({ session, writer, number, length }),
    );
    assert.deepEqual(briefly(all.filter(({ skill }) => skill === writer)), briefly(written));
  }
}
