import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { without } from "../programs.js";
import { start } from "./child.js";

/**
 * @typedef {object} Call a system call, from entry to return
 * @property {string} thread
 * @property {string} name
 * @property {string} args as strace prints them, with the path of each descriptor in < >
 * @property {string} result `?` when the process was killed in it
 * @property {number} began position among all entries and returns of calls
 * @property {number} ended
 */

/** Why nothing can be traced here, or `false` where it can: for `skip`. Where it should work and does not is a failure. */
export const untraceable = process.platform === "linux" ? without("strace") : "strace is for Linux";

/**
 * Runs a program of children/ under strace, and returns its ending and its system calls.
 *
 * @param {string} name
 * @param {(string | number)[]} args
 * @param {{ dir: string, calls: string[], paths?: string[], inject?: string, preload?: string }}
 *   options `dir` takes the trace; with `paths`, strace traces, and counts for `inject`, only calls
 *   on those
 */
export async function trace(name, args, { dir, calls, paths = [], inject, preload }) {
  const works = spawnSync("strace", ["-o", "/dev/null", "true"]);
  assert.equal(works.status, 0, `strace cannot trace here: ${works.error ?? works.stderr}`);
  const output = join(dir, "strace");
  const under = [
    "strace",
    "-f",
    "-qq",
    "-y",
    "-s",
    "200",
    "-o",
    output,
    "-e",
    `trace=${calls.map((call) => `?${call}`)}`,
  ];
  for (const path of paths) under.push("-P", path);
  if (inject) under.push("-e", `inject=${inject}`);
  // Node gets one thread besides the main thread, because strace counts the calls of each thread
  // apart.
  const ending = await start(name, args, { under, preload, env: { UV_THREADPOOL_SIZE: "1" } })
    .ended;
  return { ...ending, calls: parse(readFileSync(output, "utf8")) };
}

/**
 * @param {string} text
 * @returns {Call[]} in the order of their entries
 */
function parse(text) {
  /** @type {Call[]} */
  const calls = [];
  const unfinished = new Map();
  for (const [at, line] of text.split("\n").entries()) {
    const resumed = /^(\d+) +<\.\.\. \w+ resumed>.*\) += (.*)$/.exec(line);
    if (resumed) {
      Object.assign(unfinished.get(resumed[1]), { result: resumed[2], ended: at });
      continue;
    }
    const [, thread, name, rest] = /^(\d+) +(\w+)\((.*)$/.exec(line) ?? [];
    if (!name) continue;
    const [, args, result] = /^(.*)\) += (.*)$/.exec(rest) ?? [];
    const call = {
      thread,
      name,
      args: args ?? rest,
      result: result ?? "?",
      began: at,
      ended: result ? at : Infinity,
    };
    if (!result) unfinished.set(thread, call);
    calls.push(call);
  }
  return calls;
}
