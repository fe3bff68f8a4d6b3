// A file for what is longer than memory.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";

import { onExit } from "../cleanup.js";

/**
 * Gives the path of a file to be made, in a folder that nobody else can read. Both are removed when the program ends.
 *
 * @param {string} name
 */
export function temporaryFile(name) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "skill-log-"));
  onExit(() => fs.rmSync(folder, { recursive: true, force: true }));
  return path.join(folder, name);
}
