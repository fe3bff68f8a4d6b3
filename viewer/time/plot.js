// Entries counted over time, some rows at a time, so that the page answers meanwhile.

import { freeValues } from "../app/free-values.js";
import { pause } from "../app/pause.js";
import { toneOf } from "../app/tones.js";
import { addShares, busyParts, longestShares, quietStretches } from "./time-spans.js";

/** @import { Histogram, LogIndex } from "skill-log" */
/** @import { Tone } from "../app/tones.js" */
/** @import { Quiet, Share } from "./time-spans.js" */

/** The most rows that are counted in one turn: some 10 ms. */
const AT_ONCE = 30_000;
/** The width of a bucket in CSS pixels, at least. */
const BUCKET = 5;
/** The most statuses whose counts are shown. */
const MOST_SHOWN = 6;
/** The most statuses that are counted by name: any text may be one. Tones count all. */
const MOST_NAMES = 1000;
const MOST_SHARES = 8;

/** From the bottom up. @type {readonly Tone[]} */
export const TONES = ["good", "plain", "warn", "bad"];

/**
 * @typedef {object} Plot
 * @property {Histogram} histogram `series`: the most frequent statuses, by name
 * @property {Record<Tone, Uint32Array>} tones counts of the statuses of each tone
 * @property {Float64Array} busy
 * @property {Quiet[]} quiet
 */

/**
 * Counts rows over time.
 *
 * @param {LogIndex} index
 * @param {Uint32Array} rows in the order of their numbers
 * @param {number} width in CSS pixels
 * @param {AbortSignal} signal
 * @returns {Promise<Plot>}
 */
export async function plotOf(index, rows, width, signal) {
  const ends = new Float64Array(rows.length);
  const durations = new Float64Array(rows.length);
  let [first, last] = [0, 0];
  // Those of a log are in their order as a rule.
  let isRising = true;
  for await (const [from, part] of partsOf(rows, signal)) {
    const [own, times] = [index.column("timestamp", part), index.column("duration_ms", part)];
    ends.set(own, from);
    durations.set(times, from);
    freeValues(own, times);
    for (let at = from; at < from + part.length; at += 1) {
      if (ends[at] < ends[first]) first = at;
      if (ends[at] > ends[last]) last = at;
      if (at > 0 && ends[at] < ends[at - 1]) isRising = false;
    }
  }
  const order = isRising ? null : await orderOf(index, rows, signal);
  // The first and the last one have the buckets that all have.
  const buckets = Math.max(10, Math.floor(width / BUCKET));
  const frame = index.histogram({ buckets }, [rows[first], rows[last]]);
  const size = frame.counts.length;
  const counts = new Uint32Array(size);
  const tones = /** @type {Record<Tone, Uint32Array>} */ (
    Object.fromEntries(TONES.map((tone) => [tone, new Uint32Array(size)]))
  );
  /** @type {Map<string, { counts: Uint32Array, total: number }>} */
  const statuses = new Map();
  for await (const [from, part] of partsOf(rows, signal)) {
    const { codes, texts } = index.column("final_status", part);
    const own = texts.map((name) => {
      if (!statuses.has(name) && statuses.size < MOST_NAMES)
        statuses.set(name, { counts: new Uint32Array(size), total: 0 });
      return { tone: tones[toneOf(name)], status: statuses.get(name) };
    });
    for (let at = 0; at < part.length; at += 1) {
      const bucket = Math.floor((ends[from + at] - frame.start) / frame.width);
      const place = Math.max(0, Math.min(size - 1, bucket));
      const { tone, status } = own[codes[at]];
      counts[place] += 1;
      tone[place] += 1;
      if (!status) continue;
      status.counts[place] += 1;
      status.total += 1;
    }
    freeValues(codes);
  }
  const series = Array.from(statuses, ([name, status]) => ({ name, ...status }))
    .filter(({ total }) => total > 0)
    .sort((one, other) => other.total - one.total)
    .slice(0, MOST_SHOWN)
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .map(({ name, counts }) => ({ name, counts }));
  await nextTask(signal);
  const histogram = { start: frame.start, width: frame.width, counts, series };
  const busy = busyParts(ends, durations, histogram, order);
  freeValues(ends, durations);
  const quiet = quietStretches(counts, busy, Math.max(3, Math.ceil(counts.length / 25)));
  return { histogram, tones, busy, quiet };
}

/**
 * Adds up the durations of rows by a text.
 *
 * @param {LogIndex} index
 * @param {Uint32Array} rows
 * @param {"skill" | "phase" | "model_used"} by
 * @param {AbortSignal} signal
 * @returns {Promise<ReturnType<typeof longestShares>>}
 */
export async function sharesOf(index, rows, by, signal) {
  /** @type {Map<string, Share>} */
  const shares = new Map();
  for await (const [, part] of partsOf(rows, signal)) {
    const [texts, durations] = [index.column(by, part), index.column("duration_ms", part)];
    addShares(shares, texts, durations);
    freeValues(texts.codes, durations);
  }
  return longestShares(shares, MOST_SHARES);
}

/**
 * Returns the positions of rows in the order of their instants.
 *
 * @param {LogIndex} index
 * @param {Uint32Array} rows in the order of their numbers
 * @param {AbortSignal} signal
 */
async function orderOf(index, rows, signal) {
  const order = await index.query({ rows, sort: { by: "timestamp" }, signal });
  const positions = new Uint32Array(rows.length > 0 ? rows[rows.length - 1] + 1 : 0);
  for (let at = 0; at < rows.length; at += 1) positions[rows[at]] = at;
  for (let at = 0; at < order.length; at += 1) order[at] = positions[order[at]];
  freeValues(positions);
  return order;
}

/**
 * @param {Uint32Array} rows
 * @param {AbortSignal} signal
 * @returns {AsyncGenerator<[from: number, part: Uint32Array], void, void>}
 */
async function* partsOf(rows, signal) {
  for (let from = 0; from < rows.length; from += AT_ONCE) {
    if (from > 0) await nextTask(signal);
    else signal.throwIfAborted();
    yield [from, rows.subarray(from, from + AT_ONCE)];
  }
}

/** @param {AbortSignal} signal */
async function nextTask(signal) {
  await pause();
  signal.throwIfAborted();
}
