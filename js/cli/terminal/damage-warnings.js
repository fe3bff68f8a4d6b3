// Damage that a command passed over: told a line a log for the first logs, and together for the rest, on standard error.

import { counted } from "./counted.js";
import { warn } from "./output.js";
import { lineCount } from "./reports.js";

/** @import { Command } from "commander" */
/** @import { Damage } from "../../types.js" */
/** @import { NamedLog } from "../selection/operands.js" */

/** Logs whose damage is told one by one. */
const MOST_LOGS = 5;

let isQuiet = false;

/** How many logs were told one by one. */
let warnedLogs = 0;

/** What is left to tell of the others. */
const rest = { logs: 0, lines: 0, recovered: 0 };

/**
 * Gives a command that passes over damage the option to say nothing of it.
 *
 * @template {Command} C
 * @param {C} command
 * @returns {C}
 */
export function addQuietOption(command) {
  return silenceOnQuiet(
    /** @type {C} */ (command.option("-q, --quiet", "do not warn of damage that is passed over")),
  );
}

/**
 * Has the option `--quiet`, which a command has, silence the warnings too.
 *
 * @template {Command} C
 * @param {C} command
 * @returns {C}
 */
export function silenceOnQuiet(command) {
  return /** @type {C} */ (command.on("option:quiet", () => (isQuiet = true)));
}

/**
 * Takes warning of the damage of a log.
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
  /** @param {Damage} damage the first one */
  const messageOf = ({ line, offset, kind, reason }) => {
    const place = line === undefined ? `at byte ${offset}` : `line ${line}`;
    const what =
      lines === 1
        ? `1 damaged line, ${place}`
        : `${lines} damaged lines, the first ${line === undefined ? "" : "is "}${place}`;
    return `${name}: ${what} (${kind}: ${reason})${recoveredText(recovered, lines)}. See: skill-log verify`;
  };
  return {
    add,
    /** @param {Damage[]} damage @param {number} damaged how many there are; a list has an end */
    addAll(damage, damaged) {
      damage.forEach(add);
      lines += damaged - damage.reduce((sum, each) => sum + lineCount(each), 0);
    },
    /** Tells what there was, if anything; or keeps it for `warnOfRemainingDamage`. */
    async report() {
      if (!first || isQuiet) return;
      warnedLogs += 1;
      if (warnedLogs <= MOST_LOGS) return warn(messageOf(first));
      rest.logs += 1;
      rest.lines += lines;
      rest.recovered += recovered;
    },
    /** Tells it in any case, where it comes of what is being written: there is no end to wait for. */
    async reportNow() {
      if (first && !isQuiet) await warn(messageOf(first));
    },
  };
}

/** Tells what there was in the logs that were not told one by one. */
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
