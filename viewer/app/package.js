// Starts the package: its wasm is a file of the page's own, so that browsers cache it.

import { init } from "skill-log/slim";

/** @type {Promise<void> | undefined} */
let starting;

/**
 * Resolves when the package can be used. Call it before anything else of the package.
 *
 * @returns {Promise<void>}
 * @throws {SkillLogError} as `init` does; a later call tries again
 */
export function started() {
  starting ??= init(fetch(new URL("skill_log_bg.wasm", import.meta.url))).catch((error) => {
    starting = undefined;
    throw error;
  });
  return starting;
}

/** @import { SkillLogError } from "skill-log" */
