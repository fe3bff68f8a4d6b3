// Describes what logs of an index hold.

/** @import { LogIndex } from "../../dist/skill_log.js" */
/** @import { LogFacts } from "./log-facts.js" */
/** @import { LogContents } from "../types.js" */

/** Numbers of a log in the summaries of the core. */
const NUMBERS = 6;

/** The columns of skill and status. */
const SKILL = 0;
const STATUS = 2;

/**
 * Describes what logs hold now. Goes through the rows of all logs once.
 *
 * @param {LogIndex} core
 * @param {LogFacts} facts
 * @param {(column: number, code: number) => string} text
 * @param {readonly number[]} logs their numbers, each once
 * @returns {Omit<LogContents, "session">[]}
 */
export function contentsOf(core, facts, text, logs) {
  const numbers = core.summaries(Uint32Array.from(logs));
  const rows = new Uint32Array(2 * logs.length);
  let next = 0;
  for (let start = 0; start < numbers.length; start += NUMBERS) {
    if (numbers[start] === 0) continue;
    rows[next++] = numbers[start + 2];
    rows[next++] = numbers[start + 3];
  }
  // One call for all of them takes a tenth of the time.
  const timestamps = core.timestamps(rows.subarray(0, next)).split(" ");
  next = 0;
  return logs.map((log, at) => {
    const start = NUMBERS * at;
    const bytes = facts.bytesOf(log);
    const entries = numbers[start];
    const damaged = facts.damagedOf(log);
    const pending = facts.pendingOf(log);
    const foreign = numbers[start + 1];
    if (entries === 0) return { bytes, entries, damaged, pending, foreign };
    next += 2;
    return {
      bytes,
      entries,
      damaged,
      pending,
      foreign,
      first: timestamps[next - 2],
      last: timestamps[next - 1],
      skill: text(SKILL, numbers[start + 4]),
      final_status: text(STATUS, numbers[start + 5]),
    };
  });
}
