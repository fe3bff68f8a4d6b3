// Recognizes compressed files, which would look like damaged logs.

import fs from "node:fs";

/** The first bytes of each format. */
const FORMATS = [
  { format: "gzip", magic: Buffer.from([0x1f, 0x8b]) },
  { format: "zstd", magic: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]) },
];

/**
 * Returns the compression of a file.
 *
 * @param {string} path
 * @returns {string | undefined} undefined when the file is not compressed or cannot be read
 */
export function compressionOf(path) {
  const start = Buffer.alloc(4);
  let file = -1;
  try {
    // Reading from a pipe would consume its bytes.
    if (!fs.statSync(path).isFile()) return undefined;
    file = fs.openSync(path, "r");
    fs.readSync(file, start, 0, start.length, 0);
  } catch {
    // The next attempt to read the file reports why that fails.
  } finally {
    if (file >= 0) fs.closeSync(file);
  }
  return FORMATS.find(({ magic }) => start.subarray(0, magic.length).equals(magic))?.format;
}
