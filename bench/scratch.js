// Where the bench writes: below target/, on the disk the project is on. (/tmp is often in memory.)

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";

import { root } from "../scripts/command.js";

export const folder = join(root, "target", "bench");

mkdirSync(folder, { recursive: true });
const work = mkdtempSync(join(folder, "scratch-"));
process.once("SIGINT", () => process.exit(130)); // a signal alone would skip what follows
process.on("exit", () => rmSync(work, { recursive: true, force: true }));

/** Makes an empty folder. What is left in it is deleted when the process ends. */
export function scratch() {
  return mkdtempSync(join(work, "log-"));
}
