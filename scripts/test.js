// Runs the checks, cheap ones first. Stops at the first check that fails, with its exit status.
//
//   node scripts/test.js             the steps that need Node and Rust alone: `npm test`
//   node scripts/test.js --all       every step: `npm run test:all`
//   node scripts/test.js --rest      the steps of --all that `npm test` leaves out
//   node scripts/test.js clippy js   the named steps, in the order below
//   … --install                      also installs missing system packages, as root with apt-get

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { browsers as oldestBrowsers, build, compressedSize, wasmLimit } from "./build.js";
import { checkViewerSizes } from "./bundle-viewer.js";
import { Failure, limitRuns, root, run, say, script, wasmTarget } from "./command.js";
import { checkLayers } from "./layers.js";
import { browsers, enginePrograms, packaging, setUp, withoutFuse } from "./setup.js";

/** @import { Needs } from "./setup.js" */

/**
 * @typedef {object} Step
 * @property {number} budget minutes after which the step fails: for a light step, at least three
 *   times what it takes on two idle cores, because machines that run checks are busy
 * @property {boolean} [isRest] whether `npm test` leaves it out
 * @property {Needs} [needs] what it needs besides what building needs
 * @property {() => void | Promise<void>} run
 */

/**
 * Minutes that a run may take, with its set-up. Its steps' budgets add up to more, because no run
 * is slow in every step.
 */
export const runLimit = 75;

const deny = ["--", "-D", "warnings"];
/** Options for what is compiled for the machine, and not for wasm. */
const native = ["--features", "schema"];
/**
 * Milliseconds after which a file of tests counts as hanging. The longest takes 200 s while two
 * cores have a load of 14.
 */
const fileLimit = 900_000;

/** How the name of a test file ends when its tests take long, or run programs to install first. */
const heavy = ".heavy.test.js";

/** @type {Record<string, Step>} */
export const steps = {
  fmt: {
    budget: 1,
    needs: { components: ["rustfmt"] },
    run() {
      run("cargo", ["fmt", "--check"]);
      run("cargo", ["fmt", "--check", "--manifest-path", "tests/fuse/Cargo.toml"]);
      run("cargo", ["fmt", "--check", "--manifest-path", "decompressor/Cargo.toml"]);
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
      const crate = ["--manifest-path", "decompressor/Cargo.toml", "--target-dir", "target"];
      run("cargo", ["clippy", "--quiet", "--locked", ...crate, "--target", wasmTarget, ...deny]);
    },
  },
  layers: { budget: 1, run: checkLayers },
  eslint: { budget: 2, run: () => npmTool("eslint", "bin/eslint.js", "--max-warnings", "0", ".") },
  // Before types, which checks the project's declarations with those of the glue.
  build: {
    budget: 6,
    async run() {
      await build();
      const size = compressedSize();
      if (size > wasmLimit)
        throw new Failure(
          `the wasm is ${size} bytes under gzip. Its limit in scripts/build.js is ${wasmLimit}`,
        );
      await checkViewerSizes(oldestBrowsers);
    },
  },
  types: {
    budget: 2,
    run() {
      for (const folder of [".", "viewer", "simulator", "scripts", "bench", "tests"])
        npmTool("typescript", "bin/tsc", "-p", folder);
    },
  },
  scripts: { budget: 1, run: () => nodeTests(["tests/scripts"]) },
  rust: {
    budget: 8,
    run() {
      run("cargo", ["test", "--quiet", "--locked", ...native]);
      const warnings = { RUSTDOCFLAGS: "-D warnings" };
      run("cargo", ["doc", "--quiet", "--locked", "--no-deps", "--lib", ...native], warnings);
    },
  },
  // Without doc tests, which `rust` runs, because each would be a wasm module of its own.
  // Without --quiet, because cargo passes it on and wasm-bindgen's runner refuses it.
  wasm: {
    budget: 4,
    run: () => run("cargo", ["test", "--locked", "--lib", "--tests", "--target", wasmTarget]),
  },
  conformance: { budget: 3, run: () => nodeTests(["tests/conformance"]) },
  js: { budget: 9, run: () => nodeTests(["tests/js"]) },
  cli: { budget: 9, run: () => nodeTests(["tests/cli"]) },
  deny: {
    budget: 2,
    isRest: true,
    needs: { deny: true },
    // Without advisories, because a workflow fetches their database every day.
    run() {
      for (const crate of ["Cargo.toml", "decompressor/Cargo.toml"])
        run(join(root, "target/tools/bin/cargo-deny"), [
          ...["--locked", "--manifest-path", crate],
          ...["check", "bans", "licenses", "sources"],
        ]);
    },
  },
  heavy: {
    budget: 12,
    isRest: true,
    needs: { go: true, programs: ["strace", "zsh", "fish", "zstd", "mandoc", "python3"] },
    run: () => nodeTests(["tests/conformance", "tests/js", "tests/cli"], { ending: heavy }),
  },
  // One file at a time, because these tests start many tabs and measure how long the tabs wait.
  browser: {
    budget: 25,
    isRest: true,
    needs: { programs: browsers },
    run: () => nodeTests(["tests/browser"], { files: 1 }),
  },
  // As `browser`, because a person's clicks are timed too.
  viewer: {
    budget: 16,
    isRest: true,
    needs: { programs: browsers },
    run: () => nodeTests(["tests/viewer"], { files: 1 }),
  },
  faults: {
    budget: 12,
    isRest: true,
    needs: { programs: ["strace"] },
    run: () => nodeTests(["tests/faults"]),
  },
  // One file at a time, because it starts browsers, and processes that are killed.
  evidence: {
    budget: 14,
    isRest: true,
    needs: { components: ["clippy"], programs: browsers, fuse: true },
    run() {
      if (!withoutFuse()) {
        const options = ["--quiet", "--locked", "--release", "--target-dir", "target/fuse"];
        run("cargo", ["clippy", ...options, "--manifest-path", "tests/fuse/Cargo.toml", ...deny]);
      }
      nodeTests(["tests/evidence"], { files: 1 });
    },
  },
  // One file at a time, because each engine uses all cores.
  engines: {
    budget: 20,
    isRest: true,
    needs: { engines: true, programs: enginePrograms },
    run: () => nodeTests(["tests/engines"], { files: 1 }),
  },
  bench: { budget: 1, isRest: true, run: () => nodeTests(["bench"]) },
  packaging: {
    budget: 8,
    isRest: true,
    needs: { programs: [...browsers, "zstd"], packages: packaging },
    run: () => nodeTests(["tests/packaging"]),
  },
};

