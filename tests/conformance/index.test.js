// Checks that the index of any file holds what reading the file returns.

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

/** The values of a decoded entry for missing members. A line may also spell these values. */
const zeros = Object.entries({
  session_id: "",
  timestamp: "0001-01-01T00:00:00Z",
  skill: "",
  final_status: "",
});

// Not within a test, because the runner tracks each promise there, which doubles the time.
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
  // Few tails are pending, because few are exactly the beginning of an entry.
  for (const [what, count] of Object.entries(found))
    assert(count > (what === "pending" ? 3_000 : 5_000), `${what}: only ${count}`);
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
    // Larger files, so that chunks of 64 KiB and 512 KiB end at any byte.
    joined.push(file, Buffer.from(random.chance(0.9) ? "\n" : ""));
    size += file.length;
    if (size < 3_000_000) continue;
    await check(Buffer.concat(joined), `the files up to file ${found.files}, joined`);
    [joined, size] = [[], 0];
  }
  return { found, failures };
}

/**
 * Makes files of some lines, and files that are one line. Many of those lines hold line ends.
 *
 * @param {Random} random
 * @param {string[]} recorded
 */
function* files(random, recorded) {
  yield* randomFiles(random, 10_000);
  yield* randomLines(random, 90_000, recorded);
}

/**
 * Compares the index of a file with what reading the file returns.
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
  const entries = await index.entries({ start: 0, end: index.length });
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
 * Returns whether a row's `foreign` can be right. An entry is foreign when a key is missing, and
 * not foreign when each key has a value.
 *
 * @param {boolean} isForeign what the row says
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
