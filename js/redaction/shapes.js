// Loads the shapes of secrets, which the package does not carry.

import { SkillLogError } from "../errors.js";
import { REGISTERED } from "../secrets/registered.js";
import { importSecrets } from "#secrets";

/** @import { FindSecretsOptions, Secret } from "../types.js" */

/** @typedef {(text: string, options?: FindSecretsOptions) => Secret[]} FindSecrets */

/** @type {FindSecrets | undefined} */
let loaded;

/**
 * Returns what finds secrets by their shapes; undefined until it is loaded.
 *
 * @returns {FindSecrets | undefined}
 */
export function findByShape() {
  return (loaded ??= /** @type {any} */ (globalThis)[REGISTERED]);
}

/**
 * Loads the shapes, unless they are loaded.
 *
 * @throws {SkillLogError} `IO_ERROR`
 */
export async function loadShapes() {
  if (findByShape()) return;
  try {
    loaded = (await importSecrets()).findSecrets;
  } catch (cause) {
    throw new SkillLogError(
      "IO_ERROR",
      'options.redact: the shapes of secrets cannot be loaded; add `import "skill-log/secrets"` to the program, because a bundler may leave out what is loaded later',
      { cause },
    );
  }
}
