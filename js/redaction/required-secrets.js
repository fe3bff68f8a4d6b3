/** @import { FindSecrets } from "./shapes.js" */

/**
 * Loads the built `skill-log/secrets`, which is beside the built package, for CommonJS.
 *
 * @returns {Promise<{ findSecrets: FindSecrets }>}
 */
export async function importSecrets() {
  // @ts-expect-error It is beside the built file.
  return require("./secrets.cjs");
}
