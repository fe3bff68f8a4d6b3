// The progress bar appears in a terminal, and leaves nothing behind.

import assert from "node:assert/strict";
import test from "node:test";

import { logOf } from "../../bench/logs.js";
import { temporaryFolder } from "../js/support/temporary-folder.js";
import { inTerminal, Terminal } from "./running.js";

/** A log that takes longer to read than work without a bar may. */
const { path: big } = logOf(1024);

const SHOWN = "% of ";

/**
 * Each command, whether its bar appears, and the text that is left in the terminal.
 *
 * @type {Record<string, { command: string, isShown: boolean, left: string }>}
 */
const runs = {
  "shows a bar when the output is a terminal": {
    command: `skill-log search -c no-such-text ${big}`,
    isShown: true,
    left: "0",
  },
  "shows a bar when the output is a pipe without text so far": {
    command: `skill-log search -c no-such-text ${big} | cat`,
    isShown: true,
    left: "0",
  },
  "shows no bar when a pipe has got text": {
    command: `skill-log read ${big} --json | head -c 300000000 | tr -cd '\\n' | wc -c | grep -c .`,
    isShown: false,
    left: "1",
  },
  "removes the bar when the output is full": {
    command: `ulimit -f 800000; NO_COLOR=1 skill-log read ${big} --json > out.jsonl`,
    isShown: true,
    left: "skill-log: error: cannot write to standard output: EFBIG: file too large, write",
  },
  "shows no bar when the terminal cannot move its cursor": {
    command: `TERM=dumb skill-log search -c no-such-text ${big}`,
    isShown: false,
    left: "0",
  },
};

for (const [name, { command, isShown, left }] of Object.entries(runs)) {
  test(name, async (t) => {
    const { stdout } = await inTerminal(command, { cwd: temporaryFolder(t) });
    const terminal = new Terminal();
    await terminal.write(stdout);
    assert.deepEqual({ isShown: stdout.includes(SHOWN), left: terminal.text }, { isShown, left });
    terminal.close();
  });
}
