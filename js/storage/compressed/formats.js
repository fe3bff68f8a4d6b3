// Recognizes compressed logs by their first bytes, or by their names.

/** @import { Source } from "../storage.js" */

/** @typedef {"zstd" | "gzip"} Format */

/** The most bytes that tell a format. */
export const FORMAT_BYTES = 4;

/**
 * Returns the format of a compressed file. No line of a log starts with such bytes.
 *
 * @param {Uint8Array} start the first bytes of the file
 * @returns {Format | null} null when the file is not compressed
 */
export function formatOf([a, b, c, d]) {
  const word = (a | (b << 8) | (c << 16) | (d << 24)) >>> 0;
  // The last byte of gzip's has flags, of which three are not used yet.
  if ((word & 0xe0ffffff) === 0x00088b1f) return "gzip";
  // A frame, or a skippable one, which may stand before others.
  return word === 0xfd2fb528 || (word & 0xfffffff0) === 0x184d2a50 ? "zstd" : null;
}

/**
 * Returns the format of a file.
 *
 * @param {Source} source
 * @returns {Promise<Format | null>} null when it is not compressed
 */
export async function formatOfSource(source) {
  const start = new Uint8Array(FORMAT_BYTES);
  return formatOf(start.subarray(0, await source.read(0, start)));
}

/**
 * Returns whether the name of a file says that it is compressed.
 *
 * @param {string} name
 */
export function isCompressedName(name) {
  return /\.(zst|gz)$/.test(name);
}

/** Returns why a compressed log is not scanned at once. Then it is read by its source instead. */
export function readAsText() {
  return new Error("a compressed log is read by its source");
}
