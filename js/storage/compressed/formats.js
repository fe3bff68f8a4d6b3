// Recognizes compressed logs by their first bytes.

import { SkillLogError } from "../../errors.js";

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
export function formatOf(start) {
  const [a, b, c, d] = start;
  // The third byte is the only method that gzip has. The fourth has flags, of which three are not used.
  if (a === 0x1f && b === 0x8b && c === 0x08 && (d & 0xe0) === 0) return "gzip";
  if (a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd) return "zstd";
  // A skippable frame, which may stand before others.
  if ((a & 0xf0) === 0x50 && b === 0x2a && c === 0x4d && d === 0x18) return "zstd";
  return null;
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
  return /\.(zst|zstd|gz)$/i.test(name);
}

/** Returns why a compressed log is not scanned at once. Then it is read by its source instead. */
export function readAsText() {
  return new SkillLogError("INTERNAL", "a compressed log is read by its source");
}
