// What rows and entries must meet: checked here, judged by the core.

import { Selection } from "../../dist/skill_log.js";
import { isDate } from "../builtins.js";
import { invalidArgument } from "../errors.js";
import { giveBack, startedModule } from "../wasm/core.js";

/** @import { Conditions } from "../types.js" */

/** The columns of text, in the order of the core. */
export const COLUMNS = /** @type {const} */ (["skill", "phase", "final_status", "model_used"]);

/** What a row can be asked for. */
export const CONDITIONS = /** @type {const} */ ([
  ...COLUMNS,
  "verified",
  "since",
  "until",
  "min_duration_ms",
]);

const A_TIME = "a Date from the year 0 to 9999, or an RFC 3339 time";

/**
 * @param {Conditions} conditions
 * @returns {Selection} to be freed
 * @throws {SkillLogError} `INVALID_ARGUMENT`
 */
export function selectionOf({ verified, since, until, min_duration_ms: min, ...texts }) {
  const selection = startedModule() && new Selection();
  try {
    for (const [column, name] of COLUMNS.entries()) {
      const value = texts[name];
      if (value === undefined) continue;
      // None is given where the list is empty: no row has one of no texts.
      selection.text(column);
      for (const text of Array.isArray(value) ? value : [value]) {
        if (typeof text !== "string")
          throw invalidArgument(name, value, "a string, or an array of strings");
        selection.text(column, text);
      }
    }
    if (verified !== undefined) {
      if (typeof verified !== "boolean")
        throw invalidArgument("verified", verified, "true or false");
      selection.verified(verified);
    }
    if (since !== undefined && !selection.since(timeText(since)))
      throw invalidArgument("since", since, A_TIME);
    if (until !== undefined && !selection.until(timeText(until)))
      throw invalidArgument("until", until, A_TIME);
    if (min !== undefined) selection.min_duration(integer(min));
    return selection;
  } catch (error) {
    giveBack(() => selection.free());
    throw error;
  }
}

/** @param {unknown} time */
function timeText(time) {
  if (isDate(time)) return Number.isNaN(time.getTime()) ? "" : time.toISOString();
  return typeof time === "string" ? time : "";
}

/** @param {unknown} number */
function integer(number) {
  const isWhole = typeof number === "bigint" || Number.isSafeInteger(number);
  const big = isWhole ? BigInt(/** @type {number} */ (number)) : null;
  if (big === null || BigInt.asIntN(64, big) !== big)
    throw invalidArgument("min_duration_ms", number, "a whole number of 64 bits with a sign");
  return big;
}
