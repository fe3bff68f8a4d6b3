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
 * Returns the lines of a table. Looks at each cell of thousands of rows, so it makes nothing for a
 * cell but its text.
 *
 * @param {Column[]} columns
 * @param {string[][]} rows printable, and styled already
 * @returns {string}
 */
export function table(columns, rows) {
  const { bold } = stdout.style;
  const heads = columns.map(({ head }) => head);
  const widest = heads.map(widthOf);
  const widths = columns.map(({ isPlain }, column) => {
    if (isPlain) {
      for (const { [column]: cell } of rows)
        if (cell.length > widest[column]) widest[column] = cell.length;
      return null;
    }
    const own = new Uint32Array(rows.length);
    for (let at = 0; at < rows.length; at += 1) {
      own[at] = widthOf(rows[at][column]);
      if (own[at] > widest[column]) widest[column] = own[at];
    }
    return own;
  });
  const spaces = Array.from({ length: Math.max(0, ...widest) + 1 }, (_, count) =>
    " ".repeat(count),
  );
  const lineOf = (
    /** @type {string[]} */ cells,
    /** @type {(column: number) => number} */ widthAt,
  ) => {
    let end = cells.length;
    while (end > 0 && cells[end - 1].trimEnd() === "") end -= 1;
    let line = "";
    for (let column = 0; column < end; column += 1) {
      const isLast = column === end - 1;
      const cell = isLast ? cells[column].trimEnd() : cells[column];
      const space = spaces[widest[column] - widthAt(column)];
      if (column > 0) line += GAP;
      if (columns[column].isRight) line += space + cell;
      else line += isLast ? cell : cell + space;
    }
    return `${line}\n`;
  };
  let text = lineOf(
    heads.map((head) => bold(head)),
    (column) => widthOf(heads[column]),
  );
  for (let at = 0; at < rows.length; at += 1) {
    const row = rows[at];
    text += lineOf(row, (column) => widths[column]?.[at] ?? row[column].length);
  }
  return text;
}
