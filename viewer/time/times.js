// Instants and lengths of time as people read them.

import { countText } from "../app/figures.js";

/** @typedef {"local" | "utc" | "own"} Zone `own`: the offset that an entry was written with */

const TIMESTAMP = /^(\d{4,}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * Returns an entry's timestamp in a zone. Digits after the milliseconds are kept.
 *
 * @param {string} timestamp RFC 3339
 * @param {Zone} zone
 * @returns {{ date: string, time: string, offset: string }} `offset` is `UTC` or such as `+01:00`
 */
export function momentOf(timestamp, zone) {
  const [, ownDate, ownTime, fraction = "", ownOffset] = TIMESTAMP.exec(timestamp) ?? [];
  const instant = new Date(timestamp.slice(0, 19) + (ownOffset ?? "").toUpperCase());
  if (ownDate === undefined || Number.isNaN(instant.getTime()))
    return { date: timestamp, time: "", offset: "" };
  if (zone === "own")
    return {
      date: ownDate,
      time: ownTime + fraction,
      offset: /^[Zz]$/.test(ownOffset) ? "UTC" : ownOffset,
    };
  const minutes = zone === "utc" ? 0 : -instant.getTimezoneOffset();
  const text = new Date(instant.getTime() + minutes * 60_000).toISOString();
  return {
    date: text.slice(0, -14),
    time: text.slice(-13, -5) + fraction,
    offset: zone === "utc" ? "UTC" : offsetText(minutes),
  };
}

/** @param {number} minutes */
function offsetText(minutes) {
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  return `${minutes < 0 ? "-" : "+"}${two(hours)}:${two(rest)}`;
}

/**
 * Returns the day and the time of a timestamp in few characters.
 *
 * @param {string} timestamp RFC 3339
 * @param {Zone} zone
 * @returns {{ day: string, time: string, fraction: string, full: string }} such as `1 Mar`,
 *   `09:00:00` and `.25`; `full` has the year and the offset
 */
export function instantText(timestamp, zone) {
  const { date, time, offset } = momentOf(timestamp, zone);
  if (time === "") return { day: "", time: timestamp, fraction: "", full: timestamp };
  return {
    day: `${Number(date.slice(-2))} ${MONTHS[Number(date.slice(-5, -3)) - 1]}`,
    time: time.slice(0, 8),
    fraction: time.slice(8, 12),
    full: `${date} ${time} ${offset}`,
  };
}

/**
 * Returns whole days as a range of instants, each as long as that day is.
 *
 * @param {number} now
 * @param {Zone} zone `own` counts as `local`: entries may have different offsets
 * @param {number} first how many days ago it starts; 0: today
 * @param {number} last how many days ago the last day is
 * @returns {{ since: number, until: number }} in milliseconds since 1970; the last one is excluded
 */
export function daysRange(now, zone, first, last) {
  const date = new Date(now);
  const startOf = (/** @type {number} */ ago) =>
    zone === "utc"
      ? Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() - ago)
      : new Date(date.getFullYear(), date.getMonth(), date.getDate() - ago).getTime();
  return { since: startOf(first), until: startOf(last - 1) };
}

/**
 * Returns how long ago an instant was, such as `3 min`; beyond a week its day.
 *
 * @param {number} instant in milliseconds since 1970
 * @param {number} now
 */
export function agoText(instant, now) {
  const age = now - instant;
  const date = new Date(instant);
  if (Number.isNaN(instant)) return "";
  // Clocks of two machines differ a little.
  if (age >= -MINUTE && age < MINUTE) return "now";
  if (age > 0 && age < HOUR) return `${Math.floor(age / MINUTE)} min`;
  if (age > 0 && age < DAY) return `${Math.floor(age / HOUR)} h`;
  if (age > 0 && age < 7 * DAY) return `${Math.floor(age / DAY)} d`;
  const day = `${date.getDate()} ${MONTHS[date.getMonth()]}`;
  return date.getFullYear() === new Date(now).getFullYear() ? day : `${day} ${date.getFullYear()}`;
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
  const start = `${countText(large)} ${unit}`;
  return small === 0 ? start : `${start} ${small} ${smallUnit}`;
}

/**
 * Returns a duration in its two largest units and to 10 ms, such as `1 min 31 s` or `4.25 s`.
 *
 * @param {number | bigint} duration in milliseconds
 * @returns {string}
 */
export function durationText(duration) {
  const length = Number(duration);
  if (length < 0) return `−${durationText(-length)}`;
  if (length < 1000) return `${length} ms`;
  if (length < 60_000) return `${(Math.floor(length / 10) / 100).toString()} s`;
  return lengthText(length);
}
