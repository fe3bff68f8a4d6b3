// Reads what exports of hosts wrote, without the package.

import fs from "node:fs";
import path from "node:path";
import zlib from "node:zlib";

// Segments have names that sort in the order in which they were written.
const SEGMENT = /^\d{8}-[\da-f]{8}-\d+\.jsonl(\.gz|\.zst)?$/;

/** A line, and the day and the host of its segment. @typedef {{ line: string, day: string, host: string }} Exported */

/**
 * Returns the names below a directory, as they are read by engines: without those that start with a
 * dot or an underscore.
 *
 * @param {string} directory
 * @returns {string[]}
 */
function namesBelow(directory) {
  if (!fs.existsSync(directory)) return [];
  return fs
    .readdirSync(directory, { withFileTypes: true })
    .filter(({ name }) => !/^[._]/.test(name))
    .flatMap((entry) =>
      entry.isDirectory()
        ? namesBelow(path.join(directory, entry.name)).map((name) => `${entry.name}/${name}`)
        : [entry.name],
    )
    .sort();
}

/**
 * Returns the segments of an exported directory.
 *
 * @param {string} lake
 * @returns {Map<string, Buffer>} by their paths
 */
export function segmentsOf(lake) {
  return new Map(namesBelow(lake).map((name) => [name, fs.readFileSync(path.join(lake, name))]));
}

/**
 * Returns the lines of segments.
 *
 * @param {Map<string, Buffer>} segments
 * @returns {Exported[]}
 */
export function linesOf(segments) {
  return [...segments].flatMap(([name, bytes]) => {
    const [day, host, file, ...more] = name.split("/");
    if (more.length > 0 || !SEGMENT.test(file)) throw new Error(`${name} is no segment`);
    const text = textOf(file, bytes);
    if (!text.endsWith("\n")) throw new Error(`${name} does not end in a line end`);
    return text
      .slice(0, -1)
      .split("\n")
      .map((line) => ({
        line,
        day: /^date=(\d{4}-\d\d-\d\d)$/.exec(day)?.[1] ?? day,
        host: decodeURIComponent(/^host=(.*)$/.exec(host)?.[1] ?? host),
      }));
  });
}

/** @param {string} name @param {Buffer} bytes @returns {string} */
function textOf(name, bytes) {
  if (name.endsWith(".gz")) return zlib.gunzipSync(bytes).toString();
  if (name.endsWith(".zst")) return /** @type {any} */ (zlib).zstdDecompressSync(bytes).toString();
  return bytes.toString();
}
