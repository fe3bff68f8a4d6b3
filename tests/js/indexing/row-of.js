import { SkillLogError } from "skill-log";

/** @import { LogIndex, Row } from "skill-log" */

/**
 * Returns the row that an index must have of a record of a log without an id.
 *
 * @param {Pick<import("skill-log").LogRecord, "entry" | "offset" | "length" | "recovered">} record
 * @returns {Row}
 */
export function rowOf({ entry, offset, length, recovered }) {
  const { timestamp, skill, phase, final_status, model_used, duration_ms, attempts = [] } = entry;
  return {
    offset,
    length,
    timestamp,
    skill,
    ...(phase !== undefined && { phase }),
    final_status,
    ...(model_used !== undefined && { model_used }),
    ...(duration_ms !== undefined && { duration_ms }),
    attempts: attempts.length,
    ...(attempts.length > 0 && { verified: attempts[attempts.length - 1].verified }),
    recovered,
    // In these tests, only lines of another format have no session_id.
    ...(entry.session_id === "" && { foreign: true }),
  };
}

/**
 * Returns what an index has at each row number: a row, or null for a hole.
 *
 * @param {LogIndex} index
 */
export function numberedRows(index) {
  return Array.from({ length: index.length }, (_, i) => {
    try {
      return index.row(i);
    } catch (error) {
      if (error instanceof SkillLogError && error.code === "REPLACED") return null;
      throw error;
    }
  });
}

/**
 * Returns every row of an index, without the holes.
 *
 * @param {LogIndex} index
 */
export function rowsOf(index) {
  return numberedRows(index).filter((row) => row !== null);
}

/**
 * Returns the numbers of the rows that an index has, without the holes.
 *
 * @param {LogIndex} index
 */
export function numbersOf(index) {
  return [...numberedRows(index).entries()].filter(([, row]) => row).map(([number]) => number);
}
