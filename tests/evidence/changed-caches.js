// The files of caches are changed as disks, or other programs, may change them.

import assert from "node:assert/strict";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { Sessions } from "skill-log";

import { lineOf, numberedEntry } from "../faults/numbered-entry.js";
import { caseRandom } from "./case-random.js";
import { removeOrKeep } from "./kept-folders.js";

/** @import { Random } from "../conformance/random.js" */

/** The logs, and the most entries of each. The caches of both versions fill several sectors. */
const LOGS = 12;
const MOST_ENTRIES = 8;

/** What a disk writes at once, in bytes. */
const SECTOR = 512;

/** When the logs say that they were changed last. */
const LONG_AGO = new Date("2026-01-02T03:04:05Z");

/** How old files are until their cache is believed, in milliseconds: FAT has times of two seconds. */
const BELIEVED_AGE = 2_100;

/**
 * The changes, by name. Each gets the bytes of a cache, those that it had before, and choices.
 *
 * @type {Record<string, (bytes: Buffer, old: Buffer, random: Random) => Buffer>}
 */
const CHANGES = {
  "flipped bits": (bytes, _old, random) => {
    for (let left = random.pick([1, 1, 2, 20]); left > 0; left -= 1)
      bytes[random.below(bytes.length)] ^= 1 << random.below(8);
    return bytes;
  },
  cuts: (bytes, _old, random) => bytes.subarray(0, random.below(bytes.length)),
  "sectors of zeros": (bytes, _old, random) => {
    const at = sectorOf(bytes, random);
    return bytes.fill(0, at, Math.min(at + SECTOR, bytes.length));
  },
  "sectors of another time": (bytes, old, random) => {
    const at = sectorOf(bytes, random);
    old.copy(bytes, at, at, at + SECTOR);
    return bytes;
  },
  "swapped sectors": (bytes, _old, random) => {
    const [one, other] = [sectorOf(bytes, random), sectorOf(bytes, random)];
    const held = Buffer.from(bytes.subarray(one, one + SECTOR));
    bytes.copyWithin(one, other, Math.min(other + SECTOR, bytes.length));
    held.copy(bytes, other);
    return bytes;
  },
  "bytes after the end": (bytes, old, random) =>
    Buffer.concat([bytes, old.subarray(0, random.between(1, old.length))]),
};

/** @type {import("./row.js").Row} */
export const row = {
  name: "changed-caches",
  about:
    "Flips, cuts, zeroes, swaps and mixes bytes of the caches' files, and compares what they show with the logs",
  counts: "changed caches",
  short: 300,
  full: 20_000,
  async open(seed) {
    const base = mkdtempSync(join(tmpdir(), "skill-log-caches-"));
    const dir = join(base, "logs");
    const cache = join(base, "cache");
    writeLogs(dir, 1);
    await pause(BELIEVED_AGE);
    await found(dir, cache);
    const old = filesOf(cache);
    writeLogs(dir, 2);
    await pause(BELIEVED_AGE);
    const expected = await found(dir, cache);
    assert.deepEqual(await found(dir, false), expected);
    const files = filesOf(cache);
    const names = Object.keys(files);
    assert.equal(names.length, 2, `a cache of rows and one of summaries: ${names.join(", ")}`);
    return {
      async run(number) {
        const random = caseRandom(seed, number);
        const name = random.pick(names);
        const kind = random.pick(Object.keys(CHANGES));
        const changed = CHANGES[kind](Buffer.from(files[name]), old[name], random);
        if (changed.equals(files[name])) return 0;
        rmSync(cache, { recursive: true });
        mkdirSync(cache);
        for (const each of names)
          writeFileSync(join(cache, each), each === name ? changed : files[each]);
        assert.deepEqual(
          await found(dir, cache),
          expected,
          `a cache shows other logs than there are: ${kind}`,
        );
        return { units: 1, met: { [kind]: 1 } };
      },
      close: async (isFailed) => removeOrKeep(row.name, base, isFailed),
    };
  },
};

/** @param {Buffer} bytes @param {Random} random */
function sectorOf(bytes, random) {
  return SECTOR * random.below(Math.ceil(bytes.length / SECTOR));
}

/**
 * Writes logs of the same sizes, with other entries at each time.
 *
 * @param {string} dir
 * @param {number} time
 */
function writeLogs(dir, time) {
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir);
  for (let log = 0; log < LOGS; log += 1) {
    const session = `s${log}`;
    const path = join(dir, `${session}.jsonl`);
    const entry = (/** @type {number} */ number) =>
      lineOf(numberedEntry({ session, writer: `writer ${time}`, number, length: 250 }));
    const count = 1 + (log % MOST_ENTRIES);
    writeFileSync(path, Buffer.concat(Array.from({ length: count }, (_, at) => entry(at))));
    // Every third log is damaged, and every fourth ends within an entry.
    if (log % 3 === 0) appendFileSync(path, `damage ${time}\n`);
    if (log % 4 === 0) appendFileSync(path, entry(count).subarray(0, 100));
    utimesSync(path, LONG_AGO, LONG_AGO);
  }
}

/** @param {string} folder @returns {Record<string, Buffer>} */
function filesOf(folder) {
  return Object.fromEntries(
    readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]),
  );
}

/**
 * Returns what the logs hold.
 *
 * @param {string} dir
 * @param {string | false} cache
 */
async function found(dir, cache) {
  const sessions = await Sessions.open(dir, { cache, threads: 1 });
  const summaries = [];
  for await (const summary of sessions.list()) summaries.push(summary);
  const index = await sessions.index();
  const rows = index.range(0, index.length);
  const { damage } = index;
  const stats = index.stats();
  await sessions.close();
  return JSON.parse(JSON.stringify({ summaries, rows, damage, stats }));
}
