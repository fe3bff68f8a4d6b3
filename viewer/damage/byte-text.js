// Bytes that may be anything, as text and as numbers that a person can read.

import { piecesOf } from "../entry/hidden-characters.js";

/**
 * What a stretch of bytes is.
 *
 * @typedef {"around" | "damaged" | "recovered" | "doubtful" | "pending"} Part
 */

/**
 * A part of a file, in bytes: from `start` up to, but not including, `end`.
 *
 * @typedef {{ start: number, end: number, part: Part }} Stretch
 */

/**
 * Text as it is, a character that is shown by its code, or a byte that is no text.
 *
 * @typedef {{ text: string, kind?: "code" | "byte" | "end" }} Piece
 */

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Returns bytes as text. What cannot be seen is shown by its code, and what is not UTF-8 by its
 * number.
 *
 * @param {Uint8Array} bytes
 * @returns {Piece[]}
 */
export function textOf(bytes) {
  /** @type {Piece[]} */
  const pieces = [];
  let text = "";
  const end = () => {
    for (const { text: shown, code } of piecesOf(text))
      pieces.push(code === undefined ? { text: shown } : { text: code, kind: "code" });
    text = "";
  };
  for (let at = 0; at < bytes.length; ) {
    const byte = bytes[at];
    const length = lengthOf(byte);
    const character = byte < 0x80 ? String.fromCharCode(byte) : decoded(bytes, at, length);
    if (character === null) {
      end();
      pieces.push({ text: hex(byte), kind: "byte" });
      at += 1;
      continue;
    }
    if (character === "\n" || character === "\r") {
      end();
      pieces.push({ text: character === "\n" ? "LF" : "CR", kind: "end" });
    } else text += character;
    at += length;
  }
  end();
  return pieces;
}

/**
 * Returns the character at a place.
 *
 * @param {Uint8Array} bytes
 * @param {number} at
 * @param {number} length that its first byte asks for
 * @returns {string | null} null where the bytes are not UTF-8
 */
function decoded(bytes, at, length) {
  if (at + length > bytes.length) return null;
  try {
    return decoder.decode(bytes.subarray(at, at + length));
  } catch {
    return null;
  }
}

/** Returns how many bytes a character has that starts with one. @param {number} byte */
function lengthOf(byte) {
  if (byte < 0xc0) return 1;
  if (byte < 0xe0) return 2;
  return byte < 0xf0 ? 3 : 4;
}

/** @param {number} byte */
export function hex(byte) {
  return byte.toString(16).toUpperCase().padStart(2, "0");
}

/**
 * Returns the character that stands for a byte beside its number.
 *
 * @param {number} byte
 */
export function ascii(byte) {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".";
}

/**
 * Divides a range of a file by what each part of it is.
 *
 * @param {{ start: number, end: number }} range
 * @param {readonly Stretch[]} stretches in the order of importance: later ones are above others
 * @returns {Stretch[]} in the order of the file, without gaps
 */
export function divided({ start, end }, stretches) {
  const ends = stretches.flatMap((stretch) => [stretch.start, stretch.end]);
  const cuts = [...new Set([start, ...ends.filter((at) => at > start && at < end), end])];
  cuts.sort((one, other) => one - other);
  /** @type {Stretch[]} */
  const parts = [];
  for (let at = 0; at + 1 < cuts.length; at += 1) {
    const [from, to] = [cuts[at], cuts[at + 1]];
    const part =
      stretches.findLast((stretch) => stretch.start <= from && to <= stretch.end)?.part ?? "around";
    const last = parts.at(-1);
    if (last?.part === part) last.end = to;
    else parts.push({ start: from, end: to, part });
  }
  return parts;
}

/** How many bytes before and after damage are shown. */
const AROUND = 160;

/**
 * Returns which parts of a file are shown for damage: all of it, or its start and its end.
 *
 * @param {{ offset: number, length: number }} damage
 * @param {number} most how many bytes of it are shown
 * @returns {{ ranges: { start: number, end: number }[], left: number }} `left`: the bytes between
 *   the ranges, where there are two
 */
export function shownRanges({ offset, length }, most) {
  const start = Math.max(0, offset - AROUND);
  const end = offset + length + AROUND;
  if (length <= most) return { ranges: [{ start, end }], left: 0 };
  const head = Math.ceil((most * 2) / 3);
  const tail = most - head;
  return {
    ranges: [
      { start, end: offset + head },
      { start: offset + length - tail, end },
    ],
    left: length - most,
  };
}
