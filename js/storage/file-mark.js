// File marks: bytes before a known end of a file, which identify the file later.

import { isOverwritten } from "./overwrite-steps.js";

/** Bytes of a short mark, where other checks notice most replaced files. */
export const MARK_BYTES = 64;

/**
 * Bytes of a long mark, where anyone may replace the file unnoticed. Most entries are shorter, so
 * the mark holds a timestamp. It then also differs for a file whose entries end in the same way.
 */
export const LONG_MARK_BYTES = 1 << 10;

/**
 * Tells whether a file still has the bytes of a mark. Bytes that a repair may have overwritten may
 * differ.
 *
 * @param {Uint8Array} marked the bytes of the mark
 * @param {Uint8Array} found the bytes at its offset now
 */
export function matchesMark(marked, found) {
  return (
    found.length >= marked.length &&
    marked.every((byte, at) => found[at] === byte || isOverwritten(byte, found[at]))
  );
}
