// The latest of what several logs hold.

import { byInstant, instantOf } from "./times.js";

/** @import { Entry } from "../../types.js" */
/** @import { NamedLog } from "./operands.js" */
/** @import { Instant } from "./times.js" */

/** @typedef {{ at: Instant }} Dated */

/**
 * Gives when each of some timestamps of a log was, in the order of its file. That order is kept whatever the clock did: none is before the
 * one ahead of it.
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
 * Gives entries of a log with when they were.
 *
 * @param {NamedLog} log
 * @param {Entry[]} entries in the order of the file
 */
export function dated(log, entries) {
  const instants = instantsOf(entries.map(({ timestamp }) => timestamp));
  return entries.map((entry, at) => ({ log, entry, at: instants[at] }));
}

/**
 * Gives the latest, in the order of time.
 *
 * @template {Dated} T
 * @param {T[]} all those of one log in the order of its file
 * @param {number} count
 */
export function latest(all, count) {
  return all.sort((a, b) => byInstant(a.at, b.at)).slice(Math.max(0, all.length - count));
}
