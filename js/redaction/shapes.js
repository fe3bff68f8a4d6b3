// Loads the shapes of secrets, which the package does not carry.

import { SkillLogError } from "../errors.js";
import { REGISTERED } from "../secrets/registered.js";
import { importSecrets } from "#secrets";

/** @import { Secret } from "../types.js" */

/** @typedef {(text: string, name?: string) => Secret[]} FindByShape */

/**
 * Returns what finds secrets by their shapes; undefined until it is loaded.
 *
 * @returns {FindByShape | undefined}
 */
export function findByShape() {
  return /** @type {any} */ (globalThis)[REGISTERED];
}

/**
 * Loads the shapes, unless they are loaded.
 *
 * @throws {SkillLogError} `IO_ERROR`
 */
export async function loadShapes() {
  if (findByShape()) return;
  /** @type {unknown} */
  let cause;
  try {
    await importSecrets();
  } catch (error) {
    cause = error;
  }
  if (!findByShape())
    throw new SkillLogError(
      "IO_ERROR",
      'options.redact: the shapes of secrets cannot be loaded; add `import "skill-log/secrets"` to the program, because a bundler may leave out what is loaded later',
      { cause },
    );
}
