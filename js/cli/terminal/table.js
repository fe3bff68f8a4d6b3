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
  const cellWidths = rows.map((row) => row.map(widthOf));
  const widths = columns.map(({ head }, column) =>
    cellWidths.reduce((most, row) => Math.max(most, row[column]), widthOf(head)),
  );
  const line = (/** @type {string[]} */ cells, /** @type {number[]} */ own) => {
    let text = "";
    for (const [column, cell] of cells.entries()) {
      const space = " ".repeat(widths[column] - own[column]);
      text += (column > 0 ? GAP : "") + (columns[column].isRight ? space + cell : cell + space);
    }
    return `${text.trimEnd()}\n`;
  };
  let text = line(
    heads,
    columns.map(({ head }) => widthOf(head)),
  );
  for (const [at, row] of rows.entries()) text += line(row, cellWidths[at]);
  return text;
}
