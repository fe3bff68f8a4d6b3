// Makes folders for the bench below target/, on the project's disk, because /tmp is often in
// memory.

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";

import { root } from "../scripts/command.js";

export const folder = join(root, "target", "bench");

mkdirSync(folder, { recursive: true });
const work = mkdtempSync(join(folder, "scratch-"));
// Exit on the signal, because otherwise the handler below would not run.
process.once("SIGINT", () => process.exit(130));
process.on("exit", () => rmSync(work, { recursive: true, force: true }));

/** Makes an empty folder, which is deleted when the process ends. */
export function scratch() {
  return mkdtempSync(join(work, "log-"));
}
