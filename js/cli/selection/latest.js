// Finds the latest entries of several logs.

import { byInstant, instantOf } from "./times.js";

/** @import { Entry } from "../../types.js" */
/** @import { NamedLog } from "./operands.js" */
/** @import { Instant } from "./times.js" */

/** @typedef {{ at: Instant }} Dated */

/**
 * Returns the instants of timestamps of one log, in the order of its file. No instant is before the
 * one ahead of it, so that sorting keeps the order of the file even when a clock was set back.
 *
 * @param {string[]} timestamps
 * @returns {Instant[]}
 */
export function instantsOf(timestamps) {
  let latest = /** @type {Instant} */ ([-Infinity, 0]);
  return timestamps.map((timestamp) => {
    const own = instantOf(timestamp);
    return (latest = byInstant(own, latest) > 0 ? own : latest);
  });
}

/**
 * Returns entries of a log with their instants.
 *
 * @param {NamedLog} log
 * @param {Entry[]} entries in the order of the file
 */
export function withInstants(log, entries) {
  const instants = instantsOf(entries.map(({ timestamp }) => timestamp));
  return entries.map((entry, at) => ({ log, entry, at: instants[at] }));
}

/**
 * Returns the latest items, in the order of time.
 *
 * @template {Dated} T
 * @param {T[]} all the items of each log in the order of its file
 * @param {number} count
 */
export function latest(all, count) {
  return all.sort((a, b) => byInstant(a.at, b.at)).slice(Math.max(0, all.length - count));
}
