// Mounts disks whose power can be cut: tests/fuse is the program that keeps them.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { fuseProgram } from "../../../scripts/setup.js";

/** Disks in a directory of their own. Each is a folder of the directory, by its name. */
export class Disks {
  #child;
  #lines;

  /** @param {string} directory @param {import("node:child_process").ChildProcess} child */
  constructor(directory, child) {
    this.directory = directory;
    this.#child = child;
    if (!child.stdout) throw new Error("the program has no output");
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  static async mount() {
    const directory = mkdtempSync(join(tmpdir(), "skill-log-power-"));
    // Detached, because a signal to this group would end it without an unmount. The end of its input
    // ends it.
    const child = spawn(fuseProgram(), [directory], {
      stdio: ["pipe", "pipe", "inherit"],
      detached: true,
    });
    const disks = new Disks(directory, child);
    await disks.#answer();
    return disks;
  }

  async #answer() {
    const { value = "error the program ended", done } = await this.#lines.next();
    if (done || value.startsWith("error")) throw new Error(`skill-log-fuse: ${value}`);
    return /** @type {string} */ (value);
  }

  /**
   * Sends a command: `src/disks.rs` in tests/fuse describes them.
   *
   * @param {...(string | number)} words
   * @returns {Promise<string>} the rest of the answer after its first word
   */
  async ask(...words) {
    this.#child.stdin?.write(`${words.join(" ")}\n`);
    const answer = await this.#answer();
    return answer.slice(answer.indexOf(" ") + 1);
  }

  async close() {
    this.#child.stdin?.end();
    await once(this.#child, "close");
    rmdirSync(this.directory);
  }
}
