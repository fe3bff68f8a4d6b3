// Makes the big logs from the corpus, and keeps them below target/bench for later runs.

import { createHash } from "node:crypto";
import { appendFileSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { say } from "../scripts/command.js";
import { writeLog } from "./corpus.js";
import { folder } from "./scratch.js";

/**
 * Megabytes of the piece that larger logs repeat, because only the amount matters at such sizes.
 */
const largestPiece = 256;

/** @typedef {{ dir: string, id: string, path: string, bytes: number, entries: number }} Log */

/** Identifies the code that makes the logs. Logs of other code are made again. */
const maker = createHash("sha256");
for (const file of ["./corpus.js", "../tests/conformance/random.js"])
  maker.update(readFileSync(fileURLToPath(new URL(file, import.meta.url))));
const version = maker.digest("hex");

/**
 * Returns a log of `megabytes` × 10^6 bytes, and up to an entry more. Nobody may write to it.
 *
 * @param {number} megabytes
 * @returns {Log}
 */
export function logOf(megabytes) {
  const id = `corpus-${megabytes}mb`;
  const path = join(folder, `${id}.jsonl`);
  const about = join(folder, `${id}.json`);
  const made = facts(about);
  if (made?.version === version && statSync(path, { throwIfNoEntry: false })?.size === made.bytes) {
    return { dir: folder, id, path, bytes: made.bytes, entries: made.entries };
  }
  say(`making ${path}, which later runs reuse`);
  rmSync(path, { force: true });
  const written =
    megabytes <= largestPiece ? writeLog(path, megabytes * 1e6) : repeat(path, megabytes);
  writeFileSync(about, `${JSON.stringify({ version, ...written })}\n`);
  return { dir: folder, id, path, ...written };
}

/** @param {string} path @returns {{ version: string, bytes: number, entries: number } | null} */
function facts(path) {
  return statSync(path, { throwIfNoEntry: false }) ? JSON.parse(readFileSync(path, "utf8")) : null;
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
