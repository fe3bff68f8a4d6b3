// Runs the fuzz targets one after another. Shows how many inputs each tried and what it reached.
//
//   npm run fuzz                               each target for 60 seconds
//   npm run fuzz -- damage scan --seconds 600  the named targets, for 10 minutes each
//   npm run fuzz -- --write                    … and adds what was run to docs/evidence.md
//
// target/fuzz/corpus keeps inputs that reached something new, and the next run starts with them.
// target/fuzz/artifacts keeps inputs that crash: `npm run fuzz -- TARGET FILE` runs a single input.
// target/fuzz/executions.json counts the inputs that were tried and are not in docs/evidence.md yet,
// unless the code was not committed.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { Failure, output, root, run, runReporting, say, script } from "./command.js";
import { cellsOf, tableLine, withTable } from "./page-table.js";

/**
 * How many inputs a target tried, when it tried the last ones, and with which commit's code.
 *
 * @typedef {{ executions: number, date: string, commit: string }} Tried
 */

/** The version whose options this script uses. A newer version should do too. */
const cargoFuzzVersion = "0.13.2";

const tools = join(root, "target", "tools");
const cargoFuzz = join(tools, "bin", "cargo-fuzz");
/** For libFuzzer, whose instrumentation needs flags that stable Rust refuses. */
const nightly = { RUSTUP_TOOLCHAIN: "nightly" };
/** What cargo-fuzz writes, which would be in fuzz/ by default. */
const folder = join("target", "fuzz");

/** Longer inputs are slower and find no more, because the tests' longest log has about 4 KB. */
const maxBytes = 4096;

/** Counts the inputs that each target tried, until they are in docs/evidence.md. */
const countsFile = join(root, folder, "executions.json");

const targets = readdirSync(join(root, "fuzz", "fuzz_targets")).map((file) =>
  file.replace(/\.rs$/, ""),
);

function setUp() {
  if (output("rustup", ["run", "nightly", "rustc", "--version"]) === null) {
    throw new Failure(
      "fuzz: nightly Rust is missing. Run `rustup toolchain install nightly`, and run this again.",
    );
  }
  if (output(cargoFuzz, ["--version"]) !== null) return;
  say(`fuzz: cargo-fuzz ${cargoFuzzVersion} is missing; building it once (about 2 minutes)`);
  run("cargo", [
    "install",
    "cargo-fuzz",
    "--version",
    cargoFuzzVersion,
    "--locked",
    "--quiet",
    "--root",
    tools,
  ]);
}

/**
 * Runs a target's program.
 *
 * @param {string} target
 * @param {string[]} options of libFuzzer
 * @param {string[]} inputs folders, of which libFuzzer writes to the first; or files, each run once
 * @param {(command: string, args: string[], env: Record<string, string>) => T} start
 * @template T
 */
function fuzz(target, options, inputs, start) {
  const command = ["fuzz", "run", target, "--target-dir", folder, ...inputs];
  return start(
    cargoFuzz,
    [...command, "--", ...options, `-artifact_prefix=${folder}/artifacts/${target}/`],
    nightly,
  );
}

/**
 * Runs a target with new inputs, and shows what it reached.
 *
 * @param {string} target
 * @param {number} seconds
 */
function explore(target, seconds) {
  const found = join(folder, "corpus", target);
  const kept = join("fuzz", "corpus", target);
  mkdirSync(join(root, found), { recursive: true });
  mkdirSync(join(root, folder, "artifacts", target), { recursive: true });
  const corpus = [found, kept].filter((path) => existsSync(join(root, path)));
  const options = [
    "-dict=fuzz/entry.dict",
    `-max_len=${maxBytes}`,
    "-verbosity=0",
    "-print_final_stats=1",
  ];
  say(`\nfuzz: ${target}, for ${seconds} seconds`);
  try {
    const report = fuzz(target, [...options, `-max_total_time=${seconds}`], corpus, runReporting);
    count(target, executionsOf(report));
  } catch (error) {
    // What was tried before a crash counts too.
    if (error instanceof Failure && EXECUTIONS.test(error.report))
      count(target, executionsOf(error.report));
    throw error;
  }
  say(`fuzz: what ${target} reached (cov: branches, ft: features, corp: inputs)`);
  fuzz(target, ["-runs=0", `-max_len=${maxBytes}`], corpus, run);
}

/** Matches how many inputs a run tried. */
const EXECUTIONS = /^stat::number_of_executed_units:\s*(\d+)$/m;

/**
 * Returns how many inputs a run tried, as libFuzzer reports it.
 *
 * @param {string} report
 */
export function executionsOf(report) {
  const [, executions] = EXECUTIONS.exec(report) ?? [];
  if (executions === undefined) throw new Failure("fuzz: the run reports no number of executions");
  return Number(executions);
}

