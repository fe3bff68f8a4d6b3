// Copies standard input to a temporary file, because it may be longer than memory and is read more
// than once.

import fs from "node:fs";
import { pipeline } from "node:stream/promises";

import { temporaryFile } from "./temporary-file.js";

/**
 * Copies all of standard input to a temporary file that only its owner can read. The file is
 * removed when the program ends.
 *
 * @returns {Promise<{ path: string, bytes: number }>}
 */
export async function spoolStandardInput() {
  const { path, done } = startSpool();
  await done;
  return { path, bytes: fs.statSync(path).size };
}

/**
 * Starts the copy.
 *
 * @returns {{ path: string, done: Promise<void> }} `done` fulfils when all of standard input is
 *   copied
 */
export function startSpool() {
  const file = temporaryFile("standard-input.jsonl");
  // Opened at once, so that the file exists when this returns.
  const stream = fs.createWriteStream(file, { fd: fs.openSync(file, "ax", 0o600) });
  return { path: file, done: pipeline(process.stdin, stream) };
}
