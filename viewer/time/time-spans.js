// When entries ran, and what their time went into.

import { startOf } from "./runs.js";

/** @import { Histogram, TextColumn } from "skill-log" */

/**
 * Returns which part of each bucket some entry ran in, 0 to 1. Entries that overlap count once.
 *
 * @param {Float64Array} ends in milliseconds: the timestamps
 * @param {Float64Array} durations in milliseconds
 * @param {Pick<Histogram, "start" | "width" | "counts">} histogram
 * @param {Uint32Array | null} [order] the positions in the order of `ends`; null: they are in order
 * @returns {Float64Array}
 */
export function busyParts(ends, durations, { start, width, counts }, order = null) {
  const parts = new Float64Array(counts.length);
  // From the last end on: what is before `open` is not counted yet.
  let open = start + width * counts.length;
  for (let index = ends.length - 1; index >= 0; index -= 1) {
    const at = order ? order[index] : index;
    const from = Math.max(start, startOf(ends[at], durations[at]));
    const to = Math.min(open, ends[at]);
    if (!(to > from)) continue;
    open = from;
    let bucket = Math.floor((from - start) / width);
    for (let left = from; left < to && bucket < counts.length; bucket += 1) {
      const end = Math.min(to, start + (bucket + 1) * width);
      parts[bucket] += (end - left) / width;
      left = end;
    }
  }
  return parts;
}

/**
 * A stretch of time in which no run ended. `isStall`: an entry ran all the time.
 *
 * @typedef {{ from: number, to: number, isStall: boolean }} Quiet in buckets, without `to`
 */

/**
 * Finds the stretches in which no run ended.
 *
 * @param {Uint32Array} counts of the buckets
 * @param {Float64Array} busy as `busyParts` returns it
 * @param {number} least buckets
 * @returns {Quiet[]}
 */
export function quietStretches(counts, busy, least) {
  /** @type {Quiet[]} */
  const stretches = [];
  for (let from = 0; from < counts.length; ) {
    const isQuiet = (/** @type {number} */ at) => at < counts.length && counts[at] === 0;
    const isBusy = (/** @type {number} */ at) => busy[at] > 0.99;
    let to = from;
    while (isQuiet(to) && isBusy(to) === isBusy(from)) to += 1;
    if (to - from >= least) stretches.push({ from, to, isStall: isBusy(from) });
    from = Math.max(to, from + 1);
  }
  return stretches;
}

/**
 * Time of the entries with one text.
 *
 * @typedef {{ name: string, duration: number, entries: number }} Share
 */

/**
 * Adds up durations by text.
 *
 * @param {Map<string, Share>} shares by text; those of a part of the rows are added
 * @param {TextColumn} column of the part
 * @param {Float64Array} durations of the part
 */
export function addShares(shares, { codes, texts }, durations) {
  const own = texts.map((name) => {
    const share = shares.get(name) ?? { name, duration: 0, entries: 0 };
    shares.set(name, share);
    return share;
  });
  for (let at = 0; at < codes.length; at += 1) {
    own[codes[at]].duration += durations[at];
    own[codes[at]].entries += 1;
  }
}

/**
 * Returns the longest shares and the time of all.
 *
 * @param {Map<string, Share>} shares
 * @param {number} most how many have names
 * @returns {{ longest: Share[], rest: number, total: number }} the longest first; `rest`: the time of
 *   the others
 */
export function longestShares(shares, most) {
  /** @type {Share[]} */
  const longest = [];
  let total = 0;
  // There may be a million texts: they are not sorted as a whole.
  for (const share of shares.values()) {
    total += share.duration;
    if (longest.length === most && byLength(share, longest[most - 1]) >= 0) continue;
    longest.push(share);
    longest.sort(byLength);
    longest.splice(most);
  }
  const rest = longest.reduce((time, { duration }) => time - duration, total);
  return { longest, rest, total };
}

/** @param {Share} one @param {Share} other */
function byLength(one, other) {
  return other.duration - one.duration || other.entries - one.entries;
}
