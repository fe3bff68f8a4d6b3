// Finds the programs that some tests run and that `npm test` does not install.

import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * Returns why tests that run programs cannot run here, or `false` if they can: for `skip`.
 *
 * @param {...string} programs
 * @returns {string | false}
 */
export function without(...programs) {
  const missing = programs.filter((program) => !isInstalled(program));
  if (missing.length === 0) return false;
  const names = missing.join(", ");
  return `${names} not found: \`node scripts/setup.js --tests --install\` installs what tests run`;
}

/** Reports whether the PATH has a program. @param {string} program */
function isInstalled(program) {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.some((folder) => existsSync(join(folder, program)));
}
