// What follows many logs reports when one of them cannot be read: the others are still followed.

import { warn } from "../damage/warning.js";

/** @import { SkillLogError } from "../errors.js" */

/**
 * @param {((error: SkillLogError, session: string) => void) | undefined} onFailure default: a warning
 * @param {SkillLogError} error
 * @param {string} session
 */
export function reportFailure(onFailure, error, session) {
  if (onFailure) onFailure(error, session);
  else warn(`cannot follow ${session}: ${error.message}`, "SKILL_LOG_UNREADABLE");
}

/**
 * Returns whether an error is not that of a log.
 *
 * @param {SkillLogError} error
 */
export function isFatal({ code }) {
  return code === "INTERNAL" || code === "OUT_OF_MEMORY" || code === "NOT_STARTED";
}
