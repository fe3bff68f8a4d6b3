// Changes the code in one place at a time, and counts how many of these mutants the tests notice.
//
//   npm run mutants -- rust                     mutates the core, with cargo-mutants
//   npm run mutants -- rust src/scan.rs         … this file alone
//   npm run mutants -- rust --shard 0/8         … every eighth mutant, from the first
//   npm run mutants -- js                       mutates the files of tests/mutants/groups.js, with
//                                               StrykerJS
//   npm run mutants -- js js/damage/repair.js   … this file alone
//   … --survivors                               … only those that survived before
//   … --write                                   … and writes what is kept into docs/evidence.md
//   npm run mutants -- --write                  writes what is kept
//
// target/mutants/results.json keeps what became of each mutant, until its file changes. A survivor
// needs a test, or a reason in tests/mutants/survivors.json. The command fails when it has neither.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { build } from "./build.js";
import { Failure, output, root, run, say, script } from "./command.js";
import { cellsOf, tableLine, withTable } from "./page-table.js";
import { setUp } from "./setup.js";
import { groups } from "../tests/mutants/groups.js";

/**
 * What became of a mutant. A mutant that does not compile is not viable, and counts nowhere.
 *
 * @typedef {"killed" | "timed out" | "survived" | "not viable"} Outcome
 */

/**
 * @typedef {object} Mutant
 * @property {string} at its place: the line and column of its first character
 * @property {string} code the line of code that it changes
 * @property {string} mutant what it changes
 * @property {Outcome} outcome
 */

/**
 * What became of the mutants of a file.
 *
 * @typedef {object} FileResult
 * @property {string} code a hash of the file
 * @property {number} all how many mutants the file has
 * @property {string} date of the last run
 * @property {string} commit
 * @property {Record<string, Mutant>} mutants those that ran, by their place and change
 */

/** @typedef {Record<string, FileResult>} Results by the file's path */

/**
 * Why mutants survive: the file → lines of code in it, what changes there, and the reason.
 *
 * @typedef {Record<string, { code: string, mutants: string[], why: string }[]>} Reasons
 */

const folder = join("target", "mutants");
const resultsFile = join(root, folder, "results.json");
const survivorsFile = join("tests", "mutants", "survivors.json");

/**
 * Limits of each process that compiles or tests a mutant of the core, because a mutant may never
 * end: kilobytes of memory, and seconds of a core. Without a mutant, no process takes a quarter.
 */
const [memoryLimit, secondsLimit] = [6_000_000, 120];

/** @param {string} file */
const read = (file) => readFileSync(join(root, file), "utf8");

/** @param {string} text */
const hashOf = (text) => createHash("sha256").update(text).digest("hex");

/**
 * Reads what cargo-mutants found.
 *
 * @param {{ outcomes: { scenario: any, summary: string }[] }} report its outcomes.json
 * @param {(file: string) => string} source returns a file's text
 * @returns {Record<string, Mutant[]>} by the file's path
 */
export function fromCargoMutants({ outcomes }, source) {
  /** @type {Record<string, Outcome>} */
  const named = {
    CaughtMutant: "killed",
    MissedMutant: "survived",
    Timeout: "timed out",
    Unviable: "not viable",
  };
  /** @type {Record<string, Mutant[]>} */
  const found = {};
  for (const { scenario, summary } of outcomes) {
    const outcome = named[summary];
    if (!scenario.Mutant || !outcome) continue;
    const { file, span, name } = scenario.Mutant;
    const { line, column } = span.start;
    (found[file] ??= []).push({
      at: `${line}:${column}`,
      code: source(file).split("\n")[line - 1].trim(),
      // Without the place, which is before the change.
      mutant: name.replace(/^[^ ]* /, ""),
      outcome,
    });
  }
  return found;
}

/**
 * Reads what StrykerJS found.
 *
 * @param {{ files: Record<string, { source: string, mutants: any[] }> }} report in its JSON
 * @returns {Record<string, Mutant[]>} by the file's path
 */
export function fromStryker({ files }) {
  /** @type {Record<string, Outcome>} */
  const named = {
    Killed: "killed",
    Timeout: "timed out",
    Survived: "survived",
    NoCoverage: "survived",
    CompileError: "not viable",
    RuntimeError: "not viable",
  };
  /** @type {Record<string, Mutant[]>} */
  const found = {};
  for (const [file, { source, mutants }] of Object.entries(files)) {
    const lines = source.split("\n");
    found[file] = mutants
      .filter(({ status }) => named[status])
      .map(({ location: { start, end }, mutatorName, replacement, status }) => ({
        at: `${start.line}:${start.column}-${end.line}:${end.column}`,
        code: lines[start.line - 1].trim(),
        mutant: `${mutatorName} ${replacement.replaceAll(/\s+/g, " ")}`,
        outcome: named[status],
      }));
  }
  return found;
}

