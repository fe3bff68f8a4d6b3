// `skill-log export` is killed (SIGKILL) at any moment.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { root } from "../../scripts/command.js";
import { lineOf, numberedEntry } from "../faults/numbered-entry.js";
import { caseRandom } from "./case-random.js";
import { removeOrKeep } from "./kept-folders.js";
import { momentOf } from "./moments.js";

const program = join(root, "dist", "cli", "skill-log.js");

/** Enough for files of some megabytes, in three folders. */
const ENTRIES = 2500;
const DAYS = 3;

const TEMPORARY = /^\.skill-log-[\da-f]{12}\.tmp$/;

/** About how many changes an export makes that its directory's watcher sees. */
const CHANGES = 12;

/** The kinds of exports. */
const KINDS = [
  { name: "entries.jsonl", options: [] },
  { name: "entries.csv.gz", options: [] },
  { name: "lake", options: ["--partition"] },
];

/** @type {import("./row.js").Row} */
export const row = {
  name: "kill-exports",
  about: "Kills `skill-log export` at any moment, also while it replaces an earlier export",
  counts: "kills",
  short: 8,
  full: 500,
  async open(seed) {
    const base = mkdtempSync(join(tmpdir(), "skill-log-kills-"));
    const logs = join(base, "logs");
    mkdirSync(logs);
    append(logs, 0, ENTRIES);
    // What each kind of export holds now, and what it held before the log grew.
    const old = await exportAll(base, logs, "old");
    append(logs, ENTRIES, 250);
    const whole = await exportAll(base, logs, "whole");
    const start = performance.now();
    await exportTo(join(base, "measured"), logs, KINDS[2]);
    const duration = performance.now() - start;
    return {
      run: (number) => killExport({ seed, base, logs, old, whole, duration }, number),
      close: async (isFailed) => removeOrKeep(row.name, base, isFailed),
    };
  },
};

/** @param {string} logs @param {number} first @param {number} count */
function append(logs, first, count) {
  const lines = Array.from({ length: count }, (_, index) => {
    const number = first + index;
    const entry = numberedEntry({ session: "s", writer: "writer", number, length: 700 });
    const day = 1 + (number % DAYS);
    return lineOf({ ...entry, timestamp: entry.timestamp.replace(/-\d\dT/, `-0${day}T`) });
  });
  appendFileSync(join(logs, "s.jsonl"), Buffer.concat(lines));
}

/**
 * @typedef {(typeof KINDS)[number]} Kind
 * @typedef {Map<string, Map<string, Buffer>>} Exports by the kind's name: its files, by their paths
 */

/**
 * Exports the logs as each kind to a new directory.
 *
 * @param {string} base
 * @param {string} logs
 * @param {string} name
 */
async function exportAll(base, logs, name) {
  const to = join(base, name);
  mkdirSync(to);
  for (const kind of KINDS) await exportTo(to, logs, kind);
  return new Map(KINDS.map((kind) => [kind.name, filesOf(to, kind).files]));
}

/**
 * Starts an export.
 *
 * @param {string} to
 * @param {string} logs
 * @param {Kind} kind
 * @param {string[]} more options
 */
function startExport(to, logs, { name, options }, more = []) {
  const args = ["export", logs, "-o", join(to, name), "--quiet", ...options, ...more];
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ["ignore", "inherit", "pipe"],
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (errors += text));
  return { child, ended: once(child, "close"), errors: () => errors };
}

/** @param {Parameters<typeof startExport>} args */
async function exportTo(...args) {
  mkdirSync(args[0], { recursive: true });
  const { ended, errors } = startExport(...args);
  const [code] = await ended;
  assert.equal(code, 0, errors());
}

/**
 * Returns the files of an export, and what is beside them in the directory.
 *
 * @param {string} to
 * @param {Kind} kind
 */
function filesOf(to, { name }) {
  const paths = readdirSync(to, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(to.length + 1));
  const isTemporary = (/** @type {string} */ path) =>
    path.split("/").some((part) => TEMPORARY.test(part));
  const isOwn = (/** @type {string} */ path) => path === name || path.startsWith(`${name}/`);
  const own = paths.filter((path) => isOwn(path) && !isTemporary(path)).sort();
  return {
    files: new Map(own.map((path) => [path, readFileSync(join(to, path))])),
    isCut: paths.some(isTemporary),
    others: paths.filter((path) => !isOwn(path) && !isTemporary(path)),
  };
}

/**
 * Kills an export, of which half replace an earlier one, and completes it.
 *
 * @param {{ seed: number, base: string, logs: string, old: Exports, whole: Exports, duration:
 *   number }} run
 * @param {number} number
 */
async function killExport({ seed, base, logs, old, whole, duration }, number) {
  const random = caseRandom(seed, number);
  const kind = KINDS[number % KINDS.length];
  const to = join(base, `export-${number}`);
  const oldFiles = random.chance(0.5) ? (old.get(kind.name) ?? new Map()) : new Map();
  const wholeFiles = whole.get(kind.name) ?? new Map();
  mkdirSync(to);
  for (const [path, bytes] of oldFiles) {
    mkdirSync(dirname(join(to, path)), { recursive: true });
    writeFileSync(join(to, path), bytes);
  }
  const before = readFileSync(join(logs, "s.jsonl"));
  const force = oldFiles.size > 0 ? ["--force"] : [];
  /** @type {ReturnType<typeof startExport>[]} */
  const started = [];
  const begin = () => {
    started.push(startExport(to, logs, kind, force));
    return started[0].ended;
  };
  // Within an earlier export's directory, because the new folders are written there.
  const dir = kind.options.length > 0 && oldFiles.size > 0 ? join(to, kind.name) : to;
  await momentOf(random, { dir, changes: CHANGES, duration, begin });
  const [{ child, ended, errors }] = started;
  child.kill("SIGKILL");
  const [code, signal] = await ended;
  assert.ok(code === 0 || signal === "SIGKILL", errors());

  const { files, isCut, others } = filesOf(to, kind);
  assert.deepEqual(others, [], "the export left other files");
  for (const [path, bytes] of files) {
    const isWhole = [oldFiles, wholeFiles].some((each) => each.get(path)?.equals(bytes));
    assert.ok(isWhole, `${path} is there, but not complete`);
  }
  // A file is replaced in one step. A directory is too, unless it was there before.
  const isSame = (/** @type {Map<string, Buffer>} */ expected) =>
    expected.size === files.size &&
    [...files].every(([path, bytes]) => expected.get(path)?.equals(bytes));
  const isOld = isSame(oldFiles);
  const isNew = isSame(wholeFiles);
  const mayBeMixed = kind.options.length > 0 && oldFiles.size > 0;
  assert.ok(isOld || isNew || mayBeMixed, `the export has ${[...files.keys()]}`);
  assert.ok(
    existsSync(join(logs, "s.jsonl")) && readFileSync(join(logs, "s.jsonl")).equals(before),
  );

  await exportTo(to, logs, kind, ["--force"]);
  const again = filesOf(to, kind);
  assert.deepEqual([...again.files.keys()], [...wholeFiles.keys()]);
  for (const [path, bytes] of again.files) assert.ok(wholeFiles.get(path)?.equals(bytes), path);
  rmSync(to, { recursive: true });
  if (signal !== "SIGKILL") return 0;
  const met = {
    "before it wrote": 0,
    "while it wrote": 0,
    "while it replaced": 0,
    "when complete": 0,
  };
  if (isNew && !isCut) met["when complete"] = 1;
  else if (!isOld) met["while it replaced"] = 1;
  else met[isCut ? "while it wrote" : "before it wrote"] = 1;
  return { units: 1, met };
}
