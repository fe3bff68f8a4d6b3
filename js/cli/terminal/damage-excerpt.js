// Shows a damaged line: its pieces one below the other, and the bytes before and after the line.

import fs from "node:fs";

import { decode } from "../../index.js";
import { glyphsOf } from "./glyphs.js";
import { stdout } from "./output.js";
import { widthOf } from "./width.js";

/** @import { SessionLog } from "../../index.js" */
/** @import { Damage } from "../../types.js" */
/** @import { Glyph } from "./glyphs.js" */

/**
 * @typedef {{ from: number, to: number, isEntry: boolean }} Piece `from` and `to` are offsets in
 *   the file
 */

/** The longest line that is decoded again, in bytes, to find the byte where decoding fails. */
const DECODED_BYTES = 1 << 20;

/**
 * The longest piece that is read as a whole, in bytes. Of longer pieces, both ends and the
 * surroundings of the fault are read.
 */
const WHOLE_BYTES = 1 << 14;
const END_BYTES = 1 << 10;

/** Of a line with many pieces, the first and the last pieces are shown. */
const FIRST_PIECES = 4;
const LAST_PIECES = 3;

/** The columns and bytes that are shown before and after the line. */
const AROUND = 40;
const AROUND_BYTES = 256;

/** The columns of the label before a row. */
export const LABEL_COLUMNS = 9;

/** The columns reserved for the number of omitted bytes. */
const GAP = 22;

/**
 * Returns the rows that show a damaged line.
 *
 * @param {SessionLog} log
 * @param {number} file the log's descriptor
 * @param {Damage} damage
 * @param {number} columns the most columns of a row
 * @returns {Promise<{ column: number, rows: { label: string, text: string }[] }>} `column`: the
 *   first damaged byte of the line, counted from 1
 */
export async function excerptOf(log, file, damage, columns) {
  const { style } = stdout;
  const { offset, length } = damage;
  const pieces = await piecesOf(log, damage);
  const fault = faultOffset(file, damage);
  const faulty = pieces.find(
    ({ from, to, isEntry }) => !isEntry && fault !== undefined && from <= fault && fault <= to,
  );
  const [second] = pieces.slice(1);
  const first = faulty
    ? /** @type {number} */ (fault)
    : (pieces.find(({ isEntry }) => !isEntry) ?? second ?? { from: offset }).from;

  const name = (/** @type {string} */ label) => label.padEnd(LABEL_COLUMNS);
  /** @type {{ label: string, text: string }[]} */
  const rows = [];
  const start = Math.max(0, offset - AROUND_BYTES);
  const before = takeColumns(
    glyphsOf(bytesIn(file, start, offset), start).reverse(),
    AROUND,
  ).reverse();
  if (before.length > 0)
    rows.push({
      label: name("before"),
      text: style.dim(`${before[0].offset === 0 ? "" : "…"}${glyphText(before)}`),
    });
  pieces.forEach((piece, index) => {
    const fromEnd = pieces.length - index;
    if (
      pieces.length > FIRST_PIECES + LAST_PIECES &&
      index >= FIRST_PIECES &&
      fromEnd > LAST_PIECES
    ) {
      if (index === FIRST_PIECES)
        rows.push({
          label: name(""),
          text: `<… ${pieces.length - FIRST_PIECES - LAST_PIECES} more pieces …>`,
        });
      return;
    }
    const { text, caret } = pieceRow(file, piece, piece === faulty ? fault : undefined, columns);
    rows.push({
      label: piece.isEntry ? name("entry") : style.red(name("damaged")),
      text: piece.isEntry ? text : style.red(text),
    });
    if (caret !== undefined)
      rows.push({ label: name(""), text: `${" ".repeat(caret)}${style.bold("^")}` });
  });
  const end = offset + length;
  const bytes = bytesIn(file, end, end + AROUND_BYTES);
  const following = glyphsOf(bytes, end);
  const after = takeColumns(following, AROUND);
  const isEnd = after.length === following.length && bytes.length < AROUND_BYTES;
  rows.push({
    label: name("after"),
    text: style.dim(`${glyphText(after)}${isEnd ? style.inverse("<end of file>") : "…"}`),
  });
  return { column: first - offset + 1, rows };
}

/**
 * Reads bytes of a file.
 *
 * @param {number} file
 * @param {number} from
 * @param {number} to
 */
function bytesIn(file, from, to) {
  const bytes = Buffer.alloc(to - from);
  let filled = 0;
  for (let count = -1; count !== 0 && filled < bytes.length; filled += count)
    count = fs.readSync(file, bytes, filled, bytes.length - filled, from + filled);
  return bytes.subarray(0, filled);
}

/**
 * Returns where decoding the line fails.
 *
 * @param {number} file
 * @param {Damage} damage
 * @returns {number | undefined} the offset in the file; undefined when the line is too long to
 *   decode again
 */
function faultOffset(file, { offset, length }) {
  if (length > DECODED_BYTES) return undefined;
  try {
    decode(bytesIn(file, offset, offset + length), { input: "raw" });
  } catch (error) {
    const { offset: at } = /** @type {{ offset?: number }} */ (error);
    if (at !== undefined) return offset + at;
  }
  // Another process has repaired the line meanwhile.
  return undefined;
}

