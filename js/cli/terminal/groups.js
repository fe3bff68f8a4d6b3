// The statistics of groups of entries, as a table.

import { durationText } from "../selection/times.js";
import { styledStatus } from "./entry-lines.js";
import { stdout } from "./output.js";
import { printable } from "./printable.js";
import { table } from "./table.js";

/** @import { StatsGroup } from "../../types.js" */

/** A group, or what is known of one. @typedef {Omit<StatsGroup, "first_try_rate"> & { first_try_rate?: number }} Group */

/**
 * Returns the table of groups.
 *
 * @param {string} head of the first column
 * @param {Group[]} groups
 * @param {boolean} [hasFirstTry] whether the groups have a first-try rate
 */
export function groupTable(head, groups, hasFirstTry = true) {
  const numbers = [
    "ENTRIES",
    "VERIFIED",
    ...(hasFirstTry ? ["FIRST TRY"] : []),
    "ATTEMPTS",
    "P50",
    "P95",
    "MAX",
  ];
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
        ...(hasFirstTry ? [percent(first_try_rate)] : []),
        attempts_max === 0 ? "" : `${attempts_mean.toFixed(1)} (${attempts_max})`,
        ...(took ? [took.p50, took.p95, took.max].map(durationText) : ["", "", ""]),
      ];
    }),
  );
}
