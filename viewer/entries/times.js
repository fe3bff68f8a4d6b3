// Instants and lengths of time as short texts.

/** @typedef {"local" | "utc" | "own"} Zone `own`: in each entry's own offset */

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/**
 * Returns the day and the time of a timestamp.
 *
 * @param {string} timestamp RFC 3339
 * @param {Zone} zone
 * @returns {{ day: string, time: string, fraction: string, full: string }} such as `1 Mar`,
 *   `09:00:00` and `.25`; `full` has the year and the offset
 */
export function instantText(timestamp, zone) {
  const text = zone === "own" ? timestamp : shifted(timestamp, zone);
  const [, year, month, day, time, fraction = "", offset = ""] =
    /^(\d+)-(\d\d)-(\d\d)T(\d\d:\d\d:\d\d)(\.\d+)?(.*)$/.exec(text) ?? [];
  if (time === undefined) return { day: "", time: timestamp, fraction: "", full: timestamp };
  return {
    day: `${Number(day)} ${MONTHS[Number(month) - 1]}`,
    time,
    fraction: fraction.slice(0, 4),
    full: `${year}-${month}-${day} ${time}${fraction} ${offset === "Z" ? "UTC" : offset}`.trim(),
  };
}

/**
 * Returns a timestamp with another offset. The digits of its fraction stay.
 *
 * @param {string} timestamp
 * @param {"local" | "utc"} zone
 */
function shifted(timestamp, zone) {
  const date = new Date(timestamp);
  if (Number.isNaN(date.getTime())) return timestamp;
  const minutes = zone === "utc" ? 0 : -date.getTimezoneOffset();
  const [start] = new Date(date.getTime() + minutes * 60_000).toISOString().split(".");
  const [fraction = ""] = /\.\d+/.exec(timestamp) ?? [];
  if (zone === "utc") return `${start}${fraction}Z`;
  const two = (/** @type {number} */ value) => String(Math.floor(value)).padStart(2, "0");
  const size = Math.abs(minutes);
  return `${start}${fraction}${minutes < 0 ? "-" : "+"}${two(size / 60)}:${two(size % 60)}`;
}

/**
 * Returns a length of time in few characters, such as `4.2 s` or `3 min 12 s`.
 *
 * @param {number} ms
 */
export function lengthText(ms) {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(ms < 9_950 ? 1 : 0)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return two(Math.floor(seconds / 60), "min", seconds % 60, "s");
  const minutes = Math.round(seconds / 60);
  if (minutes < 1440) return two(Math.floor(minutes / 60), "h", minutes % 60, "min");
  const hours = Math.round(minutes / 60);
  return two(Math.floor(hours / 24), "d", hours % 24, "h");
}

/**
 * @param {number} large
 * @param {string} unit
 * @param {number} small
 * @param {string} smallUnit
 */
function two(large, unit, small, smallUnit) {
  const start = `${large.toLocaleString("en")} ${unit}`;
  return small === 0 ? start : `${start} ${small} ${smallUnit}`;
}
