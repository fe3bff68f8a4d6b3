// Files that were compressed: not read here, but known, so that nobody takes them for damaged logs.

import fs from "node:fs";

/** How such files begin. */
const FORMATS = [
  { format: "gzip", program: "zcat", magic: Buffer.from([0x1f, 0x8b]) },
  { format: "zstd", program: "zstdcat", magic: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]) },
];

/**
 * Tells how a file was compressed.
 *
 * @param {string} path
 * @returns {{ format: string, program: string } | undefined} nothing where it was not, or cannot be read
 */
export function compressionOf(path) {
  const start = Buffer.alloc(4);
  let file = -1;
  try {
    // Of a pipe, bytes would be gone.
    if (!fs.statSync(path).isFile()) return undefined;
    file = fs.openSync(path, "r");
    fs.readSync(file, start, 0, start.length, 0);
  } catch {
    // Who goes on to read it is told why that does not work.
  } finally {
    if (file >= 0) fs.closeSync(file);
  }
  return FORMATS.find(({ magic }) => start.subarray(0, magic.length).equals(magic));
}
