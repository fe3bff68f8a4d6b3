// Runs other programs. A program's start is part of its time, as it is for a user.

import { spawn } from "node:child_process";
import { once } from "node:events";

import { output } from "../../scripts/command.js";

/** Returns whether a command is installed. @param {string} command */
export function has(command) {
  return output(command, ["--version"]) !== null;
}

/**
 * Runs a command, and returns what it printed.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {Record<string, string>} [env] additional environment variables
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
  // grep exits with 1 when it finds nothing.
  if (status > 1)
    throw new Error(`${[command, ...args].join(" ")} ended with exit status ${status}`);
  return Buffer.concat(chunks);
}

/** @param {Buffer} bytes */
export function lineEnds(bytes) {
  let count = 0;
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) count++;
  return count;
}
