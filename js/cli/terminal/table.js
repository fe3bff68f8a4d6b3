// Formats tables for people.

import { stdout } from "./output.js";
import { widthOf } from "./width.js";

/** What separates two columns. */
const GAP = "  ";

/**
 * A column of a table. `isPlain`: all its cells are ASCII without escape sequences, so that nobody has
 * to measure them.
 *
 * @typedef {{ head: string, isRight?: boolean, isPlain?: boolean }} Column
 */

/**
 * Returns the lines of a table.
 *
 * @param {Column[]} columns
 * @param {string[][]} rows printable, and styled already
 * @returns {string}
 */
export function table(columns, rows) {
  const { bold } = stdout.style;
  const widths = columns.map(({ isPlain }, column) =>
    rows.map((row) => (isPlain ? row[column].length : widthOf(row[column]))),
  );
  const widest = columns.map(({ head }, column) =>
    widths[column].reduce((most, width) => Math.max(most, width), widthOf(head)),
  );
  const spaces = " ".repeat(Math.max(0, ...widest));
  const lineOf = (
    /** @type {string[]} */ cells,
    /** @type {(column: number) => number} */ width,
  ) => {
    let line = "";
    for (const [column, cell] of cells.entries()) {
      if (column > 0) line += GAP;
      const space = spaces.slice(0, widest[column] - width(column));
      if (columns[column].isRight) line += space + cell;
      else line += column < cells.length - 1 ? cell + space : cell;
    }
    return `${line.trimEnd()}\n`;
  };
  const heads = columns.map(({ head }) => head);
  let text = lineOf(
    heads.map((head) => bold(head)),
    (column) => widthOf(heads[column]),
  );
  for (const [at, row] of rows.entries()) text += lineOf(row, (column) => widths[column][at]);
  return text;
}
