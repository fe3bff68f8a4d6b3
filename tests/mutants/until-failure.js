// Runs test files, two at once, until the first failure: a mutant needs no second one.
//
//   node tests/mutants/until-failure.js FILE …

import { spawn } from "node:child_process";

/** @import { ChildProcess } from "node:child_process" */

/** Matches a line of TAP that says that a test failed. */
const FAILED = /^\s*not ok/m;

const files = process.argv.slice(2);
/** @type {Set<ChildProcess>} */
const running = new Set();

function next() {
  const file = files.shift();
  if (file === undefined) return;
  const child = spawn(
    process.execPath,
    // A mutant that never ends may fill the memory.
    ["--max-old-space-size=2048", "--test-reporter=tap", file],
    // A process group of its own, because tests start processes, too.
    { stdio: ["ignore", "pipe", "inherit"], detached: true },
  );
  running.add(child);
  let line = "";
  child.stdout?.setEncoding("utf8").on("data", (text) => {
    line += text;
    if (FAILED.test(line)) fail(line);
    line = line.slice(line.lastIndexOf("\n") + 1);
  });
  child.on("close", (code) => {
    running.delete(child);
    if (code === 0) next();
    else fail(`${file} ended with ${code}`);
  });
}

/** @param {string} why */
function fail(why) {
  console.log(why);
  for (const { pid } of running) {
    try {
      if (pid !== undefined) process.kill(-pid, "SIGKILL");
    } catch {
      // It ended by itself.
    }
  }
  process.exit(1);
}

process.on("SIGTERM", () => fail("stopped")).on("SIGINT", () => fail("stopped"));
next();
next();
