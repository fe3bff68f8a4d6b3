// When entries ran, and what their time went into.

/** @import { Histogram, TextColumn } from "skill-log" */

/**
 * Returns which part of each bucket some entry ran in, 0 to 1. Entries that overlap count once.
 *
 * @param {Float64Array} starts in milliseconds
 * @param {Float64Array} durations in milliseconds
 * @param {Pick<Histogram, "start" | "width" | "counts">} histogram
 * @param {Uint32Array | null} [order] the positions in the order of `starts`; null: they are in order
 * @returns {Float64Array}
 */
export function busyParts(starts, durations, { start, width, counts }, order = null) {
  const parts = new Float64Array(counts.length);
  let done = start;
  for (let index = 0; index < starts.length; index += 1) {
    const at = order ? order[index] : index;
    const from = Math.max(done, starts[at]);
    const to = Math.min(starts[at] + durations[at], start + width * counts.length);
    if (!(to > from)) continue;
    done = to;
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
 * A stretch of time in which no entry started. `isStall`: an entry ran all the time.
 *
 * @typedef {{ from: number, to: number, isStall: boolean }} Quiet in buckets, without `to`
 */

/**
 * Finds the stretches in which no entry started.
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
 * Adds up durations by text, the longest first.
 *
 * @param {TextColumn} column
 * @param {Float64Array} durations
 * @returns {Share[]}
 */
export function sharesOf({ codes, texts }, durations) {
  const shares = texts.map((name) => ({ name, duration: 0, entries: 0 }));
  for (let at = 0; at < codes.length; at += 1) {
    const share = shares[codes[at]];
    share.duration += durations[at];
    share.entries += 1;
  }
  return shares.sort((one, other) => other.duration - one.duration || other.entries - one.entries);
}
