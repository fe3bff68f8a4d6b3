// What a server of sessions uses of them. Apart from `sessions.js`, so that no type of it is public.

import { invalidArgument } from "../errors.js";

/** @import { StoredLogs } from "../storage/storage.js" */
/** @import { ManyLogs, Wanted } from "./many-logs.js" */

/**
 * @typedef {object} Parts
 * @property {StoredLogs} logs
 * @property {(wanted: Omit<Wanted, "maxLineBytes">) => ManyLogs} many makes the logs of an index
 */

/** @type {WeakMap<object, Parts>} */
const all = /* @__PURE__ */ new WeakMap();

/**
 * @param {object} sessions
 * @param {Parts} parts
 */
export function keepParts(sessions, parts) {
  all.set(sessions, parts);
}

/**
 * Returns what a server uses of sessions.
 *
 * @param {unknown} sessions
 * @returns {Parts}
 * @throws {SkillLogError} `INVALID_ARGUMENT` where they are not this package's, or on a server
 */
export function partsOf(sessions) {
  const parts = all.get(Object(sessions));
  if (!parts) throw invalidArgument("sessions", sessions, "Sessions of a directory or of files");
  return parts;
}
