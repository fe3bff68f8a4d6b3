// Errors as a person reads them: what happened, where, and what to do.

import { SkillLogError } from "skill-log";

import { Refusal } from "../sources/opened.js";

/** @import { ErrorCode } from "skill-log" */
/** @import { Problem } from "./store.js" */

/** @type {Partial<Record<ErrorCode, string>>} */
const advice = {
  FILE_CHANGED:
    "Choose the file again. To watch it while it grows, run: npx skill-log view and its folder.",
  NOT_FOUND: "It may have been removed or renamed. Open its folder again.",
  REPLACED: "Reload the page to read what is there now.",
  IO_ERROR: "Check that it is a file that you may read.",
  STORAGE_UNAVAILABLE: "Private windows often have no storage. Files still open.",
  OUT_OF_MEMORY: "Nothing is damaged. Close other tabs, or open fewer logs at once.",
  NOT_STARTED: "Reload the page. A proxy or an extension may have refused a file of it.",
  INTERNAL: "Please report this message.",
};

/**
 * Returns an error for a person.
 *
 * @param {unknown} error
 * @param {string} what was tried, such as `The folder cannot be opened`
 * @returns {Problem}
 */
export function problemOf(error, what) {
  if (error instanceof Refusal) return { what: error.message, advice: error.advice };
  if (error instanceof SkillLogError)
    return { what, where: error.message, advice: advice[error.code] };
  if (error instanceof DOMException && error.name === "NotAllowedError")
    return { what, where: "The browser did not allow it.", advice: "Try again, and allow it." };
  return { what, where: error instanceof Error ? error.message : String(error) };
}