/**
 * Divides a damaged line into its recovered entries and the damaged pieces between them.
 *
 * @param {SessionLog} log
 * @param {Damage} damage
 * @returns {Promise<Piece[]>}
 */
async function piecesOf(log, { kind, offset, length, recovered }) {
  const end = offset + length;
  /** @type {Piece[]} */
  const pieces = [];
  let at = offset;
  // A line over the limit may be of any size, so it is not read again.
  if (recovered > 0 && kind !== "too_long") {
    for await (const entry of log.records({ from: offset, to: end, input: "raw", onDamage() {} })) {
      if (entry.offset > at) pieces.push({ from: at, to: entry.offset, isEntry: false });
      at = entry.offset + entry.length;
      pieces.push({ from: entry.offset, to: at, isEntry: true });
    }
  }
  if (at < end) pieces.push({ from: at, to: end, isEntry: false });
  return pieces;
}

/**
 * Returns a piece as one row; of a long piece, its start, its end and the surroundings of the
 * fault.
 *
 * @param {number} file
 * @param {Piece} piece
 * @param {number | undefined} fault the offset to mark
 * @param {number} columns
 * @returns {{ text: string, caret?: number }} `caret`: the column of the fault
 */
function pieceRow(file, { from, to }, fault, columns) {
  const ranges =
    to - from <= WHOLE_BYTES
      ? [[from, to]]
      : [
          [from, from + END_BYTES],
          ...(fault === undefined ? [] : [[fault - END_BYTES, fault + END_BYTES]]),
          [to - END_BYTES, to],
        ];
  /** @type {Glyph[]} */
  const glyphs = [];
  let at = from;
  for (const [start, end] of ranges) {
    at = Math.max(at, start);
    if (at >= Math.min(end, to)) continue;
    const bytes = bytesIn(file, at, Math.min(end, to));
    for (const glyph of glyphsOf(bytes, at)) glyphs.push(glyph);
    at += bytes.length;
  }
  const kept = glyphsThatFit(glyphs, to - from, fault, columns);
  if (fault === undefined) return { text: glyphText(kept) };
  return {
    text: glyphText(kept),
    caret: widthOf(
      glyphText(
        kept.filter((glyph) => glyph.offset + glyph.length <= fault),
        fault,
      ),
    ),
  };
}

/**
 * Returns the glyphs that a row has room for.
 *
 * @param {Glyph[]} glyphs
 * @param {number} length of the piece in bytes
 * @param {number | undefined} fault
 * @param {number} columns
 */
function glyphsThatFit(glyphs, length, fault, columns) {
  const isAll = glyphs.reduce((sum, glyph) => sum + glyph.length, 0) === length;
  if (isAll && glyphs.reduce((sum, { width }) => sum + width, 0) <= columns) return glyphs;
  const index =
    fault === undefined ? -1 : glyphs.findIndex((glyph) => glyph.offset + glyph.length > fault);
  const half = Math.floor(Math.max(20, (columns - GAP) / 2));
  const kept = new Set([...takeColumns(glyphs, half), ...takeColumns(glyphs.toReversed(), half)]);
  if (index < 0 || kept.has(glyphs[index])) return glyphs.filter((glyph) => kept.has(glyph));
  // The fault is in the middle: most of the row shows its surroundings.
  const sixth = Math.floor(Math.max(6, (columns - 2 * GAP) / 6));
  const ends = [glyphs, glyphs.toReversed()].flatMap((some) => takeColumns(some, sixth));
  const around = [glyphs.slice(0, index).reverse(), glyphs.slice(index)].flatMap((some) =>
    takeColumns(some, 2 * sixth),
  );
  const wanted = new Set([...ends, ...around]);
  return glyphs.filter((glyph) => wanted.has(glyph));
}

/**
 * Returns the glyphs that fit into columns, and at least the first.
 *
 * @param {Glyph[]} glyphs
 * @param {number} columns
 */
function takeColumns(glyphs, columns) {
  let used = 0;
  const over = glyphs.findIndex(({ width }, index) => (used += width) > columns && index > 0);
  return over < 0 ? glyphs : glyphs.slice(0, over);
}

/**
 * Returns the text of glyphs, with the number of omitted bytes between them.
 *
 * @param {Glyph[]} glyphs
 * @param {number} [to] the offset of the next glyph
 */
function glyphText(glyphs, to) {
  const { inverse } = stdout.style;
  let text = "";
  let at = glyphs[0]?.offset ?? 0;
  const skip = (/** @type {number} */ until) => {
    if (until > at) text += inverse(`<… ${(until - at).toLocaleString("en")} bytes …>`);
  };
  for (const { offset, length, text: own, isEscaped } of glyphs) {
    skip(offset);
    text += isEscaped ? inverse(own) : own;
    at = offset + length;
  }
  if (to !== undefined && glyphs.length > 0) skip(to);
  return text;
}
