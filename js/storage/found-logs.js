// The logs that were found.

import { newestFirst } from "./listing.js";
import { SIZE, STAMP_WORDS } from "./stamps.js";

/** @import { SessionInfo } from "../types.js" */
/** @import { FoundLogs } from "./storage.js" */

/**
 * A log that was found.
 *
 * @typedef {object} Found
 * @property {SessionInfo} info
 * @property {unknown} ref what opens it; null where it is not read
 * @property {ArrayLike<bigint>} stamp
 * @property {unknown} [unlisted] why a subdirectory cannot be listed, which stands for its logs
 */

/** What is said of a subdirectory that cannot be listed. */
export const UNLISTED = "not a log, but a directory that cannot be listed";

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
  /** @type {Map<number, unknown>} */
  const unlisted = new Map();
  for (const [at, info] of logs.entries()) {
    const log = /** @type {Found} */ (of.get(info));
    refs.push(log.ref);
    stamps.set(log.stamp, STAMP_WORDS * at);
    if (log.unlisted !== undefined) unlisted.set(at, log.unlisted);
  }
  return { ids: logs.map(({ id }) => id), refs, stamps, unlisted, info: (at) => logs[at] };
}

/**
 * Returns what is known of each log.
 *
 * @param {FoundLogs} found
 */
export function infosOf({ ids, info }) {
  return ids.map((_, at) => info(at));
}

/**
 * Returns the size of a log when it was looked at.
 *
 * @param {FoundLogs} found
 * @param {number} at the position of the log
 */
export function sizeOf({ stamps }, at) {
  return Number(stamps[STAMP_WORDS * at + SIZE]);
}

/**
 * Reports the subdirectories that cannot be listed. Skips those without any log that is wanted.
 *
 * @param {FoundLogs} found
 * @param {ReadonlySet<string> | undefined} wanted ids; default: all
 * @param {((error: unknown, id: string) => void) | undefined} onFailure
 * @throws why a subdirectory cannot be listed, if `onFailure` is absent
 */
export function reportUnlisted({ ids, unlisted = new Map() }, wanted, onFailure) {
  for (const [at, error] of unlisted) {
    const dir = ids[at];
    if (wanted && ![...wanted].some((id) => id.startsWith(dir))) continue;
    if (!onFailure) throw error;
    onFailure(error, dir);
  }
}
