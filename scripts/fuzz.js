// Runs the fuzz targets one after another. Shows how many inputs each tried and what it reached.
//
//   npm run fuzz                               each target for 60 seconds
//   npm run fuzz -- damage scan --seconds 600  the named targets, for 10 minutes each
//   npm run fuzz -- --write                    … and adds what was run to docs/evidence.md
//
// target/fuzz/corpus keeps inputs that reached something new, and the next run starts with them.
// target/fuzz/artifacts keeps inputs that crash: `npm run fuzz -- TARGET FILE` runs a single input.
// target/fuzz/executions.json counts the inputs that were tried and are not in docs/evidence.md yet.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { Failure, output, root, run, runReporting, say, script } from "./command.js";

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
  const report = fuzz(target, [...options, `-max_total_time=${seconds}`], corpus, runReporting);
  count(target, executionsOf(report));
  say(`fuzz: what ${target} reached (cov: branches, ft: features, corp: inputs)`);
  fuzz(target, ["-runs=0", `-max_len=${maxBytes}`], corpus, run);
}

/**
 * Returns how many inputs a run tried, as libFuzzer reports it.
 *
 * @param {string} report
 */
export function executionsOf(report) {
  const [, executions] = /^stat::number_of_executed_units:\s*(\d+)$/m.exec(report) ?? [];
  if (executions === undefined) throw new Failure("fuzz: the run reports no number of executions");
  return Number(executions);
}

/** @returns {Record<string, number>} the executions of each target that the page lacks */
function counted() {
  return existsSync(countsFile) ? JSON.parse(readFileSync(countsFile, "utf8")) : {};
}

/** @param {string} target @param {number} executions */
function count(target, executions) {
  const counts = counted();
  counts[target] = (counts[target] ?? 0) + executions;
  writeFileSync(countsFile, `${JSON.stringify(counts)}\n`);
}

const TABLE_START = "<!-- executions: added by `npm run fuzz -- --write` -->";
const TABLE_END = "<!-- end of the executions -->";

/**
 * Returns the page with more executions in its table, which has a line for each target.
 *
 * @param {string} page
 * @param {Record<string, string>} about what each target checks, by its name
 * @param {Record<string, number>} counts executions that are added
 * @param {{ date: string, commit: string }} last when the last of them ran, and with which code
 */
export function withExecutions(page, about, counts, { date, commit }) {
  const [start, end] = [page.indexOf(TABLE_START), page.indexOf(TABLE_END)];
  if (start < 0 || end < start) throw new Failure("docs/evidence.md lacks the marks of its table");
  const old = new Map(
    [...page.slice(start, end).matchAll(/^\| `(\w+)` \| .* \| ([\d,]+) \| (.*) \| (.*) \|$/gm)].map(
      ([, target, executions, ...when]) => [
        target,
        { executions: Number(executions.replaceAll(",", "")), when },
      ],
    ),
  );
  let sum = 0;
  const lines = Object.entries(about).map(([target, checks]) => {
    const { executions, when } = old.get(target) ?? { executions: 0, when: ["", ""] };
    const added = counts[target] ?? 0;
    sum += executions + added;
    const [day, code] = added > 0 ? [date, `\`${commit}\``] : when;
    return `| \`${target}\` | ${checks} | ${(executions + added).toLocaleString("en")} | ${day} | ${code} |`;
  });
  const head = [
    "| target | what it checks | executions | last | commit |",
    "| --- | --- | --: | --- | --- |",
  ];
  const total = `| all | | ${sum.toLocaleString("en")} | | |`;
  const table = [TABLE_START, "", ...head, ...lines, total, "", ""].join("\n");
  return page.slice(0, start) + table + page.slice(end);
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
  const last = {
    date: new Date().toISOString().slice(0, 10),
    commit: output("git", ["rev-parse", "--short=10", "HEAD"]) ?? "",
  };
  writeFileSync(path, withExecutions(readFileSync(path, "utf8"), aboutTargets(), counted(), last));
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
