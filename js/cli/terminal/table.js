// Formats tables for people.

import { stdout } from "./output.js";
import { widthOf } from "./width.js";

/** What separates two columns. */
const GAP = "  ";

/** A column of a table. @typedef {{ head: string, isRight?: boolean }} Column */

/**
 * Returns the lines of a table.
 *
 * @param {Column[]} columns
 * @param {string[][]} rows printable, and styled already
 * @returns {string}
 */
export function table(columns, rows) {
  const heads = columns.map(({ head }) => stdout.style.bold(head));
  const cells = [heads, ...rows];
  const widths = cells.map((row) => row.map(widthOf));
  const widest = columns.map((_, column) =>
    widths.reduce((most, row) => Math.max(most, row[column]), 0),
  );
  const last = columns.length - 1;
  let text = "";
  for (let row = 0; row < cells.length; row += 1) {
    let line = "";
    for (let column = 0; column <= last; column += 1) {
      const cell = cells[row][column];
      const gap = column > 0 ? GAP : "";
      const space = " ".repeat(widest[column] - widths[row][column]);
      if (columns[column].isRight) line += gap + space + cell;
      else line += gap + cell + (column < last ? space : "");
    }
    text += `${line.trimEnd()}\n`;
  }
  return text;
}
