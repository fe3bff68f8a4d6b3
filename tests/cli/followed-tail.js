// Runs `skill-log tail --follow`, and waits for its output.

import { spawn } from "node:child_process";
import { once } from "node:events";

import { program } from "./running.js";

/** The most milliseconds of any wait: far more than any should take. */
const LIMIT = 60_000;

/** A running `tail --follow`, and the lines that it has printed so far. */
export class FollowedTail {
  /** @type {string[]} */
  lines = [];
  stderr = "";
  #rest = "";
  #wake = () => {};

  /**
   * @param {import("node:test").TestContext} t
   * @param {string[]} args
   * @param {string[]} [options] of Node
   */
  constructor(t, args, options = []) {
    this.child = spawn(process.execPath, [...options, program, "tail", "--follow", ...args], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.ended = once(this.child, "close");
    this.child.stdout.on("data", (data) => {
      const parts = (this.#rest + data).split("\n");
      this.#rest = /** @type {string} */ (parts.pop());
      this.lines.push(...parts);
      this.#wake();
    });
    this.child.stderr.on("data", (data) => {
      this.stderr += data;
      this.#wake();
    });
    this.child.on("close", () => this.#wake());
    t.after(() => this.child.kill());
  }

  /** The entries that were printed as JSON. */
  get entries() {
    return this.lines.map((line) => JSON.parse(line));
  }

  /**
   * Waits until a condition on the output holds.
   *
   * @param {() => boolean} isThere
   */
  async until(isThere) {
    const end = performance.now() + LIMIT;
    while (!isThere()) {
      if (this.child.exitCode !== null || performance.now() > end) {
        throw new Error(
          `${this.lines.length} lines were printed, but not the expected one; standard error: ${this.stderr}`,
        );
      }
      await new Promise((wake) => {
        this.#wake = () => wake(undefined);
        setTimeout(wake, 1000);
      });
    }
  }

  /** @returns {Promise<number | string | null>} its exit status, or the signal that ended it */
  async status() {
    const [code, signal] = await this.ended;
    return signal ?? code;
  }
}
