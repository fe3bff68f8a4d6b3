// Runs commands with random arguments, on logs of which some are damaged.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

import { program } from "../cli/running.js";
import { lineOf, numberedEntry } from "../faults/numbered-entry.js";
import { caseRandom } from "./case-random.js";

/** @import { Random } from "../conformance/random.js" */

/** How many milliseconds a command may take before it counts as hanging. */
const LONGEST = 60_000;

/** After how many milliseconds a command that goes on is interrupted. */
const INTERRUPTED = 1_000;

/** How many commands run at once. */
const AT_ONCE = 4;

/** Commands that change logs. The others must leave every byte as it was. */
const CHANGING = ["append", "repair"];

/** Options with which a command goes on until it is interrupted. */
const GOES_ON = /^(-f|--follow)$/;

/** @typedef {{ flags: string[], value: string | undefined }} Option */

/** @type {Record<string, string>} the files of each case's folder, below `logs` */
const files = {
  "one.jsonl": linesOf("one", 30),
  "two.jsonl": `${linesOf("two", 5)}{"session_id":"two","skill":"cu`,
  "damaged.jsonl": `${linesOf("damaged", 3)}not JSON\n\0\0\n{"a":1}\n${linesOf("damaged", 3)}`,
  "empty.jsonl": "",
  "other.txt": "no log\n",
  "below/three.jsonl": linesOf("three", 8),
};

/** @param {string} session @param {number} count */
function linesOf(session, count) {
  const entries = Array.from({ length: count }, (_, number) =>
    lineOf(numberedEntry({ session, writer: session, number, length: 300 })),
  );
  return Buffer.concat(entries).toString();
}

const operands = [
  "logs",
  "logs",
  "logs",
  "logs/one.jsonl",
  "logs/two.jsonl",
  "logs/damaged.jsonl",
  "logs/empty.jsonl",
  "logs/other.txt",
  "logs/below",
  "one",
  "two",
  "d*",
  "*",
  "nobody",
  "missing/dir",
  "missing.jsonl",
  ".",
  "..",
  "-",
  "",
  "/dev/null",
  "bash",
];

const values = [
  "0",
  "1",
  "3",
  "-1",
  "1.5",
  "1e99",
  "NaN",
  "Infinity",
  "99999999999999999999",
  "2h",
  "500ms",
  "2026-01-02",
  "2026-13-45",
  "2026-01-02T00:00:10Z",
  "ok",
  "one",
  "Europe/Berlin",
  "Mars/Olympus",
  "always",
  "timestamp,skill,message",
  "input.a.b,,",
  "duration:desc",
  "time:up",
  "out/written",
  "out",
  "missing/written",
  "jsonl",
  "csv",
  "(a+)+$",
  "[",
  "\\u{110000}",
  "",
  " ",
  "💥",
  "\u202e",
  "a\nb",
  "__proto__",
  "-",
  "--",
  "{}",
  "x".repeat(5_000),
];

/** What is given on standard input. */
const inputs = ["", linesOf("given", 4), "not JSON\n", '{"skill":"x","final_status":"ok"}', "\0\n"];

/** @type {import("./row.js").Row} */
export const row = {
  name: "cli-arguments",
  about: "Runs the command line with random arguments, on whole and damaged logs",
  counts: "commands",
  short: 60,
  full: 20_000,
  async open(seed) {
    const options = optionsOfCommands();
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), "skill-log-arguments-"));
    return {
      run: (number) => runCommands(caseRandom(seed, number), options, dir),
      close: async () => fs.rmSync(dir, { recursive: true, force: true }),
    };
  },
};

/** Returns the options of each command, as its help shows them. */
function optionsOfCommands() {
  const commands = [...helpOf([]).matchAll(/^ {2}([a-z]+) .*/gm)].map(([, name]) => name);
  assert.ok(commands.includes("read") && commands.includes("repair"), commands.join());
  /** @type {Map<string, Option[]>} */
  const options = new Map();
  for (const command of commands) {
    const lines = helpOf([command]).matchAll(/^ {2}(-[-\w]+)(?:, (--[-\w]+))?(?: <(.+?)>)?/gm);
    options.set(
      command,
      [...lines].map(([, first, second, value]) => ({
        flags: second ? [first, second] : [first],
        value,
      })),
    );
  }
  return options;
}

/** @param {string[]} args */
function helpOf(args) {
  const { stdout } = spawnSync(process.execPath, [program, ...args, "--help"], {
    encoding: "utf8",
  });
  return stdout;
}

/**
 * @param {Random} random
 * @param {Map<string, Option[]>} options
 * @param {string} dir
 */
