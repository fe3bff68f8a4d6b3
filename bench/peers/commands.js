// Runs other programs. A program's start is part of its time, as it is for a user.

import { spawn } from "node:child_process";
import { once } from "node:events";

import { output, say } from "../../scripts/command.js";

/** Whether a command is installed, by its name. @type {Map<string, boolean>} */
const known = new Map();

/** Returns whether a command is installed. Says so once when it is not. @param {string} command */
export function has(command) {
  const isKnown = known.get(command);
  if (isKnown !== undefined) return isKnown;
  const isInstalled = output(command, ["--version"]) !== null;
  if (!isInstalled) say(`${command} is not installed, so the rows leave it out`);
  known.set(command, isInstalled);
  return isInstalled;
}

/**
 * Runs a command, and returns what it printed.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {Record<string, string>} [env] additional environment variables
 * @param {string} [cwd] the folder in which it runs
 */
export async function printed(command, args, env = {}, cwd = undefined) {
  const child = spawn(command, args, {
    stdio: ["ignore", "pipe", "inherit"],
    cwd,
    env: { ...process.env, ...env },
  });
  /** @type {Buffer[]} */
  const chunks = [];
  child.stdout.on("data", (chunk) => chunks.push(chunk));
  const [status] = await once(child, "close");
  // grep and rg exit with 1 when they find nothing.
  if (status > 1)
    throw new Error(`${[command, ...args].join(" ")} ended with exit status ${status}`);
  return Buffer.concat(chunks);
}

/** Adds the counts that `command -c` prints for each file, as `path:count`. @param {Buffer} lines */
export function sumOfCounts(lines) {
  const counts = String(lines).matchAll(/: ?(\d+)$/gm);
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
}

/** @param {Buffer} bytes */
export function lineEnds(bytes) {
  let count = 0;
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) count++;
  return count;
}
