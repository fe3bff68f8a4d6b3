// Shows results to a person.

import Table from "cli-table3";

/** @typedef {{ name: string, title: string, unit: string, rounds: number, others: number, results: import("./measure.js").Result[] }} Measured */

/** @param {Measured[]} rows */
export function table(rows) {
  const result = new Table({
    head: ["row", "contender", "median", "unit", "ratio", "quartiles", "required", "reached"],
    colAligns: ["left", "left", "right", "left", "right", "left", "right", "left"],
    style: { head: [], border: [] },
  });
  for (const { name, title, unit, rounds, others, results } of rows) {
    const lines = results.map(({ name: contender, value, ratio, required = "", reached }) => [
      contender,
      figure(value.median),
      unit,
      ratio ? `${figure(ratio.median)} ×` : "",
      ratio ? `${figure(ratio.low)}–${figure(ratio.high)}` : "",
      required,
      reached === undefined ? "" : reached ? "yes" : "NO",
    ]);
    const about = `${name}: ${title}\n${rounds} rounds, others ${percent(others)}`;
    result.push([about, ...lines[0].map((_, column) => lines.map((line) => line[column]).join("\n"))]);
  }
  return result.toString();
}

/** Three digits that count. @param {number} number */
function figure(number) {
  return number >= 100 ? number.toFixed(0) : number.toPrecision(3);
}

/** @param {number} share */
export function percent(share) {
  return `${(100 * share).toFixed(0)} %`;
}
