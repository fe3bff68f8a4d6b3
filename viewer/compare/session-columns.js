// Reads the columns of a session from an index, some rows at a time, so that the page answers
// meanwhile.

import { pause } from "../app/pause.js";

/** @import { LogIndex } from "skill-log" */
/** @import { Columns } from "./comparison.js" */

/** The most rows that are read in one turn: some 10 ms. */
const AT_ONCE = 10_000;

/** The texts of skills, phases and statuses. A code is a position in its list. */
export class Texts {
  /** @type {Record<"skill" | "phase" | "final_status", string[]>} */
  lists = { skill: [], phase: [], final_status: [] };
  /** @type {Record<"skill" | "phase" | "final_status", Map<string, number>>} */
  #codes = { skill: new Map(), phase: new Map(), final_status: new Map() };

  /**
   * Returns the codes of texts.
   *
   * @param {"skill" | "phase" | "final_status"} column
   * @param {readonly string[]} texts
   */
  codesOf(column, texts) {
    const [codes, list] = [this.#codes[column], this.lists[column]];
    return texts.map((text) => {
      let code = codes.get(text);
      if (code === undefined) codes.set(text, (code = list.push(text) - 1));
      return code;
    });
  }
}

/**
 * Returns the columns of rows.
 *
 * @param {LogIndex} index
 * @param {Uint32Array} rows
 * @param {Texts} texts gets the texts of the rows
 * @param {AbortSignal} signal
 * @returns {Promise<Columns>}
 */
export async function columnsOf(index, rows, texts, signal) {
  const { length } = rows;
  /** @type {Columns} */
  const columns = {
    skills: new Uint32Array(length),
    phases: new Uint32Array(length),
    statuses: new Uint32Array(length),
    durations: new Float64Array(length),
    attempts: new Float64Array(length),
    verified: new Uint8Array(length),
    firstVerified: new Uint8Array(length),
  };
  for (let from = 0; from < length; from += AT_ONCE) {
    if (from > 0) await pause();
    signal.throwIfAborted();
    const part = rows.subarray(from, from + AT_ONCE);
    for (const [name, column] of TEXT_COLUMNS) {
      const { codes, texts: own } = index.column(column, part);
      const shared = texts.codesOf(column, own);
      for (let at = 0; at < codes.length; at += 1) columns[name][from + at] = shared[codes[at]];
    }
    columns.durations.set(index.column("duration_ms", part), from);
    columns.attempts.set(index.column("attempts", part), from);
    columns.verified.set(index.column("verified", part), from);
    columns.firstVerified.set(index.column("first_verified", part), from);
  }
  return columns;
}

const TEXT_COLUMNS = /** @type {const} */ ([
  ["skills", "skill"],
  ["phases", "phase"],
  ["statuses", "final_status"],
]);
