// Commands of the command line while calls fail, in a process of their own.

import { spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** @import { World } from "./world.js" */

const program = fileURLToPath(new URL("../../../dist/cli/skill-log.js", import.meta.url));
const preload = new URL("in-child.js", import.meta.url).href;

/**
 * Runs a command.
 *
 * @param {World} world
 * @param {string[]} words
 * @returns {Promise<{ code: number | null, stderr: string }>}
 */
export async function run(world, words) {
  // Outside the folder whose calls fail, because this process reads and removes it.
  const folder = dirname(world.base);
  const report = join(dirname(folder), `report-${basename(folder)}-${basename(world.base)}`);
  const { fault, nth } = world.calls.failing ?? { fault: { name: "none", kinds: [] }, nth: 1 };
  const child = spawn(process.execPath, ["--import", preload, program, ...words], {
    env: {
      ...process.env,
      XDG_CACHE_HOME: join(world.base, "user-cache"),
      FAILED_CALL: JSON.stringify({ base: world.base, report, fault, nth }),
    },
    stdio: ["ignore", "ignore", "pipe"],
    timeout: 60_000,
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
  const code = await new Promise((done, failed) => child.on("close", done).on("error", failed));
  const { counts, fired } = JSON.parse(readFileSync(report, "utf8"));
  rmSync(report);
  for (const [kind, count] of counts)
    world.calls.counts.set(kind, (world.calls.counts.get(kind) ?? 0) + count);
  world.calls.fired.push(...fired);
  return { code, stderr };
}
