// Runs the rows of docs/evidence.md: harnesses that try to break what the package promises.
//
//   npm run evidence                                 lists the rows
//   npm run evidence -- ROW                          runs a row to its full count, or continues it
//   npm run evidence -- ROW --count 5000             … to another count
//   npm run evidence -- ROW --seed 7                 … with this seed, from the first case
//   npm run evidence -- ROW --seed 7 --case 1234     runs one case again
//   npm run evidence -- ROW --write                  … and writes its figures into docs/evidence.md
//   npm run evidence -- --write                      writes the rows that the page lacks
//
// target/evidence/ROW.json keeps how far a row came, and ROW-SEED.json how far it came with a seed that
// was given. A run continues there, or starts anew when the package's code or the row's was changed
// since.

import { createHash, randomInt } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

import { Failure, output, root, say, script } from "./command.js";
import { cellsOf, tableLine, withTable } from "./page-table.js";
import { SKIPPED } from "../tests/evidence/row.js";

/** @import { OpenedRow, Row } from "../tests/evidence/row.js" */

/**
 * How far a row came.
 *
 * @typedef {object} Progress
 * @property {string} code what was run: see `codeOf`
 * @property {number} seed
 * @property {number} next the number of the next case
 * @property {number} units counted so far
 * @property {Record<string, number>} met what cases met so far, and how often
 * @property {number} failed how many times a case broke a promise
 * @property {number} seconds taken so far
 * @property {boolean} isComplete whether all cases were run
 */

/** Milliseconds between two times that progress is shown and kept. */
const SAVE_INTERVAL = 5000;

const rowsFolder = join(root, "tests", "evidence");

/**
 * Returns all rows, by name. A file of the folder is a row's when it exports `row`.
 *
 * @param {string} [folder]
 * @returns {Promise<Row[]>}
 */
export async function readRows(folder = rowsFolder) {
  const rows = [];
  for (const file of readdirSync(folder).sort()) {
    const path = join(folder, file);
    if (!file.endsWith(".js") || !/^export const row\b/m.test(readFileSync(path, "utf8"))) continue;
    /** @type {{ row: Row }} */
    const { row } = await import(pathToFileURL(path).href);
    if (file !== `${row.name}.js`) throw new Failure(`${path} has the row ${row.name}`);
    rows.push(row);
  }
  return rows;
}

/**
 * Returns the command that runs one case again.
 *
 * @param {Row} row
 * @param {number} seed
 * @param {number} number
 */
export function replayOf(row, seed, number) {
  return `npm run evidence -- ${row.name} --seed ${seed} --case ${number}`;
}

/** How long a signal may take to come, in milliseconds. */
const SIGNAL_TIME = 500;

/**
 * Runs cases until they count for enough units, or until there are no more cases. A failed case is
 * counted, and is the first one of the next run.
 *
 * @param {Row} row
 * @param {Progress} progress changed after each case
 * @param {object} options
 * @param {number} options.count
 * @param {() => void} [options.onCase] called after each case
 * @param {() => boolean} [options.isStopped]
 * @throws {Error} of a case that breaks a promise, with the command that runs the case again. Not
 *   when it was stopped, because Ctrl-C ends the processes of the case too
 */
export async function runCases(row, progress, { count, onCase, isStopped }) {
  const opened = await row.open(progress.seed);
  const { cases = Infinity } = opened;
  let last = performance.now();
  let isFailed = false;
  try {
    while (progress.units < count && progress.next < cases && !isStopped?.()) {
      const outcome = await runCase(row, opened, progress.seed, progress.next);
      const { units, met } = typeof outcome === "number" ? { units: outcome, met: {} } : outcome;
      progress.units += units;
      for (const [name, count] of Object.entries(met))
        progress.met[name] = (progress.met[name] ?? 0) + count;
      progress.next += 1;
      const now = performance.now();
      progress.seconds += (now - last) / 1000;
      last = now;
      onCase?.();
    }
    progress.isComplete = progress.next >= cases;
  } catch (error) {
    // A process of the case may have ended by the signal that has not come here yet.
    if (isStopped) await pause(SIGNAL_TIME);
    isFailed = !isStopped?.();
    if (isFailed) {
      progress.failed += 1;
      throw error;
    }
  } finally {
    const closed = Promise.resolve(opened.close?.(isFailed));
    await (isStopped?.() ? closed.catch(() => {}) : closed);
  }
}

/**
 * @param {Row} row
 * @param {OpenedRow} opened
 * @param {number} seed
 * @param {number} number
 */
async function runCase(row, opened, seed, number) {
  try {
    return await opened.run(number);
  } catch (error) {
    if (error instanceof Error) {
      const replay = `\nreplay: ${replayOf(row, seed, number)}`;
      error.message += replay;
      // Node shows the stack, which has the message as it was.
      error.stack = `${error.stack}${replay}`;
    }
    throw error;
  }
}

/**
 * Returns progress at the first case.
 *
 * @param {string} code
 * @param {number} seed
 * @returns {Progress}
 */
export function firstProgress(code, seed) {
  return { code, seed, next: 0, units: 0, met: {}, failed: 0, seconds: 0, isComplete: false };
}

