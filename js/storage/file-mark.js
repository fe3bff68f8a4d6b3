// The bytes by which a file is known again.

import { isOverwritten } from "./overwriting.js";

/** How many of them tell one file from another. */
export const MARK_BYTES = 64;

/**
 * How many bytes a file is known by that anyone may replace meanwhile. Most entries are shorter, so that the timestamp of one is among these:
 * another file shows, also one whose entries end alike.
 */
export const KNOWN_BYTES = 1 << 10;

/**
 * Tells whether bytes are those that stood there, but for what a repair may have overwritten.
 *
 * @param {Uint8Array} marked
 * @param {Uint8Array} found
 */
export function isMarked(marked, found) {
  return (
    found.length >= marked.length &&
    marked.every((byte, at) => found[at] === byte || isOverwritten(byte, found[at]))
  );
}
