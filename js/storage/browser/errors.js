// Turns what browsers throw into errors of the package.

import { isError } from "../../builtins.js";
import { SkillLogError } from "../../errors.js";

/** @import { ErrorCode, ErrorFacts } from "../../types.js" */

/**
 * @param {unknown} error
 * @param {string} name of a DOMException
 */
export function isNamed(error, name) {
  return isError(error) && error.name === name;
}

/** @type {Record<string, [code: ErrorCode, reason: string]>} */
const CODES = {
  QuotaExceededError: ["QUOTA_EXCEEDED", "the storage that the browser grants this origin is full"],
  SecurityError: ["STORAGE_UNAVAILABLE", "the browser gives this page no storage"],
  NotAllowedError: ["STORAGE_UNAVAILABLE", "the browser or the user does not allow it"],
  TypeMismatchError: [
    "NOT_A_REGULAR_FILE",
    "a directory, where a file is needed, or a file where a directory is",
  ],
};

/**
 * @param {string} path
 * @param {string} doing
 * @param {unknown} cause
 * @param {ErrorFacts} [facts]
 */
export function fileError(path, doing, cause, facts) {
  if (cause instanceof SkillLogError) return cause;
  const [code, reason] = (isError(cause) && CODES[cause.name]) || ["IO_ERROR", ""];
  const message = isError(cause) ? `${cause.name}: ${cause.message}` : String(cause);
  return new SkillLogError(
    code,
    `cannot ${doing} ${path}: ${reason ? `${reason} (${message})` : message}`,
    { path, cause, ...facts },
  );
}

/**
 * Makes an error of the name and message that another thread sent.
 *
 * @param {{ name: string, message: string }} cause
 */
export function errorOf({ name, message }) {
  return new DOMException(message, name);
}

/**
 * @param {string} message
 * @param {unknown} [cause]
 */
export function storageUnavailable(message, cause) {
  return new SkillLogError("STORAGE_UNAVAILABLE", message, { cause });
}
