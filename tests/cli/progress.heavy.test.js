// How long work is shown in a terminal: where it can be, and so that nothing of it is left among what is printed.

import assert from "node:assert/strict";
import test from "node:test";

import { logOf } from "../../bench/logs.js";
import { temporaryFolder } from "../js/temporary-folder.js";
import { inTerminal, Terminal } from "./running.js";

/** Takes longer than work may take without a word. */
const { path: big } = logOf(1024);

const SHOWN = "% of ";

/** What is run, whether its progress is to be seen meanwhile, and what is left in the terminal. @type {Record<string, { command: string, isShown: boolean, left: string }>} */
const runs = {
  "a command of its own": {
    command: `skill-log search -c no-such-text ${big}`,
    isShown: true,
    left: "0",
  },
  "in front of a pipe, until something is written to it": {
    command: `skill-log search -c no-such-text ${big} | cat`,
    isShown: true,
    left: "0",
  },
  "a pipe that something is written to, and that a program shows": {
    command: `skill-log read ${big} --json | head -c 300000000 | tr -cd '\\n' | wc -c | grep -c .`,
    isShown: false,
    left: "1",
  },
  "an output that is full": {
    command: `ulimit -f 200000; NO_COLOR=1 skill-log read ${big} --json > out.jsonl`,
    isShown: true,
    left: "skill-log: error: cannot write to standard output: EFBIG: file too large, write",
  },
  "a terminal that cannot go back": {
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
