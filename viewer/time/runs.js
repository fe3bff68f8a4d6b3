// When entries ran. An entry is written as its run ends: its timestamp is the end.

/** @import { Row } from "skill-log" */

/**
 * Returns when a run started.
 *
 * @param {number} end in milliseconds: the timestamp
 * @param {number} duration in milliseconds; 0 where it is not known
 * @returns {number}
 */
export function startOf(end, duration) {
  return end - duration;
}

/**
 * Returns how long nothing ran between two entries of a log: from the end of a run to the start of
 * the next.
 *
 * @param {Pick<Row, "timestamp">} before
 * @param {Pick<Row, "timestamp" | "duration_ms">} row
 * @returns {number} in milliseconds; negative where the runs overlap; NaN where a timestamp cannot
 *   be read
 */
export function gapBetween(before, { timestamp, duration_ms = 0 }) {
  return startOf(Date.parse(timestamp), Number(duration_ms)) - Date.parse(before.timestamp);
}
