// Runs commands in a shell, with piped outputs or in a terminal.

import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

import xterm from "@xterm/headless";

/** The published program. */
export const program = fileURLToPath(new URL("../../dist/cli/skill-log.js", import.meta.url));

const harness = fileURLToPath(new URL("terminal.py", import.meta.url));

/** The size of the terminal. */
export const COLUMNS = 100;
export const ROWS = 30;

/** The most milliseconds of a command: far more than any should take. */
const LIMIT = 120_000;

/** @typedef {{ cwd: string, env?: Record<string, string> }} Where */
/** @typedef {{ after: string, type: string }} Keys `type` is typed after `after` was printed */
/**
 * @typedef {{ stdout: Buffer, stderr: Buffer, status: number | string | null }} Outcome `status`:
 *   the exit status, or the name of the signal that ended the command
 */

/** A folder with the command `skill-log`, as if it were installed. */
const bin = fs.mkdtempSync(path.join(os.tmpdir(), "skill-log-bin-"));
process.on("exit", () => fs.rmSync(bin, { recursive: true, force: true }));
fs.writeFileSync(
  path.join(bin, "skill-log"),
  `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`,
  { mode: 0o755 },
);

/**
 * Returns an environment that is the same on every machine.
 *
 * @param {Record<string, string>} [more]
 */
function surroundings(more) {
  return {
    PATH: `${bin}:${path.dirname(process.execPath)}:/usr/bin:/bin`,
    HOME: os.homedir(),
    TZ: "UTC",
    LANG: "C.UTF-8",
    TERM: "xterm-256color",
    TMPDIR: os.tmpdir(),
    // Without a cache of the user.
    XDG_CACHE_HOME: path.join(bin, "cache"),
    // None, because each version of less draws in its own way.
    PAGER: "cat",
    ...more,
  };
}

/**
 * Runs a command in bash with piped outputs.
 *
 * @param {string} command
 * @param {Where} where
 * @returns {Promise<Outcome>}
 */
export function inPipe(command, where) {
  return outcomeOf(spawned(command, where));
}

/**
 * Starts a command in bash with piped outputs, in a process group of its own.
 *
 * @param {string} command
 * @param {Where & { stdin?: "ignore" | "pipe" }} where
 * @returns {import("node:child_process").ChildProcess}
 */
export function spawned(command, { cwd, env, stdin = "ignore" }) {
  return spawn("bash", ["-c", command], {
    cwd,
    env: surroundings(env),
    stdio: [stdin, "pipe", "pipe"],
    timeout: LIMIT,
    detached: true,
  });
}

/**
 * Runs a command in bash in a terminal; `stdout` has both outputs.
 *
 * @param {string} command
 * @param {Where & { keys?: Keys[] }} where
 * @returns {Promise<Outcome>}
 */
export function inTerminal(command, { cwd, env, keys = [] }) {
  const child = spawn("python3", [harness, String(COLUMNS), String(ROWS), command], {
    cwd,
    env: surroundings(env),
    stdio: ["pipe", "pipe", "pipe"],
    timeout: LIMIT,
  });
  const terminal = new Terminal();
  const left = [...keys];
  child.stdout.on("data", async (data) => {
    await terminal.write(data);
    while (left.length > 0 && terminal.text.includes(left[0].after))
      child.stdin.write(/** @type {Keys} */ (left.shift()).type);
  });
  child.on("close", () => terminal.close());
  // The terminal may have closed before the typed text arrives.
  child.stdin.on("error", () => {});
  return outcomeOf(child);
}

/**
 * @param {import("node:child_process").ChildProcess} child
 * @returns {Promise<Outcome>}
 */
function outcomeOf(child) {
  const outputs = { stdout: /** @type {Buffer[]} */ ([]), stderr: /** @type {Buffer[]} */ ([]) };
  child.stdout?.on("data", (data) => outputs.stdout.push(data));
  child.stderr?.on("data", (data) => outputs.stderr.push(data));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) =>
      resolve({
        stdout: Buffer.concat(outputs.stdout),
        stderr: Buffer.concat(outputs.stderr),
        status: signal ?? code,
      }),
    );
  });
}

/** A terminal: its text, the titles it was given, and its replies. */
export class Terminal {
  #terminal = new xterm.Terminal({
    cols: COLUMNS,
    rows: ROWS,
    scrollback: 100_000,
    allowProposedApi: true,
  });

  constructor() {
    /** @type {string[]} */
    this.titles = [];
    /** What the terminal answers to queries. */
    this.replies = "";
    this.#terminal.onTitleChange((title) => this.titles.push(title));
    this.#terminal.onData((data) => (this.replies += data));
  }

  /** @param {Uint8Array} bytes to print */
  write(bytes) {
    return new Promise((done) => this.#terminal.write(bytes, () => done(undefined)));
  }

  /** All lines, also those that were scrolled away. */
  get text() {
    const { active } = this.#terminal.buffer;
    return Array.from(
      { length: active.length },
      (_, row) => active.getLine(row)?.translateToString(true) ?? "",
    )
      .join("\n")
      .trimEnd();
  }

  close() {
    this.#terminal.dispose();
  }
}
