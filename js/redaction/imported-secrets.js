/**
 * Imports the built `skill-log/secrets`, which is beside the built package. The address is not
 * written as a module's name: bundlers that write one file would fail for each program, also for
 * those that never redact. Some bundlers recognize this form and add the file.
 *
 * @returns {Promise<unknown>} after it has registered what finds secrets
 */
export function importSecrets() {
  const { href } = new URL("./secrets.js", import.meta.url);
  // eslint-disable-next-line jsdoc/no-bad-blocks -- It is Vite's.
  return import(/* @vite-ignore */ /* webpackIgnore: true */ href);
}