/**
 * Adds what became of mutants to what is kept of their file.
 *
 * @param {FileResult | undefined} kept
 * @param {Mutant[]} mutants
 * @param {Omit<FileResult, "mutants">} now
 * @returns {FileResult}
 */
export function withMutants(kept, mutants, now) {
  const before = kept?.code === now.code ? kept.mutants : {};
  const added = Object.fromEntries(mutants.map((each) => [`${each.at} ${each.mutant}`, each]));
  return { ...now, mutants: { ...before, ...added } };
}

/**
 * Returns the mutants of a file that survived without a reason.
 *
 * @param {string} file
 * @param {FileResult} result
 * @param {Reasons} reasons
 */
export function unexplained(file, { mutants }, reasons) {
  return Object.values(mutants).filter(
    ({ code, mutant, outcome }) =>
      outcome === "survived" &&
      !reasons[file]?.some((each) => each.code === code && each.mutants.includes(mutant)),
  );
}

/** Around the table of files. */
const marks = {
  start: "<!-- mutants: written by `npm run mutants -- --write` -->",
  end: "<!-- end of the mutants -->",
};

/** Each language: the title of its sums, and how its files start. */
const sums = { rust: ["sum of `src/`", "src/"], js: ["sum of `js/`", "js/"] };

/**
 * Returns the page with a line for each file whose mutants ran, and the sums.
 *
 * @param {string} page
 * @param {Results} results of the files whose lines are new
 * @param {Reasons} reasons
 */
export function withResults(page, results, reasons) {
  const lines = new Map(cellsOf(page, marks).map((cells) => [cells[0].replaceAll("`", ""), cells]));
  for (const [file, result] of Object.entries(results)) {
    const mutants = Object.values(result.mutants);
    const count = (/** @type {Outcome} */ outcome) =>
      mutants.filter((each) => each.outcome === outcome).length;
    const numbers = [
      count("killed"),
      count("timed out"),
      count("survived"),
      unexplained(file, result, reasons).length,
      result.all - mutants.length,
    ].map(grouped);
    lines.set(file, [`\`${file}\``, ...numbers, result.date, `\`${result.commit}\``]);
  }
  const ordered = [...lines].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, cells]) => cells);
  const totals = Object.values(sums).flatMap(([title, start]) => {
    const own = ordered.filter(([file]) => file.startsWith(`\`${start}`));
    if (own.length === 0) return [];
    const sum = [1, 2, 3, 4, 5].map((at) =>
      own.reduce((all, cells) => all + numberIn(cells[at]), 0),
    );
    const [killed, late, survived] = sum;
    const share = ((100 * (killed + late)) / (killed + late + survived)).toFixed(1);
    return [tableLine([`${title}: ${share} % noticed`, ...sum.map(grouped), "", ""])];
  });
  return withTable(page, marks, [
    tableLine([
      "file",
      "killed",
      "timed out",
      "survived",
      "unexplained",
      "not run",
      "date",
      "commit",
    ]),
    tableLine(["---", "--:", "--:", "--:", "--:", "--:", "---", "---"]),
    ...ordered.map(tableLine),
    ...totals,
  ]);
}

/** @param {number} number */
const grouped = (number) => number.toLocaleString("en");

/** @param {string} cell */
const numberIn = (cell) => Number(cell.replaceAll(",", ""));

/** @returns {Results} of files that have not changed since */
function kept() {
  if (!existsSync(resultsFile)) return {};
  const all = Object.entries(
    /** @type {Results} */ (JSON.parse(readFileSync(resultsFile, "utf8"))),
  );
  return Object.fromEntries(
    all.filter(([file, { code }]) => existsSync(join(root, file)) && hashOf(read(file)) === code),
  );
}

/**
 * Keeps what became of mutants.
 *
 * @param {Record<string, Mutant[]>} found
 * @param {(file: string) => number} countOf returns how many mutants a file has
 */
