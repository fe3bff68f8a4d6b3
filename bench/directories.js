// Makes directories of many sessions, and keeps them below target/bench for later runs.

import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { say } from "../scripts/command.js";
import { KeptFacts } from "./kept.js";
import { folder } from "./scratch.js";
import { idOf, sessions, sizes } from "./sessions.js";

/** @typedef {import("./sessions.js").SizeName} SizeName */

/**
 * @typedef {object} SessionDirectory
 * @property {string} dir
 * @property {string[]} names of the files, in order
 * @property {number} bytes of all files
 * @property {number} entries in all files
 */

/** How many sessions of a directory grow. */
export const growingCount = 10;

/** @type {KeptFacts<{ bytes: number, entries: number }>} */
const kept = new KeptFacts(
  new URL("./sessions.js", import.meta.url),
  new URL("./corpus.js", import.meta.url),
  new URL("../tests/conformance/random.js", import.meta.url),
);

/**
 * Returns a directory of `count` sessions. Nobody may write to it.
 *
 * @param {number} count below a million
 * @param {SizeName} size
 * @returns {SessionDirectory}
 */
export function sessionsOf(count, size) {
  return directory(`sessions-${count}x${size}`, count, size);
}

/**
 * Returns another directory of the same sessions, and the names of those that the caller may append
 * to. It is kept as well, because to copy and to remove so many files takes minutes on some disks.
 *
 * @param {number} count below a million
 * @param {SizeName} size
 * @returns {SessionDirectory & { growing: string[] }}
 */
export function growingSessionsOf(count, size) {
  const original = sessionsOf(count, size);
  const found = directory(`sessions-${count}x${size}-growing`, count, size);
  const growing = Array.from(
    { length: growingCount },
    (_, i) => found.names[Math.floor((i * count) / growingCount)],
  );
  // An earlier run appended to them.
  for (const name of growing) copyFileSync(join(original.dir, name), join(found.dir, name));
  return { ...found, growing };
}

/**
 * Appends its last entry again to each of some sessions. Returns the number of entries.
 *
 * @param {SessionDirectory & { growing: string[] }} sessions
 */
export function grow({ dir, growing }) {
  for (const name of growing) {
    const path = join(dir, name);
    const bytes = readFileSync(path);
    appendFileSync(path, bytes.subarray(bytes.lastIndexOf(10, -2) + 1));
  }
  return growing.length;
}

/**
 * @param {string} name
 * @param {number} count
 * @param {SizeName} size
 * @returns {SessionDirectory}
 */
function directory(name, count, size) {
  const dir = join(folder, name);
  const names = Array.from({ length: count }, (_, i) => `${idOf(i)}.jsonl`);
  const made = kept.of(name);
  if (made && existsSync(dir) && readdirSync(dir).length === count) return { dir, names, ...made };
  say(`making ${dir}, which later runs reuse`);
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir);
  const written = { bytes: 0, entries: 0 };
  const session = sessions(sizes[size]);
  for (const name of names) {
    const lines = session.next().value;
    const bytes = Buffer.concat(lines);
    writeFileSync(join(dir, name), bytes, { flag: "wx" });
    written.bytes += bytes.length;
    written.entries += lines.length;
  }
  kept.keep(name, written);
  return { dir, names, ...written };
}
