// Counts entries over time, and draws the counts as bars.

import { localTime, offsetOf } from "../selection/times.js";
import { stdout } from "./output.js";

/** @import { LogIndex } from "../../index.js" */

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** The lengths of time that a bar may stand for, in seconds. */
const STEPS = [
  1,
  5,
  15,
  30,
  MINUTE,
  5 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  2 * DAY,
  7 * DAY,
  14 * DAY,
  30 * DAY,
  91 * DAY,
  YEAR,
  10 * YEAR,
  100 * YEAR,
  1000 * YEAR,
];

/** The most bars. */
const MOST_BARS = 24;

/** The most and the fewest columns of a bar. */
const WIDEST = 50;
const NARROWEST = 5;

/** @typedef {{ since: string, until: string, entries: number }} Bar */

/**
 * Counts rows in bars for equal lengths of time, without gaps. Bars of days start at midnight, by the
 * offset that the time zone has now.
 *
 * @param {LogIndex} index
 * @param {Uint32Array} rows
 * @returns {Bar[]} empty when there are no rows
 */
export function barsOf(index, rows) {
  if (rows.length === 0) return [];
  const offset = offsetOf(new Date());
  const seconds = index.column("timestamp", rows);
  let first = Infinity;
  let last = -Infinity;
  for (let at = 0; at < seconds.length; at += 1) {
    const second = Math.floor(seconds[at] / 1000) + offset;
    seconds[at] = second;
    if (second < first) first = second;
    if (second > last) last = second;
  }
  const bars = (/** @type {number} */ step) =>
    Math.floor(last / step) - Math.floor(first / step) + 1;
  const step = /** @type {number} */ (STEPS.find((step) => bars(step) <= MOST_BARS));
  const start = Math.floor(first / step);
  const counts = new Array(bars(step)).fill(0);
  for (const second of seconds) counts[Math.floor(second / step) - start] += 1;
  const time = (/** @type {number} */ step) => new Date((step - offset) * 1000).toISOString();
  return counts.map((entries, at) => ({
    since: time((start + at) * step),
    until: time((start + at + 1) * step),
    entries,
  }));
}

/**
 * Draws bars, one per line.
 *
 * @param {Bar[]} bars
 */
export function drawBars(bars) {
  const labels = bars.map(({ since }) => localTime([Date.parse(since) / 1000, 0]));
  // An ending that all labels share is left out.
  const ending =
    [" 00:00:00", ":00"].find((ending) => labels.every((label) => label.endsWith(ending))) ?? "";
  const most = bars.reduce((most, { entries }) => Math.max(most, entries), 0);
  const widest = Math.max(NARROWEST, Math.min(WIDEST, stdout.width - 30));
  const lines = bars.map(({ entries }, at) => {
    const bar = "█".repeat(Math.round((entries / most) * widest));
    const label = labels[at].slice(0, labels[at].length - ending.length);
    return `${label} ${bar && stdout.style.cyan(bar)} ${entries.toLocaleString("en")}\n`;
  });
  return lines.join("");
}