function keep(found, countOf) {
  const results = kept();
  const date = new Date().toISOString().slice(0, 10);
  const commit = output("git", ["rev-parse", "--short=10", "HEAD"]) ?? "";
  for (const [file, mutants] of Object.entries(found)) {
    const now = { code: hashOf(read(file)), all: countOf(file), date, commit };
    results[file] = withMutants(results[file], mutants, now);
  }
  writeFileSync(resultsFile, JSON.stringify(results));
}

/** @param {string} file @returns {Mutant[]} */
function survivorsOf(file) {
  const mutants = Object.values(kept()[file]?.mutants ?? {});
  return mutants.filter(({ outcome }) => outcome === "survived");
}

/**
 * Runs a command whose failure may only say that mutants survived.
 *
 * @param {number[]} codes exit statuses that say so
 * @param {() => void} command
 */
function tolerating(codes, command) {
  try {
    command();
  } catch (error) {
    if (!(error instanceof Failure) || !codes.includes(error.exitCode)) throw error;
  }
}

/**
 * @param {string[]} files all if there are none
 * @param {{ shard?: string, survivors: boolean }} options
 */
function mutateRust(files, { shard, survivors }) {
  setUp([{ mutants: true }]);
  const program = join(root, "target", "tools", "bin", "cargo-mutants");
  const chosen = files.flatMap((file) => ["--file", file]);
  const listed = output(program, ["mutants", "--list", "--json", ...chosen]);
  /** @type {{ file: string, name: string }[]} */
  const all = JSON.parse(listed ?? "[]");
  if (all.length === 0) throw new Failure(`mutants: there are none in ${files.join(", ")}`, 2);
  const again = survivors
    ? all.filter(({ file, name }) =>
        survivorsOf(file).some(({ at, mutant }) => name === `${file}:${at}: ${mutant}`),
      )
    : [];
  if (survivors && again.length === 0) return;
  const work = join(root, folder, "tmp");
  const to = join(root, folder, "rust");
  rmSync(to, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const options = [
    "--no-shuffle",
    "--cap-lints=true",
    // `npm test` runs the tests without a mutant.
    "--baseline=skip",
    // On a busy machine, seconds say little of a test: `secondsLimit` ends those that never end.
    "--timeout=3600",
    ...(shard ? [`--shard=${shard}`] : []),
    ...again.map(({ name }) => `--re=^${name.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&")}$`),
  ];
  const limited = [
    "-c",
    `ulimit -v ${memoryLimit}; ulimit -t ${secondsLimit}; exec nice -n 19 "$@"`,
    "sh",
    program,
    "mutants",
  ];
  try {
    // 2: some survived. 3: some never ended.
    tolerating([2, 3], () =>
      run("sh", [...limited, "--output", to, ...options, ...chosen], {
        TMPDIR: work,
        // Shared by all runs, so that the dependencies are compiled once.
        CARGO_TARGET_DIR: join(root, folder, "cargo"),
        CARGO_PROFILE_TEST_DEBUG: "0",
        // A mutant needs no small example, and no example that was kept for an earlier one.
        PROPTEST_MAX_SHRINK_ITERS: "0",
        PROPTEST_DISABLE_FAILURE_PERSISTENCE: "true",
      }),
    );
  } finally {
    const outcomes = join(to, "mutants.out", "outcomes.json");
    if (existsSync(outcomes))
      keep(
        fromCargoMutants(JSON.parse(readFileSync(outcomes, "utf8")), read),
        (file) => all.filter((each) => each.file === file).length,
      );
  }
}

/**
 * @param {string[]} files all if there are none
 * @param {{ survivors: boolean }} options
 */
async function mutateJs(files, { survivors }) {
  const known = Object.values(groups).flatMap((group) => group.files);
  const unknown = files.filter((file) => !known.includes(file));
  if (unknown.length > 0)
    throw new Failure(`mutants: tests/mutants/groups.js lacks ${unknown.join(", ")}`, 2);
  setUp([{ packages: ["tests/mutants"] }]);
  await build();
  for (const file of files.length > 0 ? files : known) {
    const ranges = survivors ? survivorsOf(file).map(({ at }) => rangeOf(file, at)) : [file];
    if (ranges.length > 0) mutateFile(file, ranges);
  }
}

/**
 * Returns a place of a report as Stryker's options have it: there, columns are counted from 0.
 *
 * @param {string} file
 * @param {string} at
 */
export function rangeOf(file, at) {
  const place = at.replaceAll(/:(\d+)/g, (_, column) => `:${Number(column) - 1}`);
  return `${file}:${place}`;
}

/**
 * Mutates a file of JavaScript.
 *
 * @param {string} file
 * @param {string[]} ranges of the file, or the file
 */
function mutateFile(file, ranges) {
  const { tests = [] } = Object.values(groups).find((group) => group.files.includes(file)) ?? {};
  const [config, report] = ["stryker.json", "report.json"].map((name) => join(folder, name));
  mkdirSync(join(root, folder, "tmp"), { recursive: true });
  rmSync(join(root, report), { force: true });
  writeFileSync(
    join(root, config),
    JSON.stringify({
      testRunner: "command",
      commandRunner: { command: ["node", "tests/mutants/until-failure.js", ...tests].join(" ") },
      // All mutants are in one build. Stryker switches one on by an environment variable.
      buildCommand: "node tests/mutants/bundle.js",
      mutate: ranges,
      ignorePatterns: ["/target", "/fuzz", "/bench", "/viewer", "/simulator", "/tests/packaging"],
      plugins: [],
      // Stryker reads one with a version of TypeScript that has an API. It needs none.
      tsconfigFile: join(folder, "none.json"),
      disableTypeChecks: false,
      // The tests wait more than they compute.
      concurrency: 3,
      // Long, because on a busy machine a test may take some times as long as without a mutant.
      timeoutMS: 60_000,
      timeoutFactor: 3,
      reporters: ["json", "progress-append-only"],
      jsonReporter: { fileName: report },
      tempDirName: join(folder, "sandbox"),
      cleanTempDir: "always",
      allowConsoleColors: false,
    }),
  );
  const stryker = join("tests", "mutants", "node_modules", "@stryker-mutator", "core", "bin");
  run("nice", ["-n", "19", process.execPath, join(stryker, "stryker.js"), "run", config], {
    TMPDIR: join(root, folder, "tmp"),
  });
  const found = fromStryker(JSON.parse(read(report)));
  const before = kept()[file];
  // Ranges have some of the mutants alone.
  keep(found, () => (ranges[0] === file ? found[file].length : (before?.all ?? 0)));
}

/** Says which mutants survived without a reason. @param {string} start of the files' paths */
function report(start) {
  /** @type {Reasons} */
  const reasons = JSON.parse(read(survivorsFile));
  let count = 0;
  for (const [file, result] of Object.entries(kept())) {
    if (!file.startsWith(start)) continue;
    const mutants = Object.values(result.mutants);
    const viable = mutants.filter(({ outcome }) => outcome !== "not viable");
    const noticed = viable.filter(({ outcome }) => outcome !== "survived");
    say(`mutants: ${file}: ${noticed.length} of ${viable.length} noticed`);
    for (const { at, code, mutant } of unexplained(file, result, reasons)) {
      count += 1;
      say(`  ${at} ${mutant}\n    ${code}`);
    }
  }
  return count;
}

function writePage() {
  const path = join(root, "docs", "evidence.md");
  const page = readFileSync(path, "utf8");
  writeFileSync(path, withResults(page, kept(), JSON.parse(read(survivorsFile))));
  say("mutants: wrote docs/evidence.md");
}

function parse() {
  try {
    return parseArgs({
      options: {
        shard: { type: "string" },
        survivors: { type: "boolean", default: false },
        write: { type: "boolean", default: false },
      },
      allowPositionals: true,
    });
  } catch (error) {
    throw new Failure(`mutants: ${/** @type {Error} */ (error).message}`, 2);
  }
}

async function main() {
  const { values, positionals } = parse();
  const [language, ...files] = positionals;
  const { shard, survivors, write } = values;
  if (language === undefined && write) {
    writePage();
    return;
  }
  if (language !== "rust" && language !== "js")
    throw new Failure("mutants: name what is mutated: rust or js", 2);
  if (shard !== undefined && (language === "js" || !/^\d+\/\d+$/.test(shard)))
    throw new Failure("mutants: --shard takes K/N, and works for rust alone", 2);
  if (write) {
    const changed = output("git", ["status", "--porcelain", "--", "src", "js", "tests"]) ?? "?";
    if (changed !== "")
      throw new Failure(`mutants: commit these first, because --write names a commit:\n${changed}`);
  }
  if (language === "rust") mutateRust(files, { shard, survivors });
  else await mutateJs(files, { survivors });
  const count = report(sums[language][1]);
  if (write) writePage();
  if (count > 0)
    throw new Failure(
      `mutants: ${count} survived without a reason in ${survivorsFile}: they need a test, or a reason`,
    );
}

script(import.meta.url, main);
