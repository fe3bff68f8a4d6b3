// Runs the commands that the other scripts are made of. Needs nothing that is not in Node,
// because set-up starts here, before npm's packages are there.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The project's folder: every path in the scripts is below it, and every command runs in it. */
export const root = fileURLToPath(new URL("..", import.meta.url));

/** The wasm target, as rustc and rustup call it. */
export const wasmTarget = "wasm32-unknown-unknown";

// RUSTFLAGS would take the place of the flags in .cargo/config.toml, and the wasm would lose its
// SIMD without a word; a target folder elsewhere would leave the build looking in the wrong place.
const { RUSTFLAGS, CARGO_ENCODED_RUSTFLAGS, CARGO_TARGET_DIR, CARGO_BUILD_TARGET, ...environment } = process.env;

/** Something a person can mend: `script` prints its message alone, without a stack. */
export class Failure extends Error {
  /**
   * @param {string} message
   * @param {number} [exitCode]
   */
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/**
 * Runs a command, its output shown. Throws a `Failure` with its exit status when that is not 0.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {Record<string, string>} [env] variables set besides the ones that are there
 */
export function run(command, args, env = {}) {
  const { status, signal, error } = spawnSync(command, args, {
    cwd: root,
    stdio: "inherit",
    env: { ...environment, ...env },
  });
  if (error) throw new Failure(`${command} cannot be run: ${error.message}`);
  if (status !== 0) {
    throw new Failure(`failed (${signal ?? `exit status ${status}`}): ${[command, ...args].join(" ")}`, status ?? 1);
  }
}

/**
 * Gives what a command prints on standard output, or `null` where it is not there or fails.
 *
 * @param {string} command
 * @param {string[]} args
 */
export function output(command, args) {
  const { status, stdout } = spawnSync(command, args, { cwd: root, encoding: "utf8", env: environment });
  return status === 0 ? stdout.trim() : null;
}

/** @param {string} line */
export function say(line) {
  console.log(line);
}

/**
 * Runs `main` if the module at `url` is what Node was started with: so each script can be run, and imported.
 *
 * @param {string} url the module's `import.meta.url`
 * @param {() => void | Promise<void>} main
 */
export async function script(url, main) {
  if (process.argv[1] !== fileURLToPath(url)) return;
  try {
    await main();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    console.error(error.message);
    process.exitCode = error.exitCode;
  }
}
