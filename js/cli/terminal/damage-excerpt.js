// A damaged line as people look at it: its pieces one below the other, and what stands before and behind it.

import fs from "node:fs";

import { decode } from "../../index.js";
import { cellsOf } from "./glyphs.js";
import { stdout } from "./output.js";
import { widthOf } from "./width.js";

/** @import { SessionLog } from "../../index.js" */
/** @import { Damage } from "../../types.js" */
/** @import { Cell } from "./glyphs.js" */

/** @typedef {{ from: number, to: number, isEntry: boolean }} Piece its bytes in the file */

/** Up to so many bytes, a line is decoded once more, to see where it is no entry any more. */
const DECODED_BYTES = 1 << 20;

/** Up to so many bytes, a piece is looked at as a whole; of a longer one its ends, and where the fault is. */
const WHOLE_BYTES = 1 << 14;
const END_BYTES = 1 << 10;

/** Pieces that are shown of a line that has more: its first ones and its last ones. */
const FIRST_PIECES = 4;
const LAST_PIECES = 3;

/** Columns and bytes of what is around the line. */
const AROUND = 40;
const AROUND_BYTES = 256;

/** Columns of the label before a row. */
export const LABEL = 9;

/** Columns that are kept for telling how many bytes are left out. */
const GAP = 22;

/**
 * Looks at a damaged line.
 *
 * @param {SessionLog} log
 * @param {number} file the log's descriptor
 * @param {Damage} damage
 * @param {number} columns that a row may take
 * @returns {Promise<{ column: number, rows: { label: string, text: string }[] }>} `column`: the byte of the line, counted from 1, that is to
 *   be looked at first
 */
