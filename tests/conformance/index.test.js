// Whatever a file holds, its index says what reading it says.

import assert from "node:assert/strict";
import { test } from "node:test";

import { SessionLog } from "skill-log";

import { rowOf } from "../js/indexing/row-of.js";
import { firstDifference } from "./first-difference.js";
import { randomFiles } from "./random-files.js";
import { randomLines } from "./random-lines.js";
import { Random } from "./random.js";
import { canonicalizeVectors, failing, readVectors } from "./vectors.js";

/** @import { Entry, LogRecord } from "skill-log" */

const seed = Number(process.env.SKILL_LOG_SEED ?? 20_260_103);

const lines = canonicalizeVectors();

/** What an entry has where a member is missing that every writer writes; it may be written so as well. */
const zeros = Object.entries({
  session_id: "",
  timestamp: "0001-01-01T00:00:00Z",
  skill: "",
  final_status: "",
});

// Outside of a test: where there is one, the runner tracks every promise, which takes as long again.
const { found, failures } = await checkRandomFiles();

test("indexes what reading finds when the file is a recorded one", async () => {
  const files = readVectors().flatMap(({ id, file }) => (file ? [{ id, file }] : []));
  assert.equal(files.length, 223);
  assert.deepEqual(await failing(files, ({ file }) => checkIndex(file)), []);
});

test("indexes what reading finds when the file is one recorded line", async () => {
  assert.equal(lines.length, 2512);
  assert.deepEqual(await failing(lines, ({ line }) => checkIndex(line)), []);
  assert.deepEqual(
    await failing(lines, ({ line }) => checkIndex(Buffer.concat([line, Buffer.from("\n")]))),
    [],
  );
});

test("indexes what reading finds when the file is random, and mostly damaged", (t) => {
  t.diagnostic(`SKILL_LOG_SEED=${seed}`);
  t.diagnostic(JSON.stringify(found));
  assert.deepEqual(failures, []);
  assert.equal(found.files, 100_000);
  // Most tails are damage as they stand: few are the beginning of an entry, and nothing else.
  for (const [what, count] of Object.entries(found))
    assert(count > (what === "pending" ? 3_000 : 5_000), `${what}: ${count}`);
});

async function checkRandomFiles() {
  const random = new Random(seed);
  const recorded = lines
    .filter(({ line }) => line.length < 4096)
    .map(({ line }) => line.toString("latin1"));
  const found = { files: 0, rows: 0, recovered: 0, foreign: 0, damage: 0, pending: 0 };
  /** @type {string[]} */
  const failures = [];
  const check = async (/** @type {Buffer} */ file, /** @type {string} */ name) => {
    try {
      const index = await checkIndex(file);
      found.rows += index.length;
      found.foreign += index.foreign;
      found.damage += index.damage.length;
      for (const { recovered } of index.damage) found.recovered += recovered;
      if (index.pending) found.pending += 1;
    } catch (error) {
      failures.push(
        `${name}: ${String(error).slice(0, 1000)}; ${file.length} bytes: ${file.toString("base64", 0, 3000)}`,
      );
    }
  };
  /** @type {Buffer[]} */
  let joined = [];
  let size = 0;
  for (const file of files(random, recorded)) {
    found.files += 1;
    await check(file, `file ${found.files}`);
    // Chunks of 64 KiB and of 512 KiB end anywhere in files that are larger.
    joined.push(file, Buffer.from(random.chance(0.9) ? "\n" : ""));
    size += file.length;
    if (size < 3_000_000) continue;
    await check(Buffer.concat(joined), `those up to file ${found.files} as one`);
    [joined, size] = [[], 0];
  }
  return { found, failures };
}

/**
 * Files of some lines, and lines that are files: many of those have line ends within.
 *
 * @param {Random} random
 * @param {string[]} recorded
 */
function* files(random, recorded) {
  yield* randomFiles(random, 10_000);
  yield* randomLines(random, 90_000, recorded);
}

/**
 * Compares the index of a file with what reading the file gives.
 *
 * @param {Buffer} file
 */
async function checkIndex(file) {
  const log = await SessionLog.from(file);
  const index = await log.index();
  /** @type {LogRecord[]} */
  const records = [];
  for await (const record of log.records({ onDamage() {} })) records.push(record);
  assert.equal(index.length, records.length);
  const entries = await index.entries([0, index.length]);
  for (const [i, record] of records.entries()) {
    const { foreign, ...row } = index.row(i);
    const { foreign: _, ...expected } = rowOf(record);
    assert.deepEqual(row, expected);
    const { offset, length } = record;
    assert(
      mayBeForeign(foreign === true, record.entry, file.subarray(offset, offset + length)),
      `row ${i}: foreign is ${foreign}`,
    );
    const difference = firstDifference(entries[i], record.entry);
    if (difference) assert.deepEqual(difference.got, difference.expected);
  }
  assert.equal(entries.length, records.length);
  const { bytes, damaged, damage, foreign, pending } = await log.verify();
  const told = {
    bytes: index.bytes,
    damaged: index.damaged,
    damage: index.damage,
    foreign: index.foreign,
    pending: index.pending,
  };
  assert.deepEqual(told, { bytes, damaged, damage, foreign, pending });
  return index;
}

/**
 * Tells whether an entry may be told to be foreign, or not to be: it is where it has no key of a name, and is not where each has a value.
 *
 * @param {boolean} isForeign what is told
 * @param {any} entry
 * @param {Buffer} text
 */
function mayBeForeign(isForeign, entry, text) {
  if (zeros.every(([name, zero]) => entry[name] !== zero)) return !isForeign;
  const keys = new Set(
    Object.keys(JSON.parse(text.toString()) ?? {}).map((key) =>
      key.toLowerCase().replaceAll("ſ", "s").replaceAll("\u212a", "k"),
    ),
  );
  return isForeign || zeros.every(([name]) => keys.has(name));
}
