// Overwrites damaged bytes of a log in four steps, so that no state in between shows an entry that
// was not there before.
//
// A line that is overwritten in part may show an object of an entry's `input` as an entry, because
// the object then stands alone. A kill leaves the first of the writes between two syncs. A loss of
// power leaves any of their sectors. So each step must be safe however much of it was done, and is
// synced before the next step starts:
//
// 1. `rename` changes the first key `"session_id"` of each object to `"session_iD"`. Every line
//    decodes, or fails, as before, because the case of keys does not matter. But a reader no longer
//    recovers these objects.
// 2. `part` writes a byte that JSON never holds before each whole entry that follows a stretch. So
//    the entry is never read as a part of the bytes before it.
// 3. `break` writes the same byte over each `{`, and over the `n` of each `null`. A line with that
//    byte does not decode, and a line without `{` and `null` is no entry. Nothing appears, because
//    the first step left nothing to recover.
// 4. `blank` writes line ends. What remains of a line meanwhile is damage that another repair
//    finds.

import { LINE_END } from "../line-end.js";

/** @import { OverwriteStep, Stretches } from "./storage.js" */

/**
 * A file that is read and written without an await in between.
 *
 * @typedef {object} WorkedFile
 * @property {(bytes: Uint8Array, offset: number) => number} read returns fewer bytes than `bytes`
 *   has room for only at the end of the file
 * @property {(bytes: Uint8Array, offset: number) => void} write writes all, or throws
 */

/** @type {readonly OverwriteStep[]} */
export const STEPS = ["rename", "part", "break", "blank"];

/** The most bytes of stretches that are overwritten together. */
export const STRETCHES_BYTES = 1 << 20;

/**
 * CANCEL, which JSON never holds. NUL would make readers wait, because a writer may be filling it.
 */
const BROKEN = 0x18;

const START = new TextEncoder().encode('{"session_id":"');

/** Where in START `rename` changes a letter: near the end, so that a torn string stays torn. */
const RENAMED = START.lastIndexOf(0x64);
const SMALL_D = START[RENAMED];
const LARGE_D = 0x44;

const NULL = new TextEncoder().encode("null");

/** The most bytes of a START before the point where a stretch is cut in two. */
const CUT_BYTES = START.length - 1;

/**
 * Tells whether a repair may have replaced a byte by another byte.
 *
 * @param {number} before
 * @param {number} now
 */
export function isOverwritten(before, now) {
  return now === LINE_END || now === BROKEN || (before === SMALL_D && now === LARGE_D);
}

/**
 * Returns the checksum of bytes (FNV-1a), by which a change is noticed.
 *
 * @param {Uint8Array} bytes
 */
export function sumOf(bytes) {
  let sum = 0x811c9dc5;
  for (let at = 0; at < bytes.length; at += 1) sum = Math.imul(sum ^ bytes[at], 0x01000193);
  return sum >>> 0;
}

/**
 * Returns which steps bytes need before `blank`.
 *
 * @param {Uint8Array} bytes
 */
export function needsOf(bytes) {
  const needs = { rename: false, break: false };
  eachBreakable(bytes, (at) => {
    needs.break = true;
    needs.rename ||= stands(START, bytes, at);
  });
  return needs;
}

/**
 * Returns where to cut bytes so that nothing that a step looks for is cut: their end, or a few
 * bytes before it.
 *
 * @param {Uint8Array} bytes
 */
export function cutOf(bytes) {
  const tail = bytes.subarray(-CUT_BYTES);
  const start = tail.findIndex((byte) => byte === START[0] || byte === NULL[0]);
  const cut = start < 0 ? bytes.length : bytes.length - tail.length + start;
  return cut === 0 ? bytes.length : cut;
}

/**
 * Does a step for stretches, unless another writer changed them since they were read.
 *
 * @param {WorkedFile} file
 * @param {Stretches} stretches
 * @param {OverwriteStep} step
 * @returns {number | null} the checksum of the bytes after the step; null if another writer changed
 *   them, and nothing was written
 */
export function overwrite(file, { numbers, sum }, step) {
  let length = 0;
  for (let at = 1; at < numbers.length; at += 3) length += numbers[at];
  const bytes = new Uint8Array(length);
  /** @type {{ offset: number, before: Uint8Array, isFollowed: boolean }[]} */
  const stretches = [];
  for (let at = 0, from = 0; at < numbers.length; at += 3) {
    const before = bytes.subarray(from, (from += numbers[at + 1]));
    stretches.push({ offset: numbers[at], before, isFollowed: numbers[at + 2] === 1 });
  }
  if (!readAll(file, stretches, bytes) || sumOf(bytes) !== sum) return null;
  for (const { offset, before, isFollowed } of stretches) {
    const [from, to] = change(before, isFollowed, step);
    if (from < to) file.write(before.subarray(from, to), offset + from);
  }
  return sumOf(bytes);
}

/**
 * Reads stretches, by one read if that reads at most twice as many bytes, or
 * STRETCHES_BYTES.
 *
 * @param {WorkedFile} file
 * @param {{ offset: number, before: Uint8Array }[]} stretches
 * @param {Uint8Array} bytes the room for their bytes
 */
function readAll(file, stretches, bytes) {
  const [first] = stretches;
  const last = stretches[stretches.length - 1];
  const span = last.offset + last.before.length - first.offset;
  if (stretches.length === 1 || span > Math.max(STRETCHES_BYTES, 2 * bytes.length)) {
    return stretches.every(({ offset, before }) => file.read(before, offset) === before.length);
  }
  const all = new Uint8Array(span);
  if (file.read(all, first.offset) !== span) return false;
  for (const { offset, before } of stretches)
    before.set(all.subarray(offset - first.offset, offset - first.offset + before.length));
  return true;
}

/**
 * Does a step on the bytes of a stretch.
 *
 * @param {Uint8Array} bytes
 * @param {boolean} isFollowed
 * @param {OverwriteStep} step
 * @returns {[from: number, to: number]} from the first changed byte to the last
 */
function change(bytes, isFollowed, step) {
  if (step === "blank") {
    bytes.fill(LINE_END);
    return [0, bytes.length];
  }
  let from = bytes.length;
  let to = 0;
  const put = (/** @type {number} */ at, /** @type {number} */ byte) => {
    bytes[at] = byte;
    from = Math.min(from, at);
    to = Math.max(to, at + 1);
  };
  if (step === "part") {
    if (isFollowed) put(bytes.length - 1, BROKEN);
  } else {
    eachBreakable(bytes, (at) => {
      if (step === "break") put(at, BROKEN);
      else if (stands(START, bytes, at)) put(at + RENAMED, LARGE_D);
    });
  }
  return [from, to];
}

/**
 * Calls `take` with the index of each `{` and `null`.
 *
 * @param {Uint8Array} bytes
 * @param {(at: number) => void} take
 */
function eachBreakable(bytes, take) {
  const [brace] = START;
  const [n] = NULL;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === brace || (byte === n && stands(NULL, bytes, at))) take(at);
  }
}

/**
 * Tells whether bytes have a text at an index.
 *
 * @param {Uint8Array} text
 * @param {Uint8Array} bytes
 * @param {number} at
 */
function stands(text, bytes, at) {
  for (let i = 0; i < text.length; i += 1) if (bytes[at + i] !== text[i]) return false;
  return true;
}
