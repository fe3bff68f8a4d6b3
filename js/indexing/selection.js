// What rows and entries must meet: checked here, judged by the core.

import { Selection } from "../../dist/skill_log.js";
import { isDate } from "../builtins.js";
import { invalidArgument } from "../errors.js";
import { checkOptions } from "../options.js";
import { giveBack, startedModule } from "../wasm/core.js";

/** @import { Conditions, RowConditions } from "../types.js" */

/** The columns of text, in the order of the core. */
export const COLUMNS = /** @type {const} */ (["skill", "phase", "final_status", "model_used"]);

/** The conditions that `not` can have, for an entry. */
const PLAIN_CONDITIONS = [
  ...COLUMNS,
  "verified",
  "since",
  "until",
  "min_duration_ms",
  "max_duration_ms",
];

/** The conditions that `not` can have, for a row. */
const PLAIN_ROW_CONDITIONS = [...PLAIN_CONDITIONS, "session", "recovered", "foreign"];

/** The conditions that an entry can be asked to meet. */
export const CONDITIONS = [...PLAIN_CONDITIONS, "not"];

/** The conditions that a row can be asked to meet. */
export const ROW_CONDITIONS = [...PLAIN_ROW_CONDITIONS, "not"];

/** The flags of a row, in the order of the core. */
const FLAGS = /** @type {const} */ (["verified", "recovered", "foreign"]);

const A_TIME = "a Date from the year 0 to 9999, or an RFC 3339 time";

const LONGEST = 2n ** 63n - 1n;

/**
 * Checks conditions, and hands them to the core.
 *
 * @param {RowConditions} conditions
 * @param {readonly (string | undefined)[]} [sessions] the session id of each log; absent when an entry
 *   is asked
 * @returns {Selection} the caller frees it
 * @throws {SkillLogError} `INVALID_ARGUMENT`
 */
export function selectionOf({ not, ...plain }, sessions) {
  const selection = startedModule() && new Selection();
  try {
    addTo(selection, plain, "", sessions);
    if (not !== undefined) {
      const known = sessions ? PLAIN_ROW_CONDITIONS : PLAIN_CONDITIONS;
      const without = new Selection();
      // The core takes it at once, and frees it with the other.
      addTo(without, checkOptions(not, known, "not"), "not.", sessions);
      selection.not(without);
    }
    return selection;
  } catch (error) {
    giveBack(() => selection.free());
    throw error;
  }
}

/**
 * @param {Selection} selection
 * @param {Omit<RowConditions, "not">} conditions
 * @param {string} prefix of the conditions' names, in errors
 * @param {readonly (string | undefined)[] | undefined} sessions
 */
function addTo(selection, conditions, prefix, sessions = []) {
  for (const [column, name] of COLUMNS.entries()) {
    const value = conditions[name];
    if (value === undefined) continue;
    // Without a text, so that an empty list selects no row.
    selection.text(column);
    for (const text of textsOf(prefix + name, value)) selection.text(column, text);
  }
  const { since, until, min_duration_ms: min, max_duration_ms: max, session } = conditions;
  if (session !== undefined) {
    const wanted = new Set(textsOf(`${prefix}session`, session));
    const logs = Array.from(sessions.keys());
    selection.logs(
      Uint32Array.from(logs.filter((log) => wanted.has(/** @type {string} */ (sessions[log])))),
    );
  }
  for (const [flag, name] of FLAGS.entries()) {
    const value = conditions[name];
    if (value === undefined) continue;
    if (typeof value !== "boolean") throw invalidArgument(prefix + name, value, "true or false");
    selection.flag(flag, value);
  }
  if (since !== undefined && !selection.time(timeText(since), false))
    throw invalidArgument(`${prefix}since`, since, A_TIME);
  if (until !== undefined && !selection.time(timeText(until), true))
    throw invalidArgument(`${prefix}until`, until, A_TIME);
  if (min !== undefined || max !== undefined)
    selection.duration(
      min === undefined ? -LONGEST - 1n : integer(`${prefix}min_duration_ms`, min),
      max === undefined ? LONGEST : integer(`${prefix}max_duration_ms`, max),
    );
}

/**
 * @param {string} name
 * @param {unknown} value
 * @returns {string[]}
 */
function textsOf(name, value) {
  const texts = Array.isArray(value) ? value : [value];
  if (!texts.every((text) => typeof text === "string"))
    throw invalidArgument(name, value, "a string, or an array of strings");
  return texts;
}

/** @param {unknown} time */
function timeText(time) {
  if (isDate(time)) return Number.isNaN(time.getTime()) ? "" : time.toISOString();
  return typeof time === "string" ? time : "";
}

/**
 * @param {string} name
 * @param {unknown} number
 */
function integer(name, number) {
  const isWhole = typeof number === "bigint" || Number.isSafeInteger(number);
  const big = isWhole ? BigInt(/** @type {number} */ (number)) : null;
  if (big === null || BigInt.asIntN(64, big) !== big)
    throw invalidArgument(name, number, "a whole number of 64 bits with a sign");
  return big;
}
