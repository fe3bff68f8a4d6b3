// Runs the server of `skill-log view`.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/**
 * Runs `skill-log view` until the test ends.
 *
 * @param {Pick<import("node:test").TestContext, "after">} t
 * @param {string} folder
 * @returns {Promise<string>} the address that it printed
 */
export async function view(t, folder) {
  const program = fileURLToPath(new URL("../../dist/cli/skill-log.js", import.meta.url));
  const child = spawn(process.execPath, [program, "view", folder, "--no-open", "--no-cache"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => child.kill());
  const [line] = await once(createInterface(child.stdout), "line");
  return line;
}
