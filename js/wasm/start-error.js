// Why the core does not start.

import { SkillLogError } from "../errors.js";

/** @import { ErrorCode } from "../types.js" */

/**
 * Makes the error of compiling or starting the core. A lack of memory is `NOT_STARTED` in any case. V8 reserves 8 GiB of addresses for a
 * module's memory, so a limit on addresses (`ulimit -v`) is felt long before memory is short.
 *
 * @param {unknown} cause what compiling or starting threw
 * @param {ErrorCode} code where memory is not what is missing
 * @param {string} message the same
 */
export function startError(cause, code, message) {
  if (!(cause instanceof RangeError)) return new SkillLogError(code, message, { cause });
  const help =
    "in Node, where addresses are limited (ulimit -v), --disable-wasm-trap-handler helps, as an option of node or in NODE_OPTIONS";
  return new SkillLogError(
    "NOT_STARTED",
    `the package's wasm has no memory to start in (${cause.message}); ${help}`,
    { cause },
  );
}
