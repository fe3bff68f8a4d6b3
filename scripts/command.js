// Runs commands for the other scripts. Imports nothing but Node's modules, because set-up uses it
// before npm's packages are installed.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The project's folder: every path in the scripts is below it, and every command runs in it. */
export const root = fileURLToPath(new URL("..", import.meta.url));

/** The wasm target, as rustc and rustup call it. */
export const wasmTarget = "wasm32-unknown-unknown";

/** The oldest Node that runs eslint, biome and the tests. The package itself needs only Node 20. */
const oldestNode = "20.19";

// Commands run without these variables. RUSTFLAGS would replace the flags in .cargo/config.toml, so
// the wasm would lose its SIMD. With another target folder, the build would not find the wasm.
const { RUSTFLAGS, CARGO_ENCODED_RUSTFLAGS, CARGO_TARGET_DIR, CARGO_BUILD_TARGET, ...environment } =
  process.env;

/** An error that a person can put right: `script` prints its message without a stack. */
export class Failure extends Error {
  /**
   * @param {string} message
   * @param {number} [exitCode]
   * @param {string} [report] what a command that failed printed on standard error, if it was read
   */
  constructor(message, exitCode = 1, report = "") {
    super(message);
    this.exitCode = exitCode;
    this.report = report;
  }
}

/** When `run` ends its command, in the milliseconds of `performance.now()`. */
let deadline = Infinity;

/**
 * Limits the time that all later commands may take together.
 *
 * @param {number} milliseconds `Infinity` for no limit
 */
export function limitRuns(milliseconds) {
  deadline = performance.now() + milliseconds;
}

/**
 * Sets an environment variable for all later commands.
 *
 * @param {string} name
 * @param {string} value
 */
export function setVariable(name, value) {
  environment[name] = value;
}

/**
 * Runs a command and shows its output. Throws a `Failure` when the command fails, with its exit
 * status, or when the time that `limitRuns` allows is over.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {Record<string, string>} [env] more environment variables
 */
export function run(command, args, env = {}) {
  start(command, args, env, false);
}

/**
 * Runs a command and shows what it prints on standard error once it ended. Throws a `Failure` as
 * `run` does.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {Record<string, string>} [env] more environment variables
 * @returns {string} what it printed on standard error
 */
export function runReporting(command, args, env = {}) {
  return start(command, args, env, false, "pipe") ?? "";
}

/**
 * Runs npm and shows its output. Throws a `Failure` as `run` does.
 *
 * @param {string[]} args words without blanks, because on Windows a shell splits them
 */
export function runNpm(args) {
  const { command, first, shell } = npmCommand(process.platform, process.env.npm_execpath);
  start(command, [...first, ...args], {}, shell);
}

/**
 * Returns how npm is started: a command, its first arguments, and whether a shell starts it.
 *
 * @param {string} platform
 * @param {string} [script] `npm_execpath`, which npm sets to its own file for what it runs
 */
export function npmCommand(platform, script) {
  // The npm that started `npm test`. Other package managers set the variable too.
  const isNpm = script !== undefined && /(^|[\\/])npm-cli\.js$/.test(script);
  if (isNpm) return { command: process.execPath, first: [script], shell: false };
  // On Windows npm is a batch file, and Node starts a batch file only through a shell.
  if (platform === "win32") return { command: "npm.cmd", first: [], shell: true };
  return { command: "npm", first: [], shell: false };
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {Record<string, string>} env
 * @param {boolean} shell
 * @param {"inherit" | "pipe"} [errors] what becomes of standard error
 */
function start(command, args, env, shell, errors = "inherit") {
  const left = deadline - performance.now();
  if (left <= 0) throw new Failure(`no time is left for ${command}`);
  const { status, signal, error, stderr } = spawnSync(command, args, {
    cwd: root,
    stdio: ["inherit", "inherit", errors],
    encoding: "utf8",
    maxBuffer: Infinity,
    env: { ...environment, ...env },
    shell,
    ...(left < Infinity && { timeout: Math.ceil(left) }),
  });
  if (stderr) process.stderr.write(stderr);
  if (error && "code" in error && error.code === "ETIMEDOUT") {
    throw new Failure(`ended, because its time was over: ${[command, ...args].join(" ")}`);
  }
  if (error) throw new Failure(`cannot run ${command}: ${error.message}`);
  if (status !== 0) {
    throw new Failure(
      `failed (${signal ?? `exit status ${status}`}): ${[command, ...args].join(" ")}`,
      status ?? 1,
      stderr ?? "",
    );
  }
  return stderr;
}

/**
 * Returns what a command prints on standard output, or `null` if it is missing or fails.
 *
 * @param {string} command
 * @param {string[]} args
 */
export function output(command, args) {
  const { status, stdout } = spawnSync(command, args, {
    cwd: root,
    encoding: "utf8",
    env: environment,
  });
  return status === 0 ? stdout.trim() : null;
}

/** Prints a line. @param {string} line */
export function say(line) {
  console.log(line);
}

/**
 * Runs `main` if Node was started with the module at `url`, so that a script can also be imported.
 * Checks Node's version first.
 *
 * @param {string} url the module's `import.meta.url`
 * @param {() => void | Promise<void>} main
 */
export async function script(url, main) {
  if (process.argv[1] !== fileURLToPath(url)) return;
  try {
    checkNode(process.versions.node);
    await main();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    console.error(error.message);
    process.exitCode = error.exitCode;
  }
}

/**
 * Throws a `Failure` if a version of Node is too old to build and test the package.
 *
 * @param {string} version
 */
export function checkNode(version) {
  if (!isOlder(version, oldestNode)) return;
  throw new Failure(
    `Node ${oldestNode} or newer is needed, and this is Node ${version} (${process.execPath}).\n` +
      "Install a newer Node from https://nodejs.org, or switch with your version manager.\n" +
      "Then run this again.",
  );
}

/**
 * Reports whether a version comes before another.
 *
 * @param {string} version numbers with dots between them
 * @param {string} other
 */
export function isOlder(version, other) {
  const [numbers, others] = [version, other].map((text) =>
    text.split(".").map((part) => Number.parseInt(part, 10)),
  );
  const at = others.findIndex((number, index) => number !== (numbers[index] ?? 0));
  return at >= 0 && (numbers[at] ?? 0) < others[at];
}
