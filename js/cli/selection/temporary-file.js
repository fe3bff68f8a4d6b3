// Temporary files, for data that may be longer than memory.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";

import { onExit } from "../cleanup.js";

/**
 * Returns the path for a new file, in a folder that only its owner can read. The program removes
 * both when it ends.
 *
 * @param {string} name
 */
export function temporaryFile(name) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "skill-log-"));
  onExit(() => fs.rmSync(folder, { recursive: true, force: true }));
  return path.join(folder, name);
}
