// Makes the big logs from the corpus, and keeps them below target/bench for later runs.

import { appendFileSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { say } from "../scripts/command.js";
import { writeLog } from "./corpus.js";
import { KeptFacts } from "./kept.js";
import { folder } from "./scratch.js";
import { sessions } from "./sessions.js";

/**
 * Megabytes of the piece that larger logs repeat, because only the amount matters at such sizes.
 */
const largestPiece = 256;

/** @typedef {{ dir: string, id: string, path: string, bytes: number, entries: number }} Log */

/** @type {KeptFacts<{ bytes: number, entries: number }>} */
const kept = new KeptFacts(
  new URL("./corpus.js", import.meta.url),
  new URL("../tests/conformance/random.js", import.meta.url),
);

/** @type {KeptFacts<{ bytes: number, entries: number }>} */
const keptSmall = new KeptFacts(
  new URL("./logs.js", import.meta.url),
  new URL("./sessions.js", import.meta.url),
  new URL("./corpus.js", import.meta.url),
);

/**
 * Returns a log of `megabytes` × 10^6 bytes, and up to an entry more. Nobody may write to it.
 *
 * @param {number} megabytes
 * @returns {Log}
 */
export function logOf(megabytes) {
  const id = `corpus-${megabytes}mb`;
  const path = join(folder, `${id}.jsonl`);
  const made = kept.of(id);
  if (made && statSync(path, { throwIfNoEntry: false })?.size === made.bytes) {
    return { dir: folder, id, path, ...made };
  }
  say(`making ${path}, which later runs reuse`);
  rmSync(path, { force: true });
  const written =
    megabytes <= largestPiece ? writeLog(path, megabytes * 1e6) : repeat(path, megabytes);
  kept.keep(id, written);
  return { dir: folder, id, path, ...written };
}

/** Two thirds of the shortest entries of a session. */
const tiny = [{ name: "tiny", percent: 100, from: 200, to: 300 }];

/**
 * Returns a log of so many small entries. Nobody may write to it.
 *
 * @param {number} entries
 * @returns {Log}
 */
export function smallLogOf(entries) {
  const id = `small-${entries}`;
  const path = join(folder, `${id}.jsonl`);
  const made = keptSmall.of(id);
  if (made && statSync(path, { throwIfNoEntry: false })?.size === made.bytes)
    return { dir: folder, id, path, ...made };
  say(`making ${path}, which later runs reuse`);
  const lines = sessions({ least: entries, most: entries, classes: tiny }).next().value;
  const bytes = Buffer.concat(lines);
  writeFileSync(path, bytes);
  keptSmall.keep(id, { bytes: bytes.length, entries });
  return { dir: folder, id, path, bytes: bytes.length, entries };
}

/**
 * @param {string} path
 * @param {number} megabytes
 */
function repeat(path, megabytes) {
  const times = Math.ceil(megabytes / largestPiece);
  const piece = logOf(megabytes / times);
  const bytes = readFileSync(piece.path);
  for (let i = 0; i < times; i++) appendFileSync(path, bytes);
  return { bytes: times * piece.bytes, entries: times * piece.entries };
}
