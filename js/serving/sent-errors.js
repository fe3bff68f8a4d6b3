// What a server says of an error. A message of the system names paths, so the server has its own.

import { SkillLogError } from "../errors.js";
import { SENT_CODES } from "../remote/protocol.js";

/** @import { ErrorCode } from "../types.js" */

/** @type {Partial<Record<ErrorCode, string>>} */
const MESSAGES = {
  CLOSED: "the server is closing",
  INVALID_SESSION_ID: "the id is no session id",
  NOT_A_REGULAR_FILE: "the log is no regular file",
  NOT_FOUND: "there is no such log",
  OUT_OF_MEMORY: "the server has not enough memory",
  REPLACED: "the log was replaced, removed or cut",
};

/** The status of an answer that has nothing but an error. @type {Partial<Record<ErrorCode, number>>} */
const STATUSES = {
  CLOSED: 503,
  INVALID_ARGUMENT: 400,
  INVALID_SESSION_ID: 400,
  NOT_A_REGULAR_FILE: 403,
  NOT_FOUND: 404,
  REPLACED: 409,
};

/** A request that the server refuses: the message is its own, and may be sent. */
export class Refusal extends SkillLogError {}

/**
 * Returns what is sent of an error.
 *
 * @param {unknown} error
 * @returns {{ code: string, message: string }}
 */
export function sentError(error) {
  const known = error instanceof SkillLogError ? error.code : "IO_ERROR";
  const code = SENT_CODES.find((each) => each === known) ?? "IO_ERROR";
  const message =
    error instanceof Refusal ? error.message : (MESSAGES[code] ?? "the log cannot be read");
  return { code, message };
}

/**
 * Returns the status of an answer that has nothing but an error.
 *
 * @param {string} code
 */
export function statusOf(code) {
  return STATUSES[/** @type {ErrorCode} */ (code)] ?? 500;
}

/**
 * Refuses a request.
 *
 * @param {ErrorCode} code
 * @param {string} message says nothing of files
 */
export function refusal(code, message) {
  return new Refusal(code, message);
}
