// Counts entries over time, and draws the counts as bars.

import Chartscii from "chartscii";

import { localTime } from "../selection/times.js";
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

/** Counts entries over any span of time in bounded memory. */
export class Histogram {
  #grain = 0;
  /** Start of an interval, in local seconds → its count. @type {Map<number, number>} */
  #counts = new Map();
  /** The offset of the local time zone, in seconds, so that days start at local midnight. */
  #offset = -new Date().getTimezoneOffset() * MINUTE;

  /**
   * Counts rows of an index.
   *
   * @param {LogIndex} index
   * @param {Uint32Array} rows
   */
  add(index, rows) {
    if (rows.length === 0) return;
    let [first, last] = [Infinity, -Infinity];
    for (const instant of index.column("timestamp", rows)) {
      first = Math.min(first, instant);
      last = Math.max(last, instant);
    }
    while (
      this.#grain < GRAINS.length - 1 &&
      (last - first) / 1000 / GRAINS[this.#grain] > MOST_COUNTS_OF_ONE
    )
      this.#makeCoarser();
    const { start, width, counts } = index.histogram(
      { width: GRAINS[this.#grain] * 1000, offset: -this.#offset * 1000 },
      rows,
    );
    for (const [at, count] of counts.entries())
      if (count > 0) this.#count((start + at * width) / 1000 + this.#offset, count);
    while (this.#grain < GRAINS.length - 1 && this.#counts.size > MOST_COUNTS) this.#makeCoarser();
  }

  /** @param {number} local @param {number} count */
  #count(local, count) {
    const grain = GRAINS[this.#grain];
    const start = Math.floor(local / grain) * grain;
    this.#counts.set(start, (this.#counts.get(start) ?? 0) + count);
  }

  #makeCoarser() {
    const counts = this.#counts;
    this.#counts = new Map();
    this.#grain += 1;
    for (const [start, count] of counts) this.#count(start, count);
  }

  /**
   * Returns bars for equal lengths of time, without gaps.
   *
   * @returns {Bar[]} empty when nothing was counted
   */
  bars() {
    if (this.#counts.size === 0) return [];
    let first = Infinity;
    let last = -Infinity;
    for (const start of this.#counts.keys()) {
      first = Math.min(first, start);
      last = Math.max(last, start);
    }
    const bars = (/** @type {number} */ step) =>
      Math.floor(last / step) - Math.floor(first / step) + 1;
    const step = /** @type {number} */ (
      STEPS.find((step) => step >= GRAINS[this.#grain] && bars(step) <= MOST_BARS)
    );
    const counts = new Array(bars(step)).fill(0);
    for (const [start, count] of this.#counts)
      counts[Math.floor(start / step) - Math.floor(first / step)] += count;
    const time = (/** @type {number} */ local) =>
      new Date((local - this.#offset) * 1000).toISOString();
    const begin = Math.floor(first / step) * step;
    return counts.map((entries, at) => ({
      since: time(begin + at * step),
      until: time(begin + (at + 1) * step),
      entries,
    }));
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
  const most = Math.max(...bars.map(({ entries }) => entries));
  const widest = Math.max(NARROWEST, Math.min(WIDEST, stdout.width - 30));
  const lines = bars.map(({ entries }, at) => {
    const bar = "█".repeat(Math.round((entries / most) * widest));
    const label = labels[at].slice(0, labels[at].length - ending.length);
    return `${label} ${bar && stdout.style.cyan(bar)} ${entries.toLocaleString("en")}\n`;
  });
  return lines.join("");
}
