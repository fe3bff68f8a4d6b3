// Orders the logs that were found.

import { newestFirst } from "./listing.js";
import { STAMP_WORDS } from "./stamps.js";

/** @import { SessionInfo } from "../types.js" */
/** @import { FoundLogs } from "./storage.js" */

/**
 * A log that was found.
 *
 * @typedef {object} Found
 * @property {SessionInfo} info
 * @property {unknown} ref what opens it; null where it is not read
 * @property {ArrayLike<bigint>} stamp
 */

/**
 * Sorts logs: the newest first.
 *
 * @param {Found[]} found
 * @returns {FoundLogs}
 */
export function foundLogs(found) {
  const of = new Map(found.map((each) => [each.info, each]));
  const logs = newestFirst([...of.keys()]);
  const refs = [];
  const stamps = new BigInt64Array(STAMP_WORDS * found.length);
  for (const [at, info] of logs.entries()) {
    const { ref, stamp } = /** @type {Found} */ (of.get(info));
    refs.push(ref);
    stamps.set(stamp, STAMP_WORDS * at);
  }
  return { logs, refs, stamps };
}
