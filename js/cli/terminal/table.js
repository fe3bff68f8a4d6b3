// Formats tables for people.

import Table from "cli-table3";

import { stdout } from "./output.js";
import { widthOf } from "./width.js";

/** Draws no lines: two spaces separate the columns. */
const chars = Object.fromEntries(
  [
    "top",
    "top-mid",
    "top-left",
    "top-right",
    "bottom",
    "bottom-mid",
    "bottom-left",
    "bottom-right",
    "left",
    "left-mid",
    "mid",
    "mid-mid",
    "right",
    "right-mid",
  ].map((side) => [side, ""]),
);

/** How many rows the library gets at once, because its time grows with their square. */
const AT_ONCE = 100;

/**
 * Returns the lines of a table.
 *
 * @param {{ head: string, isRight?: boolean }[]} columns
 * @param {string[][]} rows printable, and styled already
 * @returns {string}
 */
export function table(columns, rows) {
  const options = {
    chars: { ...chars, middle: "  " },
    colAligns: columns.map(
      ({ isRight }) => /** @type {"right" | "left"} */ (isRight ? "right" : "left"),
    ),
    colWidths: columns.map(({ head }, column) =>
      rows.reduce((width, row) => Math.max(width, widthOf(row[column])), widthOf(head)),
    ),
    style: { head: [], border: [], compact: true, "padding-left": 0, "padding-right": 0 },
  };
  const all = [columns.map(({ head }) => stdout.style.bold(head)), ...rows];
  const parts = [];
  for (let at = 0; at < all.length; at += AT_ONCE) {
    const part = new Table(options);
    part.push(...all.slice(at, at + AT_ONCE));
    parts.push(`${part.toString().replace(/ +$/gm, "")}\n`);
  }
  return parts.join("");
}
