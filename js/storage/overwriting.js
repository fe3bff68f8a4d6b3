// Overwrites damaged bytes of a log in steps, so that no state in between shows an entry that was not there before.
//
// Overwriting only a part of a line may uncover what stands in it: an object inside an entry's `input` is an entry to a reader once it
// stands alone. A kill leaves the first of the writes between two syncs; a loss of power leaves any of their sectors. So each
// step must be safe however much of it is done, and is on the disk before the next one starts:
//
// 1. `rename` writes `"session_iD"` for the first key `"session_id"` of each object. Every line decodes, or fails, exactly as before,
//    because keys match in any case; but a reader no longer recovers these objects.
// 2. `part` puts a byte that JSON never holds before each whole entry that follows the stretch: so the entry is never taken for
//    a part of what is left in front of it.
// 3. `break` puts the same byte in the place of each `{`, and of the `n` of `null`: no line that has one decodes, and no line
//    without one is an entry. Nothing is uncovered, because after the first step there is nothing to recover.
// 4. `blank` writes line ends. What is left of a line meanwhile is damage, for another repair to find.

/** @import { OverwriteStep, Stretches } from "./storage.js" */

/**
 * A file that is worked on with nothing awaited in between.
 *
 * @typedef {object} WorkedFile
 * @property {(bytes: Uint8Array, offset: number) => number} read gives fewer bytes than `bytes` takes only at the end of the file
 * @property {(bytes: Uint8Array, offset: number) => void} write writes all, or throws
 */

/** @type {readonly OverwriteStep[]} */
export const STEPS = ["rename", "part", "break", "blank"];

/** Bytes of stretches that are overwritten together, at most. */
export const STRETCHES_BYTES = 1 << 20;

const NEWLINE = 0x0a;

/** CANCEL, which JSON never holds. Not NUL: readers wait for what others may be about to write there. */
const BROKEN = 0x18;

const START = new TextEncoder().encode('{"session_id":"');

/** Where in START a letter's case is changed: so near its end that what is left of it still ends a torn string. */
const RENAMED = START.lastIndexOf(0x64);
const SMALL_D = START[RENAMED];
const LARGE_D = 0x44;

const NULL = new TextEncoder().encode("null");

/** The most bytes of a START that can stand in front of a place where a stretch is cut in two. */
const CUT_BYTES = START.length - 1;

/**
 * Tells whether a repair may have written a byte over another one.
 *
 * @param {number} before
 * @param {number} now
 */
export function isOverwritten(before, now) {
  return now === NEWLINE || now === BROKEN || (before === SMALL_D && now === LARGE_D);
}

/**
 * Sums bytes up (FNV-1a), to know them again.
 *
 * @param {Uint8Array} bytes
 */
export function sumOf(bytes) {
  let sum = 0x811c9dc5;
  for (let at = 0; at < bytes.length; at += 1) sum = Math.imul(sum ^ bytes[at], 0x01000193);
  return sum >>> 0;
}

/**
 * Tells which steps bytes need before they can be blanked.
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
 * Finds where bytes can be cut in two, so that nothing that a step looks for is cut: at their end, or a few bytes before it.
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
 * Does a step for stretches that others have not changed since they were looked at.
 *
 * @param {WorkedFile} file
 * @param {Stretches} stretches
 * @param {OverwriteStep} step
 * @returns {number | null} the sum of the bytes that stand there now; null where others changed them, and nothing was written
 */
export function overwrite(file, { places, sum }, step) {
  let length = 0;
  for (let at = 1; at < places.length; at += 3) length += places[at];
  const bytes = new Uint8Array(length);
  /** @type {{ offset: number, before: Uint8Array, isFollowed: boolean }[]} */
  const pieces = [];
  for (let at = 0, from = 0; at < places.length; at += 3) {
    const before = bytes.subarray(from, (from += places[at + 1]));
    pieces.push({ offset: places[at], before, isFollowed: places[at + 2] === 1 });
  }
  if (!readAll(file, pieces, bytes) || sumOf(bytes) !== sum) return null;
  for (const { offset, before, isFollowed } of pieces) {
    const [from, to] = change(before, isFollowed, step);
    if (from < to) file.write(before.subarray(from, to), offset + from);
  }
  return sumOf(bytes);
}

/**
 * Reads pieces: by one read, where that takes no more than as many bytes again.
 *
 * @param {WorkedFile} file
 * @param {{ offset: number, before: Uint8Array }[]} pieces
 * @param {Uint8Array} bytes those of all
 */
function readAll(file, pieces, bytes) {
  const [first] = pieces;
  const last = pieces[pieces.length - 1];
  const span = last.offset + last.before.length - first.offset;
  if (pieces.length === 1 || span > Math.max(STRETCHES_BYTES, 2 * bytes.length)) {
    return pieces.every(({ offset, before }) => file.read(before, offset) === before.length);
  }
  const all = new Uint8Array(span);
  if (file.read(all, first.offset) !== span) return false;
  for (const { offset, before } of pieces)
    before.set(all.subarray(offset - first.offset, offset - first.offset + before.length));
  return true;
}

/**
 * Changes a piece's bytes as a step does.
 *
 * @param {Uint8Array} bytes
 * @param {boolean} isFollowed
 * @param {OverwriteStep} step
 * @returns {[from: number, to: number]} which are others now, and may have some between them that are not
 */
function change(bytes, isFollowed, step) {
  if (step === "blank") {
    bytes.fill(NEWLINE);
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
 * Calls with the place of each `{` and `null`.
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
 * Tells whether a text stands somewhere.
 *
 * @param {Uint8Array} text
 * @param {Uint8Array} bytes
 * @param {number} at
 */
function stands(text, bytes, at) {
  for (let i = 0; i < text.length; i += 1) if (bytes[at + i] !== text[i]) return false;
  return true;
}
