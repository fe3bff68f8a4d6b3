// Other programs, each run once to its end: starting it is part of its time, as it is for who types it.

import { spawn } from "node:child_process";
import { once } from "node:events";

import { output } from "../../scripts/command.js";

/** Whether a command is there. @param {string} command */
export function has(command) {
  return output(command, ["--version"]) !== null;
}

/**
 * Runs a command and gives what it printed.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {Record<string, string>} [env] variables set besides the ones that are there
 */
export async function printed(command, args, env = {}) {
  const child = spawn(command, args, {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...env },
  });
  /** @type {Buffer[]} */
  const chunks = [];
  child.stdout.on("data", (chunk) => chunks.push(chunk));
  const [status] = await once(child, "close");
  // 1 is grep's for: nothing found.
  if (status > 1) throw new Error(`exit status ${status}: ${[command, ...args].join(" ")}`);
  return Buffer.concat(chunks);
}

/** @param {Buffer} bytes */
export function lineEnds(bytes) {
  let count = 0;
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) count++;
  return count;
}
