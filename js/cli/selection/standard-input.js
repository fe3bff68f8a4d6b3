// Standard input, kept in a file while it is looked at: it may be longer than memory, and is read more than once.

import fs from "node:fs";
import { pipeline } from "node:stream/promises";

import { temporaryFile } from "./temporary-file.js";

/**
 * Writes what comes on standard input to a temporary file, which is removed when the program ends. Nobody else can read it.
 *
 * @returns {Promise<{ path: string, bytes: number }>} when all of it has come
 */
export async function spoolStandardInput() {
  const { path, done } = startSpool();
  await done;
  return { path, bytes: fs.statSync(path).size };
}

/**
 * Begins to do so.
 *
 * @returns {{ path: string, done: Promise<void> }} `done` when all of it has come
 */
export function startSpool() {
  const file = temporaryFile("standard-input.jsonl");
  const stream = fs.createWriteStream(file, { flags: "ax", mode: 0o600 });
  return { path: file, done: pipeline(process.stdin, stream) };
}
