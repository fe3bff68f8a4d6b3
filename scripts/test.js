// Runs the checks, cheap ones first, and stops at the first that fails, with its exit status.
//
//   node scripts/test.js             what needs Node and Rust alone: `npm test`
//   node scripts/test.js --all       every step: `npm run test:all`
//   node scripts/test.js --rest      the steps of --all that `npm test` leaves out
//   node scripts/test.js clippy js   the steps that are named, in the order below
//   … --install                      installs what is missing of system packages, as root with apt-get

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { build, compressedSize, wasmLimit } from "./build.js";
import { Failure, limitRuns, root, run, say, script, wasmTarget } from "./command.js";
import { checkLayers } from "./layers.js";
import { browsers, packaging, setUp } from "./setup.js";

/** @import { Needs } from "./setup.js" */

/**
 * @typedef {object} Step
 * @property {number} budget minutes after which the step has failed: some times what it takes on
 *   two cores, because machines that check are busy
 * @property {boolean} [isRest] whether `npm test` leaves it out
 * @property {Needs} [needs] what it needs besides what building needs
 * @property {() => void | Promise<void>} run
 */

const deny = ["--", "-D", "warnings"];
/** What is compiled for the machine alone. */
const native = ["--features", "schema"];
/** Milliseconds after which one file of tests hangs: the longest takes 200 s while two cores have a load of 14. */
const fileLimit = 900_000;

/** The end of a test file's name whose tests take long, or run programs that have to be installed. */
const heavy = ".heavy.test.js";

