// Runs the fuzz targets one after another. Shows how many inputs each tried and what it reached.
//
//   npm run fuzz                               each target for 60 seconds
//   npm run fuzz -- damage scan --seconds 600  the named targets, for 10 minutes each
//
// target/fuzz/corpus keeps inputs that reached something new, and the next run starts with them.
// target/fuzz/artifacts keeps inputs that crash: `npm run fuzz -- TARGET FILE` runs a single input.

import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { Failure, output, root, run, say, script } from "./command.js";

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
 */
function fuzz(target, options, inputs) {
  const command = ["fuzz", "run", target, "--target-dir", folder, ...inputs];
  run(
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
  fuzz(target, [...options, `-max_total_time=${seconds}`], corpus);
  say(`fuzz: what ${target} reached (cov: branches, ft: features, corp: inputs)`);
  fuzz(target, ["-runs=0", `-max_len=${maxBytes}`], corpus);
}

function parse() {
  try {
    return parseArgs({
      options: { seconds: { type: "string", default: "60" } },
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
    fuzz(first, [], inputs);
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
});
