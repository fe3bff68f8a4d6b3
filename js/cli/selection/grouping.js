// Measures the rows of each session, day or hour, from the columns of an index.

import { localTime } from "./times.js";

/** @import { LogIndex } from "../../index.js" */
/** @import { StatsGroup } from "../../types.js" */

/** By what rows are grouped here. @typedef {"session" | "day" | "hour"} Grouping */

/** How many characters of a local time name a day, and how many an hour. */
const DAY_LENGTH = "2026-01-31".length;
const HOUR_LENGTH = "2026-01-31 18".length;

/** How long an hour, or less, is in all time zones: they differ by quarters of an hour. */
const QUARTER = 15 * 60 * 1000;

/**
 * Measures rows.
 *
 * @param {LogIndex} index
 * @param {Uint32Array} rows
 * @param {Grouping} by
 * @returns {StatsGroup[]} sessions with the most entries first, days and hours in their order
 */
export function groupsOf(index, rows, by) {
  const { codes, names } = by === "session" ? sessionsOf(index, rows) : timesOf(index, rows, by);
  const attempts = index.column("attempts", rows);
  const verified = index.column("verified", rows);
  const firstVerified = index.column("first_verified", rows);
  const durations = index.column("duration_ms", rows);
  const sums = names.map((name) => ({
    name,
    entries: 0,
    tried: 0,
    sum: 0,
    most: 0,
    verified: 0,
    first: 0,
  }));
  /** @type {number[][]} */
  const took = names.map(() => []);
  for (let at = 0; at < codes.length; at += 1) {
    const group = sums[codes[at]];
    const count = attempts[at];
    group.entries += 1;
    group.sum += count;
    if (count > 0) group.tried += 1;
    if (count > group.most) group.most = count;
    group.verified += verified[at];
    group.first += firstVerified[at];
    if (durations[at] !== 0) took[codes[at]].push(durations[at]);
  }
  const groups = sums.map(({ name, entries, tried, sum, most, verified, first }, at) => ({
    name,
    entries,
    attempts_mean: sum / entries,
    attempts_max: most,
    ...(tried > 0 && { verified_rate: verified / tried, first_try_rate: first / tried }),
    ...(took[at].length > 0 && { duration_ms: ranksOf(took[at]) }),
  }));
  return by === "session"
    ? groups.sort((a, b) => b.entries - a.entries || (a.name < b.name ? -1 : 1))
    : groups;
}

/** @param {LogIndex} index @param {Uint32Array} rows */
function sessionsOf(index, rows) {
  const { codes, texts } = index.column("session", rows);
  return { codes, names: texts };
}

/**
 * @param {LogIndex} index
 * @param {Uint32Array} rows
 * @param {"day" | "hour"} by
 */
function timesOf(index, rows, by) {
  const instants = index.column("timestamp", rows);
  const length = by === "day" ? DAY_LENGTH : HOUR_LENGTH;
  /** @type {Map<number, string>} */
  const quarters = new Map();
  for (const instant of instants) {
    const quarter = Math.floor(instant / QUARTER);
    if (!quarters.has(quarter))
      quarters.set(quarter, localTime([(quarter * QUARTER) / 1000, 0]).slice(0, length));
  }
  const names = [...new Set(quarters.values())].sort();
  const codeOf = new Map(names.map((name, code) => [name, code]));
  const codes = Uint32Array.from(instants, (instant) =>
    Number(codeOf.get(String(quarters.get(Math.floor(instant / QUARTER))))),
  );
  return { codes, names: by === "hour" ? names.map((name) => `${name}:00`) : names };
}

/**
 * Returns durations by nearest rank.
 *
 * @param {number[]} durations
 */
function ranksOf(durations) {
  const sorted = Float64Array.from(durations).sort();
  const rank = (/** @type {number} */ part) => sorted[Math.ceil(part * sorted.length) - 1];
  return { p50: rank(0.5), p95: rank(0.95), max: rank(1) };
}
