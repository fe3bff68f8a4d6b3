// Starts to follow many logs: checks the options.

import { tagOf } from "../builtins.js";
import { failing, invalidArgument } from "../errors.js";
import { READ_OPTIONS, checkOptions, offsetOption, readingOptions } from "../options.js";
import { LogsFollower } from "./logs-follower.js";

/** @import { FollowLogsOptions, SessionRecord } from "../types.js" */
/** @import { FollowedDirectory } from "../storage/storage.js" */

export const FOLLOW_OPTIONS = [...READ_OPTIONS, "from", "ids", "onFailure"];

/**
 * Follows all logs of a directory, or those of some ids.
 *
 * @param {(ids?: ReadonlySet<string>) => FollowedDirectory} open
 * @param {FollowLogsOptions | undefined} options as the caller gave them
 * @param {Set<{ close(): void }>} all contains the follower until it ends
 * @returns {AsyncGenerator<SessionRecord, void, void> | LogsFollower}
 */
export function followLogs(open, options, all) {
  try {
    const checked = checkOptions(options, FOLLOW_OPTIONS);
    const { onDamage, onFailure } = checked;
    if (onFailure !== undefined && typeof onFailure !== "function")
      throw invalidArgument("options.onFailure", onFailure, "a function");
    return new LogsFollower(
      open(idsOption(checked.ids)),
      fromOption(checked.from),
      readingOptions(checked),
      { onDamage, onFailure },
      all,
    );
  } catch (error) {
    return failing(error);
  }
}

/**
 * Returns whether ids are those of logs in a directory or below it.
 *
 * @param {unknown} ids
 * @returns {ids is string[]}
 */
export function areIdsBelow(ids) {
  const isBelow = (/** @type {unknown} */ id) =>
    typeof id === "string" && !id.split(/[\\/]/).slice(0, -1).includes("..");
  return Array.isArray(ids) && ids.every(isBelow);
}

/**
 * @param {any} ids
 * @returns {Set<string> | undefined}
 */
function idsOption(ids) {
  if (ids === undefined) return undefined;
  if (!areIdsBelow(ids))
    throw invalidArgument(
      "options.ids",
      ids,
      "an array of session ids, which lead to no directory above",
    );
  return new Set(ids);
}

/**
 * @param {any} from
 * @returns {"start" | "end" | Map<string, number>}
 */
export function fromOption(from) {
  if (from === undefined || from === "start" || from === "end") return from ?? "start";
  if (!(tagOf(from) === "Map"))
    throw invalidArgument("options.from", from, '"start", "end", or a Map of ids and offsets');
  /** @type {Map<string, number>} */
  const offsets = new Map(from);
  for (const offset of offsets.values()) offsetOption(offset, "from", 0);
  return offsets;
}
