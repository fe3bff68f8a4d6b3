// What an engine says where it has no memory for the core.

import { SkillLogError } from "../errors.js";

/**
 * Tells a lack of memory from all else that may keep a module from being compiled or started. V8 reserves 8 GiB of addresses for a
 * module's memory, so that a limit on these (`ulimit -v`) is felt long before memory is short.
 *
 * @param {unknown} cause what compiling or starting threw
 * @returns {SkillLogError | null} null where it was something else
 */
export function memoryFault(cause) {
  if (!(cause instanceof RangeError)) return null;
  const help =
    "in Node, where addresses are limited (ulimit -v), --disable-wasm-trap-handler helps, as an option of node or in NODE_OPTIONS";
  return new SkillLogError(
    "NOT_STARTED",
    `the package's wasm has no memory to start in (${cause.message}); ${help}`,
    { cause },
  );
}
