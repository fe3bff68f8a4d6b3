// Parses each entry of a log as programs do that use no package for logs.

import { createReadStream, readdirSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { finished } from "node:stream/promises";

/**
 * A way to parse a log. Calls `take` with each entry.
 *
 * @typedef {{ name: string, read: (path: string, take: (entry: any) => void) => Promise<void> }}
 *   Reader
 */

/** What everybody writes first. The log must fit a string, which holds 512 MB. @type {Reader} */
export const split = {
  name: "readFile + split + JSON.parse",
  read: (path, take) => eachLine(path, (line) => take(JSON.parse(line))),
};

/**
 * Holds all entries, as a program without an index does.
 *
 * @param {string} path
 * @returns {Promise<any[]>}
 */
export async function held(path) {
  const lines = (await readFile(path, "utf8")).split("\n");
  lines.pop(); // the empty text after the last line end
  return lines.map((line) => JSON.parse(line));
}

/**
 * Parses each entry of every log in a directory. Synchronous reads are the fastest for small files.
 *
 * @param {string} dir
 * @param {(entry: any) => void} take
 */
export function splitEach(dir, take) {
  for (const name of readdirSync(dir)) {
    const lines = readFileSync(join(dir, name), "utf8").split("\n");
    lines.pop(); // the empty text after the last line end
    for (const line of lines) take(JSON.parse(line));
  }
}

/** @type {Reader} */
export const readline = {
  name: "readline + JSON.parse",
  async read(path, take) {
    for await (const line of createInterface({ input: createReadStream(path) }))
      take(JSON.parse(line));
  },
};

/** Returns the readers that are installed. @returns {Promise<Reader[]>} */
export async function readers() {
  const [split2, streamJson, simdjson] = await Promise.all(
    [import("split2"), import("stream-json/jsonl/parser.js"), import("simdjson")].map((module) =>
      module.then((names) => names.default, missing),
    ),
  );
  /** @type {Reader[]} */
  const found = [split, readline];
  if (split2) {
    found.push({
      name: "split2 + JSON.parse",
      read: (path, take) =>
        finished(createReadStream(path).pipe(split2(JSON.parse)).on("data", take)),
    });
  }
  if (streamJson) {
    found.push({
      name: "stream-json, its JSONL parser",
      read: (path, take) =>
        finished(
          createReadStream(path)
            .pipe(streamJson.asStream())
            .on("data", (/** @type {any} */ { value }) => take(value)),
        ),
    });
  }
  // When simdjson could not be compiled, it offers JSON.parse under its own name: left out.
  if (simdjson?.lazyParse) {
    found.push({
      name: "readFile + split + simdjson",
      read: (path, take) => eachLine(path, (line) => take(simdjson.parse(line))),
    });
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
  // toString() decodes at once. The string of readFile(path, "utf8") is joined from pieces and
  // splits slower.
  const lines = (await readFile(path)).toString().split("\n");
  lines.pop(); // the empty text after the last line end
  for (const line of lines) take(line);
}

/** @param {NodeJS.ErrnoException} error */
function missing(error) {
  if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
  return null;
}