/** @returns {Record<string, Tried>} what each target tried that the page lacks */
function counted() {
  return existsSync(countsFile) ? JSON.parse(readFileSync(countsFile, "utf8")) : {};
}

/** @param {string} target @param {number} executions */
function count(target, executions) {
  if (changedCode() !== "") {
    say(`fuzz: these ${executions} executions are not counted, because the code is not committed`);
    return;
  }
  const counts = counted();
  counts[target] = {
    executions: (counts[target]?.executions ?? 0) + executions,
    date: new Date().toISOString().slice(0, 10),
    commit: output("git", ["rev-parse", "--short=10", "HEAD"]) ?? "",
  };
  writeFileSync(countsFile, `${JSON.stringify(counts)}\n`);
}

/** Returns what git says of the targets' code that is not committed. */
function changedCode() {
  const paths = ["src", "fuzz", "Cargo.toml", "Cargo.lock"];
  return output("git", ["status", "--porcelain", "--", ...paths]) ?? "git cannot run";
}

/** Around the table of targets. */
const marks = {
  start: "<!-- executions: added by `npm run fuzz -- --write` -->",
  end: "<!-- end of the executions -->",
};

/**
 * Returns the page with more executions in its table. It has a line for each target, also for those
 * that are gone.
 *
 * @param {string} page
 * @param {Record<string, string>} about what each target checks, by its name
 * @param {Record<string, Tried>} tried what is added
 */
export function withExecutions(page, about, tried) {
  const old = new Map(
    cellsOf(page, marks).map(([name, checks, executions, date, commit]) => [
      name.replaceAll("`", ""),
      { checks, executions: Number(executions.replaceAll(",", "")), date, commit },
    ]),
  );
  let sum = 0;
  const lines = [...new Set([...Object.keys(about), ...old.keys()])].map((target) => {
    const before = old.get(target);
    const added = tried[target];
    const executions = (before?.executions ?? 0) + (added?.executions ?? 0);
    sum += executions;
    const [date, commit] = added
      ? [added.date, `\`${added.commit}\``]
      : [before?.date ?? "", before?.commit ?? ""];
    const checks = about[target] ?? before?.checks ?? "";
    return tableLine([`\`${target}\``, checks, executions.toLocaleString("en"), date, commit]);
  });
  return withTable(page, marks, [
    tableLine(["target", "what it checks", "executions", "last", "commit"]),
    tableLine(["---", "---", "--:", "---", "---"]),
    ...lines,
    tableLine(["all", "", sum.toLocaleString("en"), "", ""]),
  ]);
}

/** Returns what each target checks: the first line of its file. */
function aboutTargets() {
  return Object.fromEntries(
    targets.map((target) => {
      const [first] = readFileSync(join(root, "fuzz", "src", `${target}.rs`), "utf8").split("\n");
      return [target, first.replace(/^\/\/! /, "").replace(/\.$/, "")];
    }),
  );
}

function writePage() {
  const path = join(root, "docs", "evidence.md");
  writeFileSync(path, withExecutions(readFileSync(path, "utf8"), aboutTargets(), counted()));
  writeFileSync(countsFile, "{}\n");
  say("fuzz: added the executions to docs/evidence.md");
}

function parse() {
  try {
    return parseArgs({
      options: {
        seconds: { type: "string", default: "60" },
        write: { type: "boolean", default: false },
      },
      allowPositionals: true,
    });
  } catch (error) {
    throw new Failure(`fuzz: ${/** @type {Error} */ (error).message}`, 2);
  }
}

script(import.meta.url, () => {
  const { values, positionals } = parse();
  const seconds = Number(values.seconds);
  if (!Number.isInteger(seconds) || seconds < 1)
    throw new Failure(`fuzz: --seconds takes a whole number above 0, not ${values.seconds}`, 2);
  const [first, ...inputs] = positionals;
  const isReplay =
    inputs.length > 0 && inputs.every((input) => !targets.includes(input) && existsSync(input));
  const named = isReplay ? [first] : positionals;
  const unknown = named.filter((name) => !targets.includes(name));
  if (unknown.length > 0) {
    throw new Failure(
      `fuzz: unknown target ${unknown.join(" ")}. The targets are: ${targets.join(", ")}`,
      2,
    );
  }
  if (values.write && changedCode() !== "")
    throw new Failure(
      `fuzz: commit these first, because --write names a commit:\n${changedCode()}`,
    );
  setUp();
  if (isReplay) {
    fuzz(first, [], inputs, run);
    return;
  }
  const failed = [];
  for (const target of named.length > 0 ? named : targets) {
    try {
      explore(target, seconds);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      say(error.message);
      failed.push(target);
    }
  }
  if (failed.length > 0) {
    throw new Failure(
      `fuzz: ${failed.join(", ")} failed. Inputs that crash are in ${folder}/artifacts`,
    );
  }
  say("\nfuzz: no crashes");
  if (values.write) writePage();
});