export async function excerptOf(log, file, damage, columns) {
  const { style } = stdout;
  const { offset, length } = damage;
  const pieces = await piecesOf(log, damage);
  const fault = faultOf(file, damage);
  const faulty = pieces.find(
    ({ from, to, isEntry }) => !isEntry && fault !== undefined && from <= fault && fault <= to,
  );
  const [second] = pieces.slice(1);
  const first = faulty
    ? /** @type {number} */ (fault)
    : (pieces.find(({ isEntry }) => !isEntry) ?? second ?? { from: offset }).from;

  const name = (/** @type {string} */ label) => label.padEnd(LABEL);
  /** @type {{ label: string, text: string }[]} */
  const rows = [];
  const start = Math.max(0, offset - AROUND_BYTES);
  const before = fitting(cellsOf(bytesIn(file, start, offset), start).reverse(), AROUND).reverse();
  if (before.length > 0)
    rows.push({
      label: name("before"),
      text: style.dim(`${before[0].offset === 0 ? "" : "…"}${shown(before)}`),
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
    const { text, caret } = stretch(file, piece, piece === faulty ? fault : undefined, columns);
    rows.push({
      label: piece.isEntry ? name("entry") : style.red(name("damaged")),
      text: piece.isEntry ? text : style.red(text),
    });
    if (caret !== undefined)
      rows.push({ label: name(""), text: `${" ".repeat(caret)}${style.bold("^")}` });
  });
  const end = offset + length;
  const bytes = bytesIn(file, end, end + AROUND_BYTES);
  const behind = cellsOf(bytes, end);
  const after = fitting(behind, AROUND);
  const isEnd = after.length === behind.length && bytes.length < AROUND_BYTES;
  rows.push({
    label: name("after"),
    text: style.dim(`${shown(after)}${isEnd ? style.inverse("<end of file>") : "…"}`),
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
 * Finds the first byte that no entry has there.
 *
 * @param {number} file
 * @param {Damage} damage
 * @returns {number | undefined} its offset in the file; nothing where the line is too long to be looked at
 */
function faultOf(file, { offset, length }) {
  if (length > DECODED_BYTES) return undefined;
  try {
    decode(bytesIn(file, offset, offset + length), { input: "raw" });
  } catch (error) {
    const { offset: at } = /** @type {{ offset?: number }} */ (error);
    if (at !== undefined) return offset + at;
  }
  // Something has mended it meanwhile.
  return undefined;
}

/**
 * Cuts a damaged line into the entries that were saved from it, and what is between them.
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
  // A line over the limit may be anything's size: it is not read again.
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
 * Gives a piece in one row; of a long one its start, its end, and what is around the fault.
 *
 * @param {number} file
 * @param {Piece} piece
 * @param {number | undefined} fault where it is, if it is to be marked
 * @param {number} columns
 * @returns {{ text: string, caret?: number }} `caret`: the column of the fault
 */
function stretch(file, { from, to }, fault, columns) {
  const ranges =
    to - from <= WHOLE_BYTES
      ? [[from, to]]
      : [
          [from, from + END_BYTES],
          ...(fault === undefined ? [] : [[fault - END_BYTES, fault + END_BYTES]]),
          [to - END_BYTES, to],
        ];
  /** @type {Cell[]} */
  const cells = [];
  let at = from;
  for (const [start, end] of ranges) {
    at = Math.max(at, start);
    if (at >= Math.min(end, to)) continue;
    const bytes = bytesIn(file, at, Math.min(end, to));
    for (const cell of cellsOf(bytes, at)) cells.push(cell);
    at += bytes.length;
  }
  const kept = keptOf(cells, to - from, fault, columns);
  if (fault === undefined) return { text: shown(kept) };
  return {
    text: shown(kept),
    caret: widthOf(
      shown(
        kept.filter((cell) => cell.offset + cell.length <= fault),
        fault,
      ),
    ),
  };
}

/**
 * Chooses the cells that a row has room for.
 *
 * @param {Cell[]} cells
 * @param {number} length of the piece in bytes
 * @param {number | undefined} fault
 * @param {number} columns
 */
function keptOf(cells, length, fault, columns) {
  const isAll = cells.reduce((sum, cell) => sum + cell.length, 0) === length;
  if (isAll && cells.reduce((sum, { width }) => sum + width, 0) <= columns) return cells;
  const index =
    fault === undefined ? -1 : cells.findIndex((cell) => cell.offset + cell.length > fault);
  const half = Math.floor(Math.max(20, (columns - GAP) / 2));
  const kept = new Set([...fitting(cells, half), ...fitting(cells.toReversed(), half)]);
  if (index < 0 || kept.has(cells[index])) return cells.filter((cell) => kept.has(cell));
  // The fault is in the middle: most of the row is for what is around it.
  const sixth = Math.floor(Math.max(6, (columns - 2 * GAP) / 6));
  const ends = [cells, cells.toReversed()].flatMap((some) => fitting(some, sixth));
  const around = [cells.slice(0, index).reverse(), cells.slice(index)].flatMap((some) =>
    fitting(some, 2 * sixth),
  );
  const wanted = new Set([...ends, ...around]);
  return cells.filter((cell) => wanted.has(cell));
}

/**
 * Gives as many cells as columns have room for, the first one in any case.
 *
 * @param {Cell[]} cells
 * @param {number} columns
 */
function fitting(cells, columns) {
  let used = 0;
  const over = cells.findIndex(({ width }, index) => (used += width) > columns && index > 0);
  return over < 0 ? cells : cells.slice(0, over);
}

/**
 * Gives the text of cells, and says what is left out between them.
 *
 * @param {Cell[]} cells
 * @param {number} [to] where the next one would be
 */
function shown(cells, to) {
  const { inverse } = stdout.style;
  let text = "";
  let at = cells[0]?.offset ?? 0;
  const skip = (/** @type {number} */ until) => {
    if (until > at) text += inverse(`<… ${(until - at).toLocaleString("en")} bytes …>`);
  };
  for (const { offset, length, text: own, isSpelled } of cells) {
    skip(offset);
    text += isSpelled ? inverse(own) : own;
    at = offset + length;
  }
  if (to !== undefined && cells.length > 0) skip(to);
  return text;
}
