// Formats results as tables for the terminal.

import Table from "cli-table3";

/**
 * @typedef {{ name: string, title: string, unit: string, rounds: number, others: number, results:
 *   import("./measure.js").Result[] }} Measured
 */

/**
 * The contents of results.json after a run.
 *
 * @typedef {object} Results
 * @property {ReturnType<typeof import("./machine.js").machine> & { browser?: string }} machine
 *   `browser`, when the run was not in Node
 * @property {string} [date] of the run
 * @property {string} [commit] that was measured
 * @property {boolean} quick
 * @property {Measured[]} rows
 * @property {import("./fit.js").Line[]} [scaling] the time against the size of a log
 * @property {import("./fit.js").Line[]} [growth] the time against the number of sessions
 */

/** @param {Measured[]} rows */
export function table(rows) {
  const result = new Table({
    head: ["row", "contender", "median", "unit", "ratio", "quartiles", "required", "reached"],
    colAligns: ["left", "left", "right", "left", "right", "left", "right", "left"],
    style: { head: [], border: [] },
  });
  for (const { name, title, unit, rounds, others, results } of rows) {
    const lines = results.map(
      ({ name: contender, value, ratio, required = "", reached, impossible = "" }) => [
        contender,
        value ? figure(value.median) : "cannot",
        value ? unit : impossible,
        ratio ? `${figure(ratio.median)} ×` : "",
        ratio ? `${figure(ratio.low)}–${figure(ratio.high)}` : "",
        required,
        reached === undefined ? "" : reached ? "yes" : "NO",
      ],
    );
    const about = `${name}: ${title}\n${rounds} rounds, others ${percent(others)}`;
    result.push([
      about,
      ...lines[0].map((_, column) => lines.map((line) => line[column]).join("\n")),
    ]);
  }
  return result.toString();
}

/**
 * @param {import("./fit.js").Line[]} lines
 * @param {string} unit of the sizes
 */
export function growthTable(lines, unit) {
  const sizes = [
    ...new Set(lines.flatMap(({ points }) => points.map(({ size }) => rounded(size)))),
  ];
  const result = new Table({
    head: ["time against size", ...sizes.map((size) => `${size} ${unit}`), "exponent"],
    colAligns: ["left", ...sizes.map(() => /** @type {const} */ ("right")), "right"],
    style: { head: [], border: [] },
  });
  for (const { name, points, exponent } of lines) {
    const times = new Map(
      points.map(({ size, seconds }) => [rounded(size), `${figure(seconds)} s`]),
    );
    const growth = points.length > 1 ? exponent.toFixed(2) : "";
    result.push([name, ...sizes.map((size) => times.get(size) ?? ""), growth]);
  }
  return result.toString();
}

/** @param {number} size */
function rounded(size) {
  return Math.round(size).toLocaleString("en");
}

/** Formats a number with three significant digits. @param {number} number */
export function figure(number) {
  return number >= 100 ? number.toFixed(0) : number.toPrecision(3);
}

/** @param {number} share */
export function percent(share) {
  return `${(100 * share).toFixed(0)} %`;
}
