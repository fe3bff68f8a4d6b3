// Parses times and durations that people type, and prints them for people.

import ms from "ms";
import { InvalidArgumentError } from "commander";
import prettyMilliseconds from "pretty-ms";

/** Matches a date, or a date and a time, in the local time zone. */
const LOCAL = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?))?$/;
const RFC_3339 = /^\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

/**
 * Returns the milliseconds of a text like "2h" or "1.5 s"; a unit is required.
 *
 * @param {string} text
 */
function durationOf(text) {
  const duration = /[a-z]$/i.test(text)
    ? ms(/** @type {import("ms").StringValue} */ (text))
    : undefined;
  return duration !== undefined && duration >= 0 ? duration : undefined;
}

/**
 * Parses a typed duration.
 *
 * @param {string} text
 * @param {unknown} [_]
 * @param {(milliseconds: number) => number} [whole]
 * @returns {number} whole milliseconds
 */
export function parseDuration(text, _, whole = Math.ceil) {
  const duration = durationOf(text);
  if (duration === undefined || duration > Number.MAX_SAFE_INTEGER)
    throw new InvalidArgumentError("Expected a duration with a unit, like 250ms, 1.5s, 2m or 3h.");
  return whole(duration);
}

/**
 * Parses a typed age.
 *
 * @param {string} text
 * @returns {number} milliseconds
 */
export function parseAge(text) {
  const age = durationOf(text);
  if (age === undefined || age > Number.MAX_SAFE_INTEGER)
    throw new InvalidArgumentError("Expected an age with a unit, like 90d, 12h or 30m.");
  return age;
}

/**
 * Checks a typed time: how long ago, a date, a date and a time, or an RFC 3339 time.
 *
 * @param {string} text
 * @returns {() => Date | string} returns the time once all options are known, because one of them
 *   may set the time zone
 */
export function parseTime(text) {
  timeOf(text);
  return () => timeOf(text);
}

/**
 * Returns a typed time for `LogIndex.select`.
 *
 * @param {string} text
 * @returns {Date | string}
 */
function timeOf(text) {
  const ago = durationOf(text);
  // Timestamps start with the year 0.
  if (ago !== undefined && Date.now() - ago >= Date.parse("0000-01-01T00:00Z"))
    return new Date(Date.now() - ago);
  if (text === "today" || text === "yesterday") {
    const day = new Date();
    day.setHours(0, 0, 0, 0);
    if (text === "yesterday") day.setDate(day.getDate() - 1);
    return day;
  }
  const local = LOCAL.exec(text);
  const date = new Date(
    local ? `${local[1]}T${local[2] ?? "00:00"}` : RFC_3339.test(text) ? text : "",
  );
  if (Number.isNaN(date.getTime()) || !isDay(text.slice(0, 10))) {
    throw new InvalidArgumentError(
      'Expected how long ago, like 2h or 7d; today or yesterday; a date, like 2026-01-31; a date and a time, like "2026-01-31 18:00"; or an RFC 3339 time.',
    );
  }
  return local ? date : text;
}

/**
 * Reports whether a date exists: `Date` turns a 30th of February into a day of March.
 *
 * @param {string} date
 */
function isDay(date) {
  return new Date(`${date}T00:00Z`).toISOString().startsWith(date);
}

/**
 * An instant to the nanosecond: whole seconds since 1970, and nanoseconds.
 *
 * @typedef {[seconds: number, nanoseconds: number]} Instant
 */

/**
 * Returns the instant of an entry's timestamp.
 *
 * @param {string} timestamp RFC 3339, from the year 0 to 9999; the offset may be a day or more
 * @returns {Instant} with NaN for any other text
 */
export function instantOf(timestamp) {
  const [, local, fraction = "", sign, hours = 0, minutes = 0] =
    /^(.{19})(?:\.(\d+))?(?:Z|([+-])(\d\d):(\d\d))$/.exec(timestamp) ?? [];
  const offset = (sign === "-" ? -60 : 60) * (Number(hours) * 60 + Number(minutes));
  return [Date.parse(`${local}Z`) / 1000 - offset, Number(fraction.padEnd(9, "0"))];
}

/**
 * Compares instants, for sorting.
 *
 * @param {Instant} a
 * @param {Instant} b
 */
export function byInstant(a, b) {
  return a[0] - b[0] || a[1] - b[1];
}

/** @param {number} number @param {number} digits */
const digits = (number, digits = 2) => String(number).padStart(digits, "0");

