// The command line's summary of damage, on standard error: a line for each of the first logs, and
// one line for all other logs. The library's own warning is in damage/warning.js.

import { counted } from "./counted.js";
import { warn } from "./output.js";
import { lineCount } from "./reports.js";

/** @import { Command } from "commander" */
/** @import { Damage } from "../../types.js" */
/** @import { NamedLog } from "../selection/operands.js" */

/** How many logs get a line of their own. */
const MOST_LOGS = 5;

let isQuiet = false;

/** How many logs had damage so far. */
let warnedLogs = 0;

/** The damage of all further logs. */
const rest = { logs: 0, lines: 0, recovered: 0 };

/**
 * Adds the option --quiet, which silences the warnings about damage.
 *
 * @template {Command} C
 * @param {C} command
 * @returns {C}
 */
export function addQuietOption(command) {
  return silenceOnQuiet(
    /** @type {C} */ (command.option("-q, --quiet", "do not warn about damaged lines")),
  );
}

/**
 * Lets the existing option --quiet of a command silence the warnings too.
 *
 * @template {Command} C
 * @param {C} command
 * @returns {C}
 */
export function silenceOnQuiet(command) {
  return /** @type {C} */ (command.on("option:quiet", () => (isQuiet = true)));
}

/**
 * Returns a warning that gathers the damage of a log.
 *
 * @param {NamedLog} log
 */
export function damageWarning({ name }) {
  /** @type {Damage | null} */
  let first = null;
  let lines = 0;
  let recovered = 0;
  const add = (/** @type {Damage} */ damage) => {
    if (!first || damage.offset < first.offset) first = damage;
    lines += lineCount(damage);
    recovered += damage.recovered;
  };
  /** @param {Damage} damage the first damage of the log */
  const messageOf = ({ line, offset, kind, reason }) => {
    const position = line === undefined ? `at byte ${offset}` : `line ${line}`;
    const what =
      lines === 1
        ? `1 damaged line, ${position}`
        : `${lines} damaged lines, the first ${line === undefined ? "" : "is "}${position}`;
    return `${name}: ${what} (${kind}: ${reason})${recoveredText(recovered, lines)}. See: skill-log verify`;
  };
  return {
    add,
    /**
     * @param {Damage[]} damage
     * @param {number} damaged all damaged lines; the list may be shorter
     */
    addAll(damage, damaged) {
      damage.forEach(add);
      lines += damaged - damage.reduce((sum, each) => sum + lineCount(each), 0);
    },
    /**
     * Prints the warning, if there was damage; after the first logs, counts it for
     * `warnOfRemainingDamage`.
     */
    async report() {
      if (!first || isQuiet) return;
      warnedLogs += 1;
      if (warnedLogs <= MOST_LOGS) return warn(messageOf(first));
      rest.logs += 1;
      rest.lines += lines;
      rest.recovered += recovered;
    },
    /** Prints the warning at once: a log that is followed has no end to wait for. */
    async reportNow() {
      if (first && !isQuiet) await warn(messageOf(first));
    },
  };
}

/** Prints one warning for all logs that got no line of their own. */
export async function warnOfRemainingDamage() {
  const { logs, lines, recovered } = rest;
  if (logs === 0) return;
  rest.logs = rest.lines = rest.recovered = 0;
  await warn(
    `${counted(logs, "more log")}: ${counted(lines, "damaged line")}${recoveredText(recovered, lines)}. See: skill-log verify`,
  );
}

/**
 * @param {number} recovered
 * @param {number} lines
 */
function recoveredText(recovered, lines) {
  return recovered === 0
    ? ""
    : `; ${recovered === 1 ? "1 entry was" : `${recovered} entries were`} recovered from ${lines === 1 ? "it" : "them"}`;
}
