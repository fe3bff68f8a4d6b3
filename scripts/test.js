// Runs every check, cheap ones first, and stops at the first that fails, with its exit status.
//
//   node scripts/test.js               all of them
//   node scripts/test.js clippy js     those named, in the order below

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { build, compressedSize, wasmLimit } from "./build.js";
import { Failure, root, run, say, script, wasmTarget } from "./command.js";
import { checkLayers } from "./layers.js";
import { setUp } from "./setup.js";

const deny = ["--", "-D", "warnings"];
/** What is compiled for the machine alone. */
const native = ["--features", "schema"];
/** A file of tests that takes longer than so many milliseconds hangs: the longest takes 200 s while two cores have a load of 14. */
const fileLimit = 900_000;

/** @type {Record<string, () => void | Promise<void>>} */
const steps = {
  fmt: () => run("cargo", ["fmt", "--check"]),
  clippy() {
    run("cargo", ["clippy", "--quiet", "--locked", "--all-targets", ...native, ...deny]);
    run("cargo", ["clippy", "--quiet", "--locked", "--all-targets", "--target", wasmTarget, ...deny]);
  },
  layers: () => checkLayers(),
  eslint: () => npmTool("eslint", "bin/eslint.js", "--max-warnings", "0", "."),
  // Before types: the declarations of the glue are checked with ours.
  async build() {
    await build();
    const size = compressedSize();
    if (size > wasmLimit) throw new Failure(`the wasm takes ${size} bytes compressed; ${wasmLimit} is the limit`);
  },
  types: () => npmTool("typescript", "bin/tsc"),
  rust: () => run("cargo", ["test", "--quiet", "--locked", ...native]),
  // No doc tests here: they are run natively, and each would be a wasm module of its own.
  // Nor --quiet: cargo hands it on, and wasm-bindgen's runner refuses it.
  wasm: () => run("cargo", ["test", "--locked", "--lib", "--tests", "--target", wasmTarget]),
  conformance: () => nodeTests("tests/conformance"),
  js: () => nodeTests("tests/js"),
  cli: () => nodeTests("tests/cli"),
  // One file at a time: they start many tabs, and look at how long these wait.
  browser: () => nodeTests("tests/browser", 1),
  faults: () => nodeTests("tests/faults"),
  bench: () => nodeTests("bench"),
  packaging: () => nodeTests("tests/packaging"),
};

/**
 * @param {string} name
 * @param {string} bin the program inside the package
 * @param {...string} args
 */
function npmTool(name, bin, ...args) {
  run(process.execPath, [join(root, "node_modules", name, bin), ...args]);
}

/**
 * @param {string} path of a folder
 * @param {number} [files] how many at once: the suites start processes of their own, and a CI machine has two cores
 */
function nodeTests(path, files = 2) {
  const found = existsSync(join(root, path)) ? readdirSync(join(root, path), { recursive: true, encoding: "utf8" }) : [];
  const tests = found.filter((file) => file.endsWith(".test.js") && !file.includes("node_modules")).sort();
  if (tests.length === 0) throw new Failure(`no tests in ${path}`);
  const options = ["--test", "--test-reporter=spec", `--test-concurrency=${files}`, `--test-timeout=${fileLimit}`];
  run(process.execPath, [...options, ...tests.map((file) => join(path, file))]);
}

/** @param {string[]} names */
async function test(names) {
  const unknown = names.filter((name) => !Object.hasOwn(steps, name));
  if (unknown.length > 0) {
    throw new Failure(`no such step: ${unknown.join(", ")}. There are: ${Object.keys(steps).join(", ")}`, 2);
  }
  const start = performance.now();
  const isWanted = (/** @type {string} */ name) => names.length === 0 || names.includes(name);
  setUp({ tests: true, packaging: isWanted("packaging") });
  for (const [name, step] of Object.entries(steps)) {
    if (!isWanted(name)) continue;
    const stepStart = performance.now();
    say(`\n== ${name}`);
    try {
      await step();
    } catch (error) {
      say(`== ${name}: FAILED after ${seconds(stepStart)}`);
      throw error;
    }
    say(`== ${name}: passed in ${seconds(stepStart)}`);
  }
  say(`\nall passed in ${seconds(start)}`);
}

/** @param {number} start */
function seconds(start) {
  return `${((performance.now() - start) / 1000).toFixed(1)} s`;
}

script(import.meta.url, () => test(process.argv.slice(2)));