/** The numbers below 60, in two digits. */
const SIXTY = Array.from({ length: 60 }, (_, number) => digits(number));

/** The minutes of a day, as in " 18:05:". @type {string[]} */
const minutes = [];

/** @param {number} minute of a day */
function minuteText(minute) {
  const hour = Math.floor(minute / 60);
  return (minutes[minute] ??= ` ${SIXTY[hour]}:${SIXTY[minute - 60 * hour]}:`);
}

/** The seconds of a day. */
const DAY = 86_400;

/**
 * The start of 1973, in seconds. Since then, every time zone differs from UTC by whole minutes.
 */
const WHOLE_MINUTES = Date.UTC(1973) / 1000;

/**
 * The texts of dates, by the days since 1970. Making one takes as long as the rest of a line of a
 * table.
 *
 * @type {Map<number, string>}
 */
const dates = new Map();

/** Dates that are remembered. */
const MOST_DATES = 10_000;

/** @param {number} day since 1970 */
function dateText(day) {
  let text = dates.get(day);
  if (text === undefined) {
    if (dates.size === MOST_DATES) dates.clear();
    const date = new Date(1000 * DAY * day);
    text = `${digits(date.getUTCFullYear(), 4)}-${digits(date.getUTCMonth() + 1)}-${digits(date.getUTCDate())}`;
    dates.set(day, text);
  }
  return text;
}

/**
 * How many seconds the time zone is ahead of UTC, by the days since 1970 in UTC; null for a day on
 * which that changes. No zone changes it twice on a day. To ask for it takes a Date.
 *
 * @type {Map<number, number | null>}
 */
const offsets = new Map();

/** @param {number} day since 1970, in UTC */
function offsetOn(day) {
  let offset = offsets.get(day);
  if (offset === undefined) {
    if (offsets.size === MOST_DATES) offsets.clear();
    const start = offsetOf(new Date(1000 * DAY * day));
    offset = start === offsetOf(new Date(1000 * DAY * (day + 1))) ? start : null;
    offsets.set(day, offset);
  }
  return offset;
}

/**
 * Returns the local date and time of an instant, to the second.
 *
 * @param {Instant} instant
 */
export function localTime([seconds]) {
  if (seconds < WHOLE_MINUTES) return exactTime(new Date(1000 * seconds));
  const local =
    seconds + (offsetOn(Math.floor(seconds / DAY)) ?? offsetOf(new Date(1000 * seconds)));
  const day = Math.floor(local / DAY);
  const second = local - DAY * day;
  const minute = Math.floor(second / 60);
  return dateText(day) + minuteText(minute) + SIXTY[second - 60 * minute];
}

/** @param {Date} date */
function exactTime(date) {
  const day = `${digits(date.getFullYear(), 4)}-${digits(date.getMonth() + 1)}-${digits(date.getDate())}`;
  return `${day} ${digits(date.getHours())}:${digits(date.getMinutes())}:${digits(date.getSeconds())}`;
}

/**
 * Returns the local date and time of an entry's timestamp, to the second.
 *
 * @param {string} timestamp
 */
export function localTimeOf(timestamp) {
  // Takes a quarter of the time, and knows no offset of a day or more.
  const milliseconds = Date.parse(timestamp);
  if (!Number.isNaN(milliseconds)) return localTime([Math.floor(milliseconds / 1000), 0]);
  const instant = instantOf(timestamp);
  // A forged cache may have any text.
  return Number.isNaN(instant[0]) ? "" : localTime(instant);
}

/**
 * Returns how far the time zone is ahead of UTC at an instant, in seconds.
 *
 * @param {Date} date
 */
export function offsetOf(date) {
  return -date.getTimezoneOffset() * 60;
}

/**
 * Sets the time zone of all times that are printed, and of those that are typed without an offset.
 *
 * @param {string} zone such as "UTC" or "Europe/Berlin"
 */
export function setTimeZone(zone) {
  offsets.clear();
  process.env.TZ = zone;
}

/**
 * Checks the name of a time zone.
 *
 * @param {string} zone
 */
export function parseTimeZone(zone) {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
  } catch {
    throw new InvalidArgumentError("Expected the name of a time zone, like Europe/Berlin or UTC.");
  }
  return zone;
}

/**
 * Returns a duration for people, like "1.2s".
 *
 * @param {number | bigint} milliseconds
 */
export function durationText(milliseconds) {
  return prettyMilliseconds(milliseconds, {
    unitCount: 2,
    secondsDecimalDigits: 1,
    millisecondsDecimalDigits: 0,
  });
}
