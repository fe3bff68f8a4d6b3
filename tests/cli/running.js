// Runs commands as people do: by a shell, in a pipe or in a terminal.

import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

import xterm from "@xterm/headless";

/** The program, as it is published. */
export const program = fileURLToPath(new URL("../../dist/cli/skill-log.js", import.meta.url));

const harness = fileURLToPath(new URL("terminal.py", import.meta.url));

/** The size of the terminal. */
export const COLUMNS = 100;
export const ROWS = 30;

/** How long a command may take before it is ended, in milliseconds: far more than any should. */
const LIMIT = 120_000;

/** @typedef {{ cwd: string, env?: Record<string, string> }} Where */
/** @typedef {{ after: string, type: string }} Keys what is typed when a text is to be seen */
/** @typedef {{ stdout: Buffer, stderr: Buffer, status: number | string | null }} Outcome `status` is a signal's name where one ended it */

/** A folder in which `skill-log` is found as if it were installed. */
const bin = fs.mkdtempSync(path.join(os.tmpdir(), "skill-log-bin-"));
process.on("exit", () => fs.rmSync(bin, { recursive: true, force: true }));
fs.writeFileSync(
  path.join(bin, "skill-log"),
  `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`,
  { mode: 0o755 },
);

/** What a command sees of its surroundings: nothing that differs from one machine to the next. @param {Record<string, string>} [more] */
function surroundings(more) {
  return {
    PATH: `${bin}:${path.dirname(process.execPath)}:/usr/bin:/bin`,
    HOME: os.homedir(),
    TZ: "UTC",
    LANG: "C.UTF-8",
    TERM: "xterm-256color",
    TMPDIR: os.tmpdir(),
    ...more,
  };
}

/**
 * Runs a command by bash, its outputs piped.
 *
 * @param {string} command
 * @param {Where} where
 * @returns {Promise<Outcome>}
 */
export function inPipe(command, where) {
  return outcomeOf(spawned(command, where));
}

/**
 * Starts a command by bash, its outputs piped, as the leader of a group of processes.
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
 * Runs a command by bash, in a terminal: all it prints comes together.
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
  // Its terminal may be gone before what was typed arrives.
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

/** What a terminal shows, and whatever else it was made to do. */
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
    /** What it would type by itself when asked. */
    this.replies = "";
    this.#terminal.onTitleChange((title) => this.titles.push(title));
    this.#terminal.onData((data) => (this.replies += data));
  }

  /** @param {Uint8Array} bytes that are printed in it */
  write(bytes) {
    return new Promise((done) => this.#terminal.write(bytes, () => done(undefined)));
  }

  /** The lines it shows, those that were scrolled away included. */
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
