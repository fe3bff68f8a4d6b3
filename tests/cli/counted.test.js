// The counts of the cache are printed as those of an index are.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { line, TORN } from "../js/support/lines.js";
import { temporaryFolder } from "../js/support/temporary-folder.js";
import { inPipe } from "./running.js";

/** A file that changed less than two seconds before it was looked at may be another by now. */
const SETTLED = 2_100;

const found = line("a", { message: "a needle" });
const other = line("a", { message: "none" });

test("prints what an index finds when some logs are known, and others odd or changed", async (t) => {
  const cwd = temporaryFolder(t);
  const dir = path.join(cwd, "logs");
  fs.mkdirSync(dir);
  const fileOf = (/** @type {string | number} */ name) => path.join(dir, `${name}.jsonl`);
  for (let at = 0; at < 60; at += 1) {
    fs.writeFileSync(fileOf(at), `${other}\n${`${found}\n`.repeat(at % 3)}`);
    // Several were written at the same time.
    fs.utimesSync(fileOf(at), 1_700_000_000 + (at % 7), 1_700_000_000 + (at % 7));
  }
  fs.appendFileSync(fileOf(10), `${TORN}\n${found}\n`);
  fs.appendFileSync(fileOf(20), "Killed");
  fs.symlinkSync("absent", fileOf("dangling"));
  fs.symlinkSync(fileOf(1), fileOf("linked"));
  fs.writeFileSync(fileOf("con"), `${found}\n`);
  await pause(SETTLED);
  const env = { XDG_CACHE_HOME: path.join(cwd, "cache") };
  const run = (/** @type {string} */ words) =>
    inPipe(`skill-log search ${words} logs`, { cwd, env });
  const outcome = async (/** @type {string} */ words) => {
    const { stdout, stderr, status } = await run(words);
    return { stdout: stdout.toString(), stderr: stderr.toString(), status };
  };
  await run("-c needle");
  for (const change of [() => {}, () => fs.appendFileSync(fileOf(30), `${found}\n`)]) {
    change();
    for (const words of ["-c needle", "-l needle --json", "-ci NEEDLE --json", "-l absent"])
      assert.deepEqual(await outcome(words), await outcome(`${words} --no-cache`), words);
  }
});
