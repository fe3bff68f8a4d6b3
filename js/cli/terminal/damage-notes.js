// Damage that a command passed over: told once a log, on standard error.

import { warn } from "./output.js";
import { linesOf } from "./reports.js";

/** @import { Damage } from "../../types.js" */
/** @import { NamedLog } from "../selection/operands.js" */

/**
 * Takes notes of the damage of a log.
 *
 * @param {NamedLog} log
 */
export function damageNotes({ name }) {
  /** @type {Damage | null} */
  let first = null;
  let lines = 0;
  let recovered = 0;
  const add = (/** @type {Damage} */ damage) => {
    if (!first || damage.offset < first.offset) first = damage;
    lines += linesOf(damage);
    recovered += damage.recovered;
  };
  return {
    add,
    /** @param {Damage[]} damage @param {number} damaged how many there are; a list has an end */
    addAll(damage, damaged) {
      damage.forEach(add);
      lines += damaged - damage.reduce((sum, each) => sum + linesOf(each), 0);
    },
    /** Tells what there was, if anything. */
    async tell() {
      if (!first) return;
      const { line, offset, kind, reason } = first;
      const place = line === undefined ? `at byte ${offset}` : `line ${line}`;
      const what = lines === 1 ? `1 damaged line, ${place}` : `${lines} damaged lines, the first ${line === undefined ? "" : "is "}${place}`;
      const saved = recovered === 0 ? "" : `; ${recovered === 1 ? "1 entry was" : `${recovered} entries were`} recovered from ${lines === 1 ? "it" : "them"}`;
      await warn(`${name}: ${what} (${kind}: ${reason})${saved}. See: skill-log verify`);
    },
  };
}
