// Reads two sessions from an index that has both, and has a worker compare them.

import { asked, TookTooLong } from "../entry/entry-work.js";
import { columnsOf, Texts } from "./session-columns.js";
import { faultsOf } from "./session-faults.js";

/** @import { LogIndex } from "skill-log" */
/** @import { Comparison } from "./comparison.js" */
/** @import { Faults } from "./session-faults.js" */

/**
 * What was found.
 *
 * @typedef {object} Found
 * @property {readonly [Uint32Array, Uint32Array]} rows of the index, of each session
 * @property {Comparison} comparison
 * @property {Texts["lists"]} texts
 * @property {Faults[]} faults
 */

/**
 * Compares two sessions.
 *
 * @param {LogIndex} index
 * @param {Uint32Array | null} selected the rows that count, in the order of their numbers; null: all
 * @param {readonly [string, string]} sessions
 * @param {AbortSignal} signal
 * @returns {Promise<Found>}
 */
export async function comparedSessions(index, selected, [left, right], signal) {
  const some = selected ? { rows: selected } : {};
  const rows = /** @type {const} */ ([
    await index.query({ ...some, session: left, signal }),
    await index.query({ ...some, session: right, signal }),
  ]);
  const texts = new Texts();
  const wanted = {
    left: await columnsOf(index, rows[0], texts, signal),
    right: await columnsOf(index, rows[1], texts, signal),
  };
  const comparison = await asked("comparison", wanted, signal).catch((error) => {
    if (!(error instanceof TookTooLong)) throw error;
    // A slow machine gets pairs, even where they are not the most.
    return asked("comparison", { ...wanted, most: 0 }, signal);
  });
  const faults = await faultsOf(index, [left, right], rows, signal);
  return { rows, comparison, texts: texts.lists, faults };
}
