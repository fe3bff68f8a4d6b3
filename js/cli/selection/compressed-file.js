// Recognizes compressed files, which would look like damaged logs.

import fs from "node:fs";

/**
 * Returns the compression of bytes, as the package recognizes it.
 *
 * @param {Uint8Array} start the first 4 of them
 * @returns {string | undefined} undefined when they are not compressed
 */
export function formatOf([a, b, c, d]) {
  if (a === 0x1f && b === 0x8b) return "gzip";
  if (b === 0xb5 && a === 0x28 && c === 0x2f && d === 0xfd) return "zstd";
  // A frame to skip, which may stand before others.
  const isSkipped = (a & 0xf0) === 0x50 && b === 0x2a && c === 0x4d && d === 0x18;
  return isSkipped ? "zstd" : undefined;
}

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
  return formatOf(start);
}