async function runCommands(random, options, dir) {
  const folder = fs.mkdtempSync(path.join(dir, "case-"));
  try {
    await Promise.all(
      Array.from({ length: AT_ONCE }, (_, number) => {
        // Deep enough that `..` is still a folder of this command alone.
        const cwd = path.join(folder, `${number}`, "in");
        return runCommand(argumentsOf(random, options), random.pick(inputs), cwd);
      }),
    );
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
  return AT_ONCE;
}

/**
 * @param {Random} random
 * @param {Map<string, Option[]>} options
 */
function argumentsOf(random, options) {
  const command = random.pick([...options.keys()]);
  const args = [];
  for (let count = random.below(4); count > 0; count -= 1) {
    const { flags, value } = random.pick(/** @type {Option[]} */ (options.get(command)));
    args.push(random.pick(flags));
    if (value !== undefined || random.chance(0.05)) args.push(random.pick(values));
  }
  for (let count = random.below(4); count > 0; count -= 1)
    args.splice(random.below(args.length + 1), 0, random.pick(operands));
  if (random.chance(0.05)) args.push(random.pick(["--unknown", "-Z", "--json=1", "--utc=", "-nn"]));
  // A browser would be opened.
  return command === "view" ? [command, "--no-open", ...args] : [command, ...args];
}

/**
 * Runs a command in a folder of its own.
 *
 * @param {string[]} args
 * @param {string} input
 * @param {string} cwd
 */
async function runCommand(args, input, cwd) {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(cwd, "logs", name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
  }
  fs.mkdirSync(path.join(cwd, "out"));
  const what = `skill-log ${args.map((arg) => JSON.stringify(arg.slice(0, 80))).join(" ")}`;
  const { status, errors } = await ended(args, input, cwd, what);
  assert.ok([0, 1, 2].includes(Number(status)), `${what} ends with ${status}:\n${errors}`);
  assert.doesNotMatch(errors, /^ {4}at |INTERNAL|unreachable|panicked/m, what);
  if (status !== 0)
    assert.notEqual(errors.trim() + (status === 1 ? "-" : ""), "", `${what} is mute`);
  checkLogs(CHANGING.includes(args[0]), path.join(cwd, "logs"), what);
}

/**
 * @param {string[]} args
 * @param {string} input
 * @param {string} cwd
 * @param {string} what
 * @returns {Promise<{ status: number | string | null, errors: string }>}
 */
function ended(args, input, cwd, what) {
  const cache = path.join(cwd, "..", "cache");
  const env = { PATH: process.env.PATH, HOME: cwd, TZ: "UTC", PAGER: "cat", XDG_CACHE_HOME: cache };
  const child = spawn(process.execPath, [program, ...args], { cwd, env });
  let errors = "";
  child.stdout.resume();
  child.stderr.setEncoding("utf8").on("data", (text) => (errors += text));
  child.stdin.on("error", () => {}).end(input);
  const mayGoOn = args[0] === "view" || args.some((arg) => GOES_ON.test(arg));
  const interrupting = mayGoOn && setInterval(() => child.kill("SIGINT"), INTERRUPTED);
  return new Promise((done, failed) => {
    const late = setTimeout(() => {
      child.kill("SIGKILL");
      failed(new Error(`${what} has not ended after ${LONGEST} ms:\n${errors}`));
    }, LONGEST);
    child.on("close", (status, signal) => {
      clearTimeout(late);
      if (interrupting) clearInterval(interrupting);
      // A command that goes on has no status of its own when it is interrupted.
      const isInterrupted = mayGoOn && (signal === "SIGINT" || status === 130);
      done({ status: isInterrupted ? 0 : (status ?? signal), errors });
    });
  });
}

/**
 * Checks that logs have every byte they had; or every line, if the command may change logs.
 *
 * @param {boolean} mayChange
 * @param {string} logs
 * @param {string} what
 */
function checkLogs(mayChange, logs, what) {
  for (const [name, text] of Object.entries(files)) {
    const now = fs.readFileSync(path.join(logs, name), "utf8");
    if (!mayChange) assert.equal(now, text, `${what} changes ${name}`);
    const kept = new Set(now.split("\n"));
    for (const line of text.split("\n"))
      if (line.includes('"final_status"'))
        assert.ok(kept.has(line), `${what} loses an entry of ${name}`);
  }
  const names = fs.readdirSync(logs, { recursive: true, encoding: "utf8" });
  const added = names.filter((name) => !(name in files) && name !== "below");
  if (!mayChange) assert.deepEqual(added, [], `${what} adds files to the logs`);
}
