// Checks the memory and the processor time that the bench reports of its child processes.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";

import { descendants, holdsPages, timeOfDescendants, watchMemory } from "./processes.js";

const megabyte = 1e6;

test("reports the rise of a child's memory, and its processor time", {
  skip: process.platform !== "linux" && "only Linux reports it",
}, async (t) => {
  const program = `
    process.stdin.once("data", () => {
      Buffer.alloc(80e6, 1);
      for (const end = Date.now() + 100; Date.now() < end; );
      console.log("done");
    });
    console.log("ready");
  `;
  const child = spawn(process.execPath, ["-e", program], { stdio: ["pipe", "pipe", "inherit"] });
  t.after(() => child.kill());
  await once(child.stdout, "data");
  const before = timeOfDescendants();
  const found = descendants().filter(({ pid }) => pid === child.pid);
  assert.equal(found.length, 1);
  assert.match(found[0].command, /node/);
  const risen = watchMemory(found);
  child.stdin.write("\n");
  await once(child.stdout, "data");
  assert(risen() >= 80 * megabyte && risen() < 160 * megabyte, `${risen()} bytes`);
  assert.equal(
    risen(() => false),
    0,
  );
  assert(timeOfDescendants() - before >= 50);
});

test("recognizes the processes of a browser that hold pages", () => {
  const holds = (/** @type {string} */ command) => holdsPages({ pid: 1, command });
  assert(holds("/usr/lib/chromium/chromium --type=renderer --lang=en-US "));
  assert(
    holds("/usr/lib/firefox-esr/firefox-esr -contentproc -isForBrowser -prefsHandle 0 5 tab "),
  );
  assert(!holds("/usr/lib/chromium/chromium --type=gpu-process "));
  assert(!holds("/usr/lib/firefox-esr/firefox-esr -contentproc socket "));
  assert(!holds("/usr/lib/firefox-esr/firefox-esr --headless "));
});
