// Tables, for people.

import { stdout } from "./output.js";
import { widthOf } from "./width.js";

/** What is between columns: no lines. */
const GAP = "  ";

/**
 * Gives the lines of a table.
 *
 * @param {{ head: string, isRight?: boolean }[]} columns
 * @param {string[][]} rows printable, and styled where they are to be
 * @returns {string}
 */
export function table(columns, rows) {
  const widths = columns.map(({ head }, column) => rows.reduce((width, row) => Math.max(width, widthOf(row[column])), widthOf(head)));
  const line = (/** @type {string[]} */ cells) => cells.map((cell, column) => {
    const rest = " ".repeat(widths[column] - widthOf(cell));
    return columns[column].isRight ? rest + cell : cell + rest;
  }).join(GAP).trimEnd();
  return [columns.map(({ head }) => stdout.style.bold(head)), ...rows].map((cells) => `${line(cells)}\n`).join("");
}
