/* global require */

/**
 * Loads the built `skill-log/secrets`, which is beside the built package, for CommonJS.
 *
 * @returns {Promise<unknown>} after it has registered what finds secrets
 */
export async function importSecrets() {
  // @ts-expect-error It is beside the built file.
  return require("./secrets.cjs");
}
