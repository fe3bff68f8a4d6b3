// Formats tables for people.

import { stdout } from "./output.js";
import { widthOf } from "./width.js";

/** The spaces between two columns. */
const GAP = 2;

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
  return tableOf(
    columns,
    columns.map((_, column) => rows.map((row) => row[column])),
  );
}

/**
 * Returns the lines of a table whose cells come by column. Looks at each cell of thousands of rows, so
 * it makes nothing for a cell but its text.
 *
 * @param {Column[]} columns
 * @param {string[][]} cells of each column
 * @returns {string}
 */
export function tableOf(columns, cells) {
  const { bold } = stdout.style;
  const heads = columns.map(({ head }) => [bold(head)]);
  const widest = columns.map(({ head }) => widthOf(head));
  const headWidths = widest.map((width) => Uint32Array.of(width));
  const widths = columns.map(({ isPlain }, column) => {
    if (isPlain) {
      for (const cell of cells[column])
        if (cell.length > widest[column]) widest[column] = cell.length;
      return null;
    }
    const own = Uint32Array.from(cells[column], widthOf);
    for (const width of own) if (width > widest[column]) widest[column] = width;
    return own;
  });
  const spaces = Array.from({ length: 2 * Math.max(0, ...widest) + GAP + 1 }, (_, count) =>
    " ".repeat(count),
  );
  const lineOf = (
    /** @type {string[][]} */ cells,
    /** @type {(Uint32Array | null)[]} */ widths,
    /** @type {number} */ at,
  ) => {
    let end = columns.length;
    while (end > 0 && cells[end - 1][at].trimEnd() === "") end -= 1;
    let line = "";
    // Those before the next cell.
    let space = 0;
    for (let column = 0; column < end; column += 1) {
      const cell = cells[column][at];
      const rest = widest[column] - (widths[column]?.[at] ?? cell.length);
      const before = spaces[columns[column].isRight ? space + rest : space];
      line = line + before + (column === end - 1 ? cell.trimEnd() : cell);
      space = columns[column].isRight ? GAP : GAP + rest;
    }
    return `${line}\n`;
  };
  let text = lineOf(heads, headWidths, 0);
  const rows = cells[0]?.length ?? 0;
  for (let at = 0; at < rows; at += 1) text += lineOf(cells, widths, at);
  return text;
}