/**
 * Runs a program of an npm package.
 *
 * @param {string} name the package
 * @param {string} bin path of the program in the package
 * @param {...string} args
 */
function npmTool(name, bin, ...args) {
  run(process.execPath, [join(root, "node_modules", name, bin), ...args]);
}

/**
 * Runs the test files in folders and below.
 *
 * @param {string[]} folders
 * @param {object} [options]
 * @param {string} [options.ending] of the files' names; heavy files run only when it is theirs
 * @param {number} [options.files] how many run at once: two, because tests start processes of their
 *   own and CI machines have two cores
 */
function nodeTests(folders, { ending = ".test.js", files = 2 } = {}) {
  const tests = folders
    .flatMap(filesIn)
    .filter((file) => file.endsWith(ending) && file.endsWith(heavy) === (ending === heavy));
  if (tests.length === 0)
    throw new Failure(`there is no file *${ending} in ${folders.join(" or ")}`);
  const options = [
    "--test",
    "--test-reporter=spec",
    `--test-concurrency=${files}`,
    `--test-timeout=${fileLimit}`,
  ];
  run(process.execPath, [...options, ...tests]);
}

/**
 * Returns the paths of all files below a folder, without those in node_modules.
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
    throw new Failure(
      `unknown option ${wrongFlags.join(" ")}. The options are: --all, --rest, --install`,
      2,
    );
  const wrongNames = names.filter((name) => !Object.hasOwn(steps, name));
  if (wrongNames.length > 0) {
    throw new Failure(
      `unknown step ${wrongNames.join(" ")}. The steps are: ${Object.keys(steps).join(", ")}`,
      2,
    );
  }
  const isWanted = (/** @type {string} */ name, /** @type {Step} */ { isRest = false }) => {
    if (names.length > 0) return names.includes(name);
    return flags.includes("--all") || isRest === flags.includes("--rest");
  };
  const wanted = Object.entries(steps).filter(([name, step]) => isWanted(name, step));
  const start = performance.now();
  const end = start + runLimit * 60_000 - spent();
  setUp(
    wanted.flatMap(([, { needs = {} }]) => needs),
    { install: flags.includes("--install") },
  );
  // What the tests run keeps its caches here, and not in the user's cache directory.
  process.env.XDG_CACHE_HOME = join(root, "target", "tmp", "cache");
  for (const [name, step] of wanted) await runStep(name, step, end);
  say(`\nall passed in ${seconds(start)}`);
}

/**
 * Returns how many milliseconds of the limit earlier commands of the same run have used. `.ci/run`
 * starts several, and sets TESTS_STARTED to when it started, in seconds since 1970.
 */
function spent() {
  const started = Number(process.env.TESTS_STARTED);
  return started > 0 ? Math.max(0, Date.now() - started * 1000) : 0;
}

/**
 * Runs a step within its budget, and within what is left for the whole run.
 *
 * @param {string} name
 * @param {Pick<Step, "budget" | "run">} step
 * @param {number} end when the whole run must end, in the milliseconds of `performance.now()`
 */
export async function runStep(name, { budget, run }, end) {
  const start = performance.now();
  const minutes = `${budget} ${budget === 1 ? "minute" : "minutes"}`;
  const left = end - start;
  const time = Math.min(budget * 60_000, left);
  const isLate = () => performance.now() - start >= time;
  say(`\n== ${name}`);
  limitRuns(time);
  try {
    await run();
    if (isLate()) throw new Failure(`all of ${name} passed, but too late`);
  } catch (error) {
    say(`== ${name}: FAILED after ${seconds(start)}`);
    if (!isLate() || !(error instanceof Failure)) throw error;
    const limit =
      time < left
        ? `${name} took longer than its budget of ${minutes}`
        : `the run took longer than its limit of ${runLimit} minutes`;
    throw new Failure(`${error.message}\n${limit}, which is in scripts/test.js`);
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
