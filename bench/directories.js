// Makes directories of many sessions, and keeps them below target/bench for later runs.

import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmdirSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { say } from "../scripts/command.js";
import { KeptFacts } from "./kept.js";
import { folder, scratch } from "./scratch.js";
import { idOf, sessions, sizes } from "./sessions.js";

/**
 * @typedef {object} SessionDirectory
 * @property {string} dir
 * @property {string[]} names of the files, in order
 * @property {number} bytes of all files
 * @property {number} entries in all files
 */

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
 * @param {import("./sessions.js").SizeName} size
 * @returns {SessionDirectory}
 */
export function sessionsOf(count, size) {
  const name = `sessions-${count}x${size}`;
  const dir = join(folder, name);
  const names = Array.from({ length: count }, (_, i) => `${idOf(i)}.jsonl`);
  const made = kept.of(name);
  const isThere = existsSync(dir);
  if (made && isThere && readdirSync(dir).length === count) return { dir, names, ...made };
  say(`making ${dir}, which later runs reuse`);
  if (isThere) removeFiles(dir);
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

/**
 * Copies a directory of sessions to a place where they may be written to.
 *
 * @param {SessionDirectory} sessions
 * @returns {SessionDirectory}
 */
export function copyOf({ dir: from, names, ...facts }) {
  const dir = scratch();
  for (const name of names) copyFileSync(join(from, name), join(dir, name));
  return { dir, names, ...facts };
}

/**
 * Removes a directory without subdirectories, because `rmSync` takes three times as long.
 *
 * @param {string} dir
 */
export function removeFiles(dir) {
  for (const name of readdirSync(dir)) unlinkSync(join(dir, name));
  rmdirSync(dir);
}
