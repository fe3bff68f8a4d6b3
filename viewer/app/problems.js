// Errors as a person reads them: what happened, where, and what to do.

import { SkillLogError } from "skill-log";

import { Refusal } from "../sources/opened.js";

/** @import { ErrorCode } from "skill-log" */
/** @import { Problem } from "./store.js" */

const CHOOSE_AGAIN =
  "If it changed since you chose it, choose it again. To watch it while it grows, open its folder, or run: npx skill-log view FOLDER";

/** @type {Partial<Record<ErrorCode, string>>} */
const advice = {
  FILE_CHANGED: CHOOSE_AGAIN,
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
  if (error instanceof SkillLogError) {
    // Browsers report a file that changed and one that may not be read in the same way.
    const isEither = /\bNotReadableError\b/.test(error.message);
    const said = isEither ? CHOOSE_AGAIN : advice[error.code];
    return { what, where: sentence(error.message), advice: said };
  }
  if (error instanceof DOMException && error.name === "NotAllowedError")
    return { what, where: "The browser did not allow it.", advice: "Try again, and allow it." };
  return { what, where: error instanceof Error ? error.message : String(error) };
}

/** @param {string} text */
function sentence(text) {
  return /[.?!)]$/.test(text) ? text : `${text}.`;
}
