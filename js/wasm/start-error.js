// The error of a core that does not start.

import { SkillLogError } from "../errors.js";

/** @import { ErrorCode } from "../types.js" */

/**
 * Makes the error of a core that cannot be compiled or started. Its code is `NOT_STARTED` when
 * memory is missing. V8 reserves 8 GiB of addresses for the memory of a module, so `ulimit -v`
 * stops it long before memory runs out.
 *
 * @param {unknown} cause thrown by the engine
 * @param {ErrorCode} code of any other cause
 * @param {string} message of any other cause
 */
export function startError(cause, code, message) {
  if (!(cause instanceof RangeError)) return new SkillLogError(code, message, { cause });
  const help =
    "if `ulimit -v` limits Node's addresses, start node with --disable-wasm-trap-handler";
  return new SkillLogError(
    "NOT_STARTED",
    `the package's wasm has no memory to start in (${cause.message}): ${help}`,
    { cause },
  );
}