/** @type {Record<string, Step>} */
export const steps = {
  fmt: {
    budget: 1,
    needs: { components: ["rustfmt"] },
    run() {
      run("cargo", ["fmt", "--check"]);
      npmTool("@biomejs/biome", "bin/biome", "format", ".");
    },
  },
  clippy: {
    budget: 4,
    needs: { components: ["clippy"] },
    run() {
      run("cargo", ["clippy", "--quiet", "--locked", "--all-targets", ...native, ...deny]);
      run("cargo", [
        "clippy",
        "--quiet",
        "--locked",
        "--all-targets",
        "--target",
        wasmTarget,
        ...deny,
      ]);
    },
  },
  layers: { budget: 1, run: checkLayers },
  eslint: { budget: 2, run: () => npmTool("eslint", "bin/eslint.js", "--max-warnings", "0", ".") },
  // Before types: the declarations of the glue are checked with the project's own.
  build: {
    budget: 4,
    async run() {
      await build();
      const size = compressedSize();
      if (size > wasmLimit)
        throw new Failure(`the wasm takes ${size} bytes compressed; ${wasmLimit} is the limit`);
    },
  },
  types: {
    budget: 2,
    run() {
      for (const folder of [".", "scripts", "bench", "tests"])
        npmTool("typescript", "bin/tsc", "-p", folder);
    },
  },
  scripts: { budget: 2, run: () => nodeTests(["tests/scripts"]) },
  rust: { budget: 5, run: () => run("cargo", ["test", "--quiet", "--locked", ...native]) },
  // No doc tests here: they are run natively, and each would be a wasm module of its own.
  // Nor --quiet: cargo passes it on, and wasm-bindgen's runner refuses it.
  wasm: {
    budget: 3,
    run: () => run("cargo", ["test", "--locked", "--lib", "--tests", "--target", wasmTarget]),
  },
  conformance: { budget: 1, run: () => nodeTests(["tests/conformance"]) },
  js: { budget: 3, run: () => nodeTests(["tests/js"]) },
  cli: { budget: 5, run: () => nodeTests(["tests/cli"]) },
  deny: {
    budget: 1,
    isRest: true,
    needs: { deny: true },
    // Not advisories: their database is not a registry's, so a workflow fetches it every day.
    run: () =>
      run(join(root, "target/tools/bin/cargo-deny"), [
        "--locked",
        "check",
        "bans",
        "licenses",
        "sources",
      ]),
  },
  heavy: {
    budget: 8,
    isRest: true,
    needs: { go: true, programs: ["strace", "zsh", "fish", "zstd", "mandoc", "python3"] },
    run: () => nodeTests(["tests/conformance", "tests/js", "tests/cli"], { ending: heavy }),
  },
  // One file at a time: they start many tabs, and measure how long these wait.
  browser: {
    budget: 15,
    isRest: true,
    needs: { programs: browsers },
    run: () => nodeTests(["tests/browser"], { files: 1 }),
  },
  faults: {
    budget: 7,
    isRest: true,
    needs: { programs: ["strace"] },
    run: () => nodeTests(["tests/faults"]),
  },
  bench: { budget: 1, isRest: true, run: () => nodeTests(["bench"]) },
  packaging: {
    budget: 11,
    isRest: true,
    needs: { programs: [...browsers, "zstd"], packages: packaging },
    run: () => nodeTests(["tests/packaging"]),
  },
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
 * Runs the files of tests below folders.
 *
 * @param {string[]} folders
 * @param {{ ending?: string, files?: number }} [options] `ending`: heavy tests, or all others;
 *   `files`: how many run at once: the tests start processes of their own, and CI has two cores
 */
function nodeTests(folders, { ending = ".test.js", files = 2 } = {}) {
  const tests = folders
    .flatMap(filesIn)
    .filter((file) => file.endsWith(ending) && file.endsWith(heavy) === (ending === heavy));
  if (tests.length === 0) throw new Failure(`no tests in ${folders.join(", ")}`);
  const options = [
    "--test",
    "--test-reporter=spec",
    `--test-concurrency=${files}`,
    `--test-timeout=${fileLimit}`,
  ];
  run(process.execPath, [...options, ...tests]);
}

/**
 * Returns the paths of all files below a folder, but those of packages.
 *
 * @param {string} folder
 */
function filesIn(folder) {
  if (!existsSync(join(root, folder))) return [];
  const files = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" });
  return files
    .filter((file) => !file.includes("node_modules"))
    .sort()
    .map((file) => join(folder, file));
}

/**
 * Runs the steps that the words of a command line name.
 *
 * @param {string[]} words
 */
async function test(words) {
  const flags = words.filter((word) => word.startsWith("--"));
  const names = words.filter((word) => !word.startsWith("--"));
  const wrongFlags = flags.filter((flag) => !["--all", "--rest", "--install"].includes(flag));
  if (wrongFlags.length > 0)
    throw new Failure(`unknown: ${wrongFlags.join(", ")}. There are: --all, --rest, --install`, 2);
  const wrongNames = names.filter((name) => !Object.hasOwn(steps, name));
  if (wrongNames.length > 0) {
    throw new Failure(
      `no such step: ${wrongNames.join(", ")}. There are: ${Object.keys(steps).join(", ")}`,
      2,
    );
  }
  const isWanted = (/** @type {string} */ name, /** @type {Step} */ { isRest = false }) => {
    if (names.length > 0) return names.includes(name);
    return flags.includes("--all") || isRest === flags.includes("--rest");
  };
  const wanted = Object.entries(steps).filter(([name, step]) => isWanted(name, step));
  const start = performance.now();
  setUp(
    wanted.flatMap(([, { needs = {} }]) => needs),
    { install: flags.includes("--install") },
  );
  for (const [name, step] of wanted) await runStep(name, step);
  say(`\nall passed in ${seconds(start)}`);
}

/**
 * Runs a step within its budget.
 *
 * @param {string} name
 * @param {Step} step
 */
async function runStep(name, { budget, run }) {
  const start = performance.now();
  const minutes = `${budget} ${budget === 1 ? "minute" : "minutes"}`;
  const isLate = () => performance.now() - start > budget * 60_000;
  say(`\n== ${name}`);
  limitRuns(budget * 60_000);
  try {
    await run();
    if (isLate()) throw new Failure(`all of ${name} passed, but too late`);
  } catch (error) {
    say(`== ${name}: FAILED after ${seconds(start)}`);
    if (!isLate() || !(error instanceof Failure)) throw error;
    throw new Failure(
      `${error.message}\n${name} took longer than its budget of ${minutes}, which is in scripts/test.js`,
    );
  } finally {
    limitRuns(Infinity);
  }
  say(`== ${name}: passed in ${seconds(start)}, of ${minutes}`);
}

/** @param {number} start */
function seconds(start) {
  return `${((performance.now() - start) / 1000).toFixed(1)} s`;
}

script(import.meta.url, () => test(process.argv.slice(2)));
