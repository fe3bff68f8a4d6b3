import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/**
 * @typedef {object} Ending
 * @property {number | null} code
 * @property {string | null} signal
 * @property {string} stdout
 * @property {string} stderr
 */

/** Milliseconds until a child is killed, because a child that waits for a pipe would hang the tests. */
const PATIENCE = 120_000;

/**
 * Starts a program of children/ in its own process.
 *
 * @param {string} name
 * @param {(string | number)[]} args
 * @param {{ under?: string[], preload?: string, env?: Record<string, string>,
 *   patience?: number }} [options] `under` is a command that runs the program, such as a tracer;
 *   `preload` is a program of children/ to run first
 * @returns {{ process: import("node:child_process").ChildProcessWithoutNullStreams, ended:
 *   Promise<Ending> }}
 */
export function start(name, args, { under = [], preload, env = {}, patience = PATIENCE } = {}) {
  const imports = preload ? ["--import", new URL(`children/${preload}`, import.meta.url).href] : [];
  const program = fileURLToPath(new URL(`children/${name}`, import.meta.url));
  const [command, ...rest] = [...under, process.execPath, ...imports, program, ...args.map(String)];
  const child = spawn(command, rest, {
    env: { ...process.env, ...env },
    timeout: patience,
    killSignal: "SIGKILL",
  });
  const ended = new Promise((resolve, reject) => {
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { process: child, ended };
}

/**
 * Resolves when each child has printed something, or has ended.
 *
 * @param {ReturnType<typeof start>[]} children
 */
export async function ready(...children) {
  await Promise.all(
    children.map(({ process, ended }) => Promise.race([once(process.stdout, "data"), ended])),
  );
}

/**
 * Runs a program of children/ until it ends.
 *
 * @param {Parameters<typeof start>} args
 */
export function run(...args) {
  return start(...args).ended;
}

/**
 * Runs a program of children/ that must succeed, and parses what it prints as JSON.
 *
 * @param {Parameters<typeof start>} args
 */
export async function facts(...args) {
  const { code, signal, stdout, stderr } = await run(...args);
  if (code !== 0) throw new Error(`${args[0]} ended with ${signal ?? code}: ${stderr}`);
  return JSON.parse(stdout);
}
