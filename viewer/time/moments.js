// Instants and durations as people read them.

import { lengthText } from "../entries/times.js";

/** @typedef {"local" | "utc" | "own"} Zone `own`: the offset that an entry was written with */

const TIMESTAMP = /^(\d{4,}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

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
 * Returns a duration in its two largest units, such as `1 min 31 s`.
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