/**
 * Returns the progress that a run continues: what was kept, if it was of the same code and seed.
 *
 * @param {string} path of what was kept
 * @param {string} code
 * @param {number} [seed] the kept one if it is not given, else a new one
 */
export function continued(path, code, seed) {
  /** @type {Progress | null} */
  const kept = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : null;
  if (kept?.code === code && (seed === undefined || kept.seed === seed))
    return { ...firstProgress(code, kept.seed), ...kept };
  return firstProgress(code, seed ?? randomInt(2 ** 32));
}

/**
 * Keeps progress in a file, which is never torn.
 *
 * @param {string} path
 * @param {Progress} progress
 */
export function keep(path, progress) {
  writeFileSync(`${path}.new`, `${JSON.stringify(progress)}\n`);
  renameSync(`${path}.new`, path);
}

/** What is the package, and what builds it. */
const packagePaths = ["js", "src", "Cargo.toml", "Cargo.lock"];

/** Matches where a module names another file. */
const NAMED_FILE =
  /(?:from|import\(?|new URL\()\s*["'](?<relative>\.{1,2}\/[^"']+|[\w-]+\.js)["']/g;

/**
 * Returns the paths of the code whose change makes the counts of a row void: the package, and the
 * modules and workers that the row loads.
 *
 * @param {Row} row
 * @returns {string[]} below the project's folder
 */
export function codePaths({ name, code = [] }) {
  const files = new Set([join(rowsFolder, `${name}.js`)]);
  // A set that grows while it is walked is walked to its end.
  for (const file of files) {
    for (const { groups } of readFileSync(file, "utf8").matchAll(NAMED_FILE)) {
      const path = join(dirname(file), groups?.relative ?? "");
      const isModule = path.endsWith(".js") && existsSync(path);
      if (isModule && path.startsWith(join(root, "tests"))) files.add(path);
    }
  }
  const own = [...files].map((file) => relative(root, file).replaceAll("\\", "/"));
  return [...packagePaths, ...code, ...own.sort()];
}

/**
 * Returns a hash of the code that a row runs, also of what is not committed.
 *
 * @param {Row} row
 */
function codeOf(row) {
  const paths = codePaths(row);
  const files = ["ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", ...paths];
  const hash = createHash("sha256");
  for (const file of git(files).split("\0").filter(Boolean).sort()) {
    const path = join(root, file);
    if (existsSync(path)) hash.update(`${file}\0`).update(readFileSync(path));
  }
  return hash.digest("hex");
}

/** @param {string[]} args */
function git(args) {
  const text = output("git", args);
  if (text === null) throw new Failure(`evidence: cannot run git ${args[0]}, which names the code`);
  return text;
}

/** What a table's line has for a row that was never run. */
const NOT_RUN = ["not run yet", "", "", ""];

/** Around the table of rows. */
const marks = {
  start: "<!-- figures: written by `npm run evidence -- ROW --write` -->",
  end: "<!-- end of the figures -->",
};

/**
 * Returns the page with a line for each row. Lines keep their figures, except that of the row that
 * was run.
 *
 * @param {string} page
 * @param {Row[]} rows
 * @param {{ name: string, figures: string[] }} [ran]
 */
export function withFigures(page, rows, ran) {
  const old = figuresOf(page);
  const lines = rows.map(({ name, about, counts }) => {
    const figures = ran?.name === name ? ran.figures : (old.get(name) ?? NOT_RUN);
    return tableLine([`\`${name}\``, `${about} (counts ${counts})`, ...figures]);
  });
  return withTable(page, marks, [
    tableLine(["row", "what it does", "count", "seed", "date", "commit"]),
    tableLine(["---", "---", "--:", "--:", "---", "---"]),
    ...lines,
  ]);
}

/**
 * Returns the figures of each row of a page: its count, seed, date and commit.
 *
 * @param {string} page
 */
export function figuresOf(page) {
  return new Map(
    cellsOf(page, marks).map(([name, , ...figures]) => [name.replaceAll("`", ""), figures]),
  );
}

/** @param {number} number */
const grouped = (number) => number.toLocaleString("en");

/** @param {Record<string, number>} met */
function metText(met) {
  const parts = Object.entries(met).map(([name, count]) => `${grouped(count)} ${name}`);
  return parts.length > 0 ? ` (${parts.join(", ")})` : "";
}

/** @param {number} failed */
function failedText(failed) {
  return failed > 0 ? `, ${grouped(failed)} ${failed === 1 ? "failure" : "failures"}` : "";
}

/**
 * Says how far a row came.
 *
 * @param {Row} row
 * @param {Progress} progress
 */
function summaryOf({ counts }, { units, met, next, failed, seconds, seed }) {
  const rate = seconds > 0 ? ` (${grouped(Math.round(units / seconds))} a second)` : "";
  const counted = `${grouped(units)} ${counts}${metText(met)} in ${grouped(next)} cases`;
  return `${counted}${failedText(failed)}${rate}, seed ${seed}`;
}

/**
 * Returns whether a row ran all its cases, and skipped nothing within them.
 *
 * @param {Progress} progress
 */
function ranAll({ isComplete, met }) {
  return isComplete && !Object.keys(met).some((name) => name.startsWith(SKIPPED));
}

/**
 * Returns what the page says of a row's count.
 *
 * @param {Row} row
 * @param {Progress} progress
 */
export function countText({ counts }, progress) {
  const all = ranAll(progress) ? ", all cases" : "";
  const { units, failed, met } = progress;
  return `${grouped(units)} ${counts}${all}${failedText(failed)}${metText(met)}`;
}

/**
 * Runs a row to its count, continuing what was kept, and writes its figures if they are wanted.
 *
 * @param {Row} row
 * @param {{ seed?: number, count: number, write: boolean }} options
 */
async function runRow(row, { seed, count, write }) {
  const folder = join(root, "target", "evidence");
  mkdirSync(folder, { recursive: true });
  const path = join(folder, seed === undefined ? `${row.name}.json` : `${row.name}-${seed}.json`);
  const code = codeOf(row);
  // A figure names a commit, which must have what was run.
  const changed = git(["status", "--porcelain", "--", ...codePaths(row)]);
  if (write && changed !== "")
    throw new Failure(`evidence: commit these first, because --write names a commit:\n${changed}`);
  const progress = continued(path, code, seed);
  if (progress.next > 0) say(`evidence: continues after case ${progress.next - 1}`);
  let saved = performance.now();
  let isStopped = false;
  const stop = () => (isStopped = true);
  process.on("SIGINT", stop).on("SIGTERM", stop);
  try {
    await runCases(row, progress, {
      count,
      isStopped: () => isStopped,
      onCase() {
        if (performance.now() - saved < SAVE_INTERVAL) return;
        keep(path, progress);
        say(`evidence: ${row.name}: ${summaryOf(row, progress)}`);
        saved = performance.now();
      },
    });
  } finally {
    keep(path, progress);
    process.off("SIGINT", stop).off("SIGTERM", stop);
  }
  const date = new Date().toISOString().slice(0, 10);
  const commit = git(["rev-parse", "--short=10", "HEAD"]);
  say(`evidence: ${row.name}: ${summaryOf(row, progress)}, ${date}, commit ${commit}`);
  if (isStopped) throw new Failure("evidence: stopped. The same command continues", 130);
  if (ranAll(progress)) say("evidence: these are all cases");
  if (!write) return;
  const figures = [countText(row, progress), String(progress.seed), date, `\`${commit}\``];
  await writePage({ name: row.name, figures });
}

/** @param {{ name: string, figures: string[] }} [ran] */
async function writePage(ran) {
  const path = join(root, "docs", "evidence.md");
  writeFileSync(path, withFigures(readFileSync(path, "utf8"), await readRows(), ran));
  say("evidence: wrote docs/evidence.md");
}

/**
 * Returns the number of an option.
 *
 * @param {string} name
 * @param {string | undefined} text
 * @param {number} least
 */
function numberOf(name, text, least) {
  if (text === undefined) return undefined;
  const number = Number(text.replaceAll("_", ""));
  if (Number.isSafeInteger(number) && number >= least) return number;
  throw new Failure(`evidence: --${name} takes a whole number from ${least}, not ${text}`, 2);
}

function parse() {
  try {
    return parseArgs({
      options: {
        seed: { type: "string" },
        case: { type: "string" },
        count: { type: "string" },
        write: { type: "boolean", default: false },
      },
      allowPositionals: true,
    });
  } catch (error) {
    throw new Failure(`evidence: ${/** @type {Error} */ (error).message}`, 2);
  }
}

async function main() {
  const { values, positionals } = parse();
  const [seed, number] = [numberOf("seed", values.seed, 0), numberOf("case", values.case, 0)];
  const rows = await readRows();
  if (positionals.length === 0 && values.write) {
    await writePage();
    return;
  }
  if (positionals.length === 0) {
    for (const { name, about } of rows) say(`${name}: ${about}`);
    return;
  }
  const row = rows.find(({ name }) => name === positionals[0]);
  if (!row || positionals.length > 1) {
    const names = rows.map(({ name }) => name).join(", ");
    throw new Failure(`evidence: no row ${positionals.join(" ")}. The rows are: ${names}`, 2);
  }
  const reason = row.skip?.();
  if (reason) throw new Failure(`evidence: ${row.name} cannot run here: ${reason}`);
  if (number === undefined) {
    const count = numberOf("count", values.count, 1) ?? row.full;
    await runRow(row, { seed, count, write: values.write });
    return;
  }
  if (seed === undefined) throw new Failure("evidence: --case needs the --seed of its run", 2);
  const progress = { ...firstProgress("", seed), next: number };
  let cases = 0;
  await runCases(row, progress, {
    count: Infinity,
    onCase: () => (cases += 1),
    isStopped: () => cases > 0,
  });
  if (cases === 0) throw new Failure(`evidence: ${row.name} has no case ${number}`, 2);
  say(`evidence: ${row.name}: case ${number} keeps every promise`);
}

script(import.meta.url, main);
