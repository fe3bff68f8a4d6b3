// Every entry of a log, parsed: the ways a program has that uses no package for logs.

import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { finished } from "node:stream/promises";

/**
 * A way to parse a log: calls `take` with each entry.
 *
 * @typedef {{ name: string, read: (path: string, take: (entry: any) => void) => Promise<void> }} Reader
 */

/** The one that everybody writes first. A string ends at 512 MB, and so does the log. @type {Reader} */
export const split = { name: "readFile + split + JSON.parse", read: (path, take) => eachLine(path, (line) => take(JSON.parse(line))) };

/** What a program without an index holds of a log: all of it. @param {string} path @returns {Promise<any[]>} */
export async function held(path) {
  const lines = (await readFile(path, "utf8")).split("\n");
  lines.pop(); // behind the last line end
  return lines.map((line) => JSON.parse(line));
}

/** @type {Reader} */
export const readline = {
  name: "readline + JSON.parse",
  async read(path, take) {
    for await (const line of createInterface({ input: createReadStream(path) })) take(JSON.parse(line));
  },
};

/** All that are installed. @returns {Promise<Reader[]>} */
export async function readers() {
  const [split2, streamJson, simdjson] = await Promise.all(
    [import("split2"), import("stream-json/jsonl/parser.js"), import("simdjson")].map((module) => module.then((names) => names.default, missing)),
  );
  /** @type {Reader[]} */
  const found = [split, readline];
  if (split2) {
    found.push({ name: "split2 + JSON.parse", read: (path, take) => finished(createReadStream(path).pipe(split2(JSON.parse)).on("data", take)) });
  }
  if (streamJson) {
    found.push({
      name: "stream-json, its JSONL parser",
      read: (path, take) => finished(createReadStream(path).pipe(streamJson.asStream()).on("data", (/** @type {any} */ { value }) => take(value))),
    });
  }
  // Where it could not be compiled, simdjson is JSON by another name.
  if (simdjson?.lazyParse) {
    found.push({ name: "readFile + split + simdjson", read: (path, take) => eachLine(path, (line) => take(simdjson.parse(line))) });
  }
  return found;
}

/**
 * Calls `take` with each line of a file that ends in a line end.
 *
 * @param {string} path
 * @param {(line: string) => void} take
 */
export async function eachLine(path, take) {
  // Decoded at once: what readFile(path, "utf8") puts together from pieces takes longer to split.
  const lines = (await readFile(path)).toString().split("\n");
  lines.pop(); // behind the last line end
  for (const line of lines) take(line);
}

/** @param {NodeJS.ErrnoException} error */
function missing(error) {
  if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
  return null;
}
