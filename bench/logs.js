// The big logs: made of the corpus once, and kept below target/bench for the next run.

import { createHash } from "node:crypto";
import { appendFileSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { say } from "../scripts/command.js";
import { writeLog } from "./corpus.js";
import { folder } from "./scratch.js";

/** A larger log is one of at most so many megabytes, again and again: what matters at such sizes is how much there is. */
const largestPiece = 256;

/** @typedef {{ dir: string, id: string, path: string, bytes: number, entries: number }} Log */

/** What a log is made by. One that something else made is made again. */
const maker = createHash("sha256");
for (const file of ["./corpus.js", "../tests/conformance/random.js"])
  maker.update(readFileSync(fileURLToPath(new URL(file, import.meta.url))));
const version = maker.digest("hex");

/**
 * Gives a log of so many megabytes (of 10^6 bytes), and up to an entry more. Nobody may write to it.
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
  say(`making ${path}, once`);
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
