// The statistics of groups of entries, as a table.

import { durationText } from "../selection/times.js";
import { styledStatus } from "./entry-lines.js";
import { stdout } from "./output.js";
import { printable } from "./printable.js";
import { table } from "./table.js";

/** @import { StatsGroup } from "../../types.js" */

/**
 * Returns the table of groups.
 *
 * @param {string} head of the first column
 * @param {StatsGroup[]} groups
 */
export function groupTable(head, groups) {
  const numbers = ["ENTRIES", "VERIFIED", "FIRST TRY", "ATTEMPTS", "P50", "P95", "MAX"];
  const percent = (/** @type {number | undefined} */ rate) =>
    rate === undefined ? "" : `${(100 * rate).toFixed(rate === 1 ? 0 : 1)}%`;
  return table(
    [{ head }, ...numbers.map((head) => ({ head, isRight: true }))],
    groups.map((group) => {
      const {
        name,
        entries,
        verified_rate,
        first_try_rate,
        attempts_mean,
        attempts_max,
        duration_ms: took,
      } = group;
      const shown = name === "" ? stdout.style.dim("(none)") : printable(name);
      return [
        head === "STATUS" ? styledStatus(name, shown) : shown,
        entries.toLocaleString("en"),
        percent(verified_rate),
        percent(first_try_rate),
        attempts_max === 0 ? "" : `${attempts_mean.toFixed(1)} (${attempts_max})`,
        ...(took ? [took.p50, took.p95, took.max].map(durationText) : ["", "", ""]),
      ];
    }),
  );
}
