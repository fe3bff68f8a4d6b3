// Tables, for people.

import Table from "cli-table3";

import { stdout } from "./output.js";

/** No lines: columns are apart by two spaces. */
const chars = Object.fromEntries(
  ["top", "top-mid", "top-left", "top-right", "bottom", "bottom-mid", "bottom-left", "bottom-right", "left", "left-mid", "mid", "mid-mid", "right", "right-mid"].map((side) => [side, ""]),
);

/**
 * Gives the lines of a table.
 *
 * @param {{ head: string, isRight?: boolean }[]} columns
 * @param {string[][]} rows printable, and styled where they are to be
 * @returns {string}
 */
export function table(columns, rows) {
  const made = new Table({
    chars: { ...chars, middle: "  " },
    head: columns.map(({ head }) => stdout.style.bold(head)),
    colAligns: columns.map(({ isRight }) => (isRight ? "right" : "left")),
    style: { head: [], border: [], compact: true, "padding-left": 0, "padding-right": 0 },
  });
  made.push(...rows);
  return `${made.toString().replace(/ +$/gm, "")}\n`;
}
