// The Go original's Read, timed by itself, in a process that stays.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

import { buildReference } from "../../tests/conformance/go.js";

/** @type {string | null | undefined} */
let program;

/**
 * Gives what reads a log once, or `null` where there is no Go.
 *
 * @param {import("../logs.js").Log} log
 */
export function goRead({ dir, id }) {
  program ??= buildReference();
  if (!program) return null;
  const child = spawn(program, ["time", dir, id], { stdio: ["pipe", "pipe", "inherit"] });
  const answers = createInterface({ input: child.stdout });
  return {
    async read() {
      child.stdin.write("\n");
      const [line] = await once(answers, "line");
      const { milliseconds, entries } = JSON.parse(line);
      return { count: entries, measured: milliseconds };
    },
    end: () => void child.stdin.end(),
  };
}
