// The Go original's Read, which times itself, in a process that serves all rounds.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

import { buildReference } from "../../tests/conformance/go.js";

/** @type {string | null | undefined} */
let program;

/**
 * Starts a process that reads a log with Go, or returns `null` without Go.
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
