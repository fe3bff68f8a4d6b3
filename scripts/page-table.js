// The tables of docs/evidence.md that commands write: each is between two marks.

import { Failure } from "./command.js";

/**
 * The lines before and after a table.
 *
 * @typedef {{ start: string, end: string }} Marks
 */

/**
 * Returns a table of a page, as it is.
 *
 * @param {string} page
 * @param {Marks} marks
 */
export function tableOf(page, marks) {
  const { from, to } = placeOf(page, marks);
  return page.slice(from, to);
}

/**
 * Returns a page with other lines in a table.
 *
 * @param {string} page
 * @param {Marks} marks
 * @param {string[]} lines with those of the head
 */
export function withTable(page, marks, lines) {
  const { from, to } = placeOf(page, marks);
  return page.slice(0, from) + ["", "", ...lines, "", ""].join("\n") + page.slice(to);
}

/**
 * Returns a line of a table.
 *
 * @param {string[]} cells
 */
export function tableLine(cells) {
  return `| ${cells.join(" | ")} |`.replace(/ {2,}/g, " ");
}

/**
 * Returns the cells of each line of a table but its head: the texts between its bars.
 *
 * @param {string} page
 * @param {Marks} marks
 */
export function cellsOf(page, marks) {
  const lines = tableOf(page, marks)
    .split("\n")
    .filter((each) => each.startsWith("| `"));
  return lines.map((each) =>
    each
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim()),
  );
}

/**
 * @param {string} page
 * @param {Marks} marks
 */
function placeOf(page, { start, end }) {
  const [at, to] = [page.indexOf(start), page.indexOf(end)];
  if (at < 0 || to < at) throw new Failure("docs/evidence.md lacks the marks of its table");
  return { from: at + start.length, to };
}
