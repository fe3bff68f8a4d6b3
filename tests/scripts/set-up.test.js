// What set-up prints and does on machines that lack something. Each machine is a PATH of stubs.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";

import { checkNode, isOlder, npmCommand } from "../../scripts/command.js";
import { inEnvironment } from "../../scripts/setup.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The stubs of a machine that has all that building needs: program → shell script. */
const whole = {
  rustc: `case "$*" in --version) echo "rustc 1.95.0 (stub)";; *) echo ${root};; esac`,
  cargo: 'echo "cargo 1.95.0 (stub)"',
  rustup: 'echo "rustup $*" >>"$LOG"; echo "rustup 1.29.0 (stub)"',
  cc: "",
};

const noToolchain = `case "$RUSTUP_TOOLCHAIN" in 1.90.0*) echo "rustc 1.90.0 (stub)";; *) exit 1;; esac`;
const toolchains = 'echo "nightly-stub-linux"; echo "1.90.0-stub-linux (default)"';

/** The stub of apt-get: logs its arguments, and installs a C compiler. */
const aptGet =
  'echo "apt-get $*" >>"$LOG"; [ "$1" != install ] || { echo "#!/bin/sh" >"$BIN/cc"; }';

const isRoot = process.getuid?.() === 0;

/**
 * @typedef {object} Machine
 * @property {Record<string, string | null>} programs stubs that differ from `whole`; `null` is none
 * @property {string[]} [args] of set-up
 * @property {number} status of set-up's exit
 * @property {RegExp[]} says what set-up prints
 * @property {RegExp} [did] a command that a stub logged
 * @property {RegExp} [didNot] commands that no stub logged
 * @property {boolean} [needsRoot]
 */

/** Title of the test → the machine. @type {Record<string, Machine>} */
const machines = {
  "only checks when everything is there": {
    programs: {},
    status: 0,
    says: [/^set-up: everything is there\n$/],
    didNot: /apt-get|install|target add/,
  },
  "says how to install Rust when it is missing": {
    programs: { rustc: null, cargo: null, rustup: null },
    status: 1,
    says: [
      /^set-up: Rust is missing\. Install Rust 1\.\d+ or newer by rustup .*,\nand run this again\.\n$/,
    ],
  },
  "says that cargo is missing when there is only rustc": {
    programs: { cargo: null, rustup: null },
    status: 1,
    says: [/^set-up: cargo is missing\./],
  },
  "names the command that updates Rust when rustup has an old version": {
    programs: { rustc: 'echo "rustc 1.63.0 (stub)"' },
    status: 1,
    says: [/Rust 1\.\d+ or newer is needed, and rustc is 1\.63\.0\. Run `rustup update stable`/],
  },
  "asks for a newer Rust when Rust is old and there is no rustup": {
    programs: { rustc: 'echo "rustc 1.63.0 (stub)"', rustup: null },
    status: 1,
    says: [/rustc is 1\.63\.0\. Install a newer one/],
  },
  "names each system's package when the wasm library is missing and there is no rustup": {
    programs: {
      rustc: 'case "$*" in --version) echo "rustc 1.95.0 (stub)";; *) echo /nowhere;; esac',
      rustup: null,
    },
    status: 1,
    says: [
      /apt-get install libstd-rust-dev-wasm32\n/,
      /dnf install rust-std-static-wasm32-unknown-unknown\n/,
      /rustup\.rs/,
    ],
  },
  "installs the wasm library when rustup is there": {
    programs: {
      rustc: 'case "$*" in --version) echo "rustc 1.95.0 (stub)";; *) echo /nowhere;; esac',
    },
    status: 0,
    says: [/library for wasm32-unknown-unknown is missing; installing it\n/],
    did: /^rustup target add wasm32-unknown-unknown$/m,
  },
  "uses an installed toolchain when rustup cannot install the right toolchain": {
    programs: {
      rustc: `case "$*" in --version) ${noToolchain};; *) echo ${root};; esac`,
      rustup: `echo "rustup $*" >>"$LOG"; case "$2" in install) exit 1;; list) ${toolchains};; *) echo "rustup 1.29.0";; esac`,
    },
    status: 0,
    says: [
      /rustup has no stable toolchain; installing it\n/,
      /rustup cannot install stable; using 1\.90\.0-stub-linux instead, by RUSTUP_TOOLCHAIN\n/,
    ],
    did: /^rustup toolchain install stable .*--target wasm32-unknown-unknown$/m,
  },
  "fails when rustup has no toolchain and cannot install any": {
    programs: {
      rustc: "exit 1",
      rustup:
        'case "$2" in install) exit 1;; list) echo "no installed toolchains";; *) echo "rustup 1.29.0";; esac',
    },
    status: 1,
    says: [/failed \(exit status 1\): rustup toolchain install stable/],
  },
  "says how to install a C compiler when there is no apt-get": {
    programs: { cc: null },
    status: 1,
    says:
      process.platform === "darwin"
        ? [/xcode-select --install/]
        : [/no C compiler/, /apt-get install gcc libc6-dev/, /dnf install gcc/, /run this again/],
  },
  "installs a C compiler when it runs as root with apt-get": {
    programs: { cc: null, "apt-get": aptGet },
    status: 0,
    says: [
      /^set-up: no C compiler, by which Rust links; installing gcc and libc6-dev with apt-get\n/,
    ],
    did: /^apt-get install .*gcc libc6-dev$/m,
    needsRoot: true,
  },
  "asks for --install when programs for the tests are missing": {
    programs: { "apt-get": aptGet },
    args: ["--bench-browser"],
    status: 1,
    says: [
      /Xvfb, WebKitWebDriver not found\. As root on Debian, add --install to this command/,
      /xvfb webkit2gtk-driver\n/,
      /`npm test` needs none of them/,
    ],
    didNot: /apt-get (update|install)/,
  },
  "fails when programs for the tests are missing and there is no apt-get": {
    programs: {},
    args: ["--bench-browser", "--install"],
    status: 1,
    says: [/not found\. Set-up can install them only as root, with apt-get\.\n/],
  },
  "names the options that exist when an option is unknown": {
    programs: {},
    args: ["--instal"],
    status: 2,
    says: [/unknown option --instal\. The options are: --install, --tests/],
  },
};

const linux = process.platform === "linux";

for (const [
  name,
  { programs, args = [], status, says, did, didNot, needsRoot = false },
] of Object.entries(machines)) {
  test(name, {
    skip:
      (needsRoot && !isRoot && "needs root") ||
      (process.platform === "win32" && "the stubs are shell scripts") ||
      (args.length > 0 && !linux && "set-up looks for these programs on Linux alone"),
  }, (t) => {
    const bin = fs.mkdtempSync(path.join(os.tmpdir(), "skill-log-machine-"));
    t.after(() => fs.rmSync(bin, { recursive: true, force: true }));
    const log = path.join(bin, "asked.txt");
    fs.writeFileSync(log, "");
    for (const [program, text] of Object.entries({ ...whole, ...programs })) {
      if (text !== null)
        fs.writeFileSync(path.join(bin, program), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    }
    const { RUSTUP_TOOLCHAIN, npm_execpath, ...env } = process.env;
    const found = spawnSync(process.execPath, [path.join(root, "scripts/setup.js"), ...args], {
      encoding: "utf8",
      env: { ...env, PATH: bin, LOG: log, BIN: bin },
    });
    const printed = found.stdout + found.stderr;
    for (const pattern of says) assert.match(printed, pattern);
    assert.equal(found.status, status, printed);
    const asked = fs.readFileSync(log, "utf8");
    if (did) assert.match(asked, did);
    if (didNot) assert.doesNotMatch(asked, didNot);
  });
}

test("compares versions number by number", () => {
  const rows = [
    ["1.9.0", "1.10", true],
    ["1.10.0", "1.9", false],
    ["20.19.0", "20.19", false],
    ["20.9.0", "20.19", true],
    ["2.0.0-nightly", "1.88", false],
  ];
  for (const [version, other, expected] of /** @type {[string, string, boolean][]} */ (rows)) {
    assert.equal(isOlder(version, other), expected, `${version} before ${other}`);
  }
});

test("refuses Node and says what to do when Node is too old", () => {
  assert.throws(
    () => checkNode("18.20.4"),
    /^Error: Node 20\.19 or newer is needed, and this is Node 18\.20\.4 .*\nInstall a newer Node/,
  );
  checkNode("20.19.0");
  checkNode("26.10.0");
});

test("starts npm as each system needs, or the npm that runs the script", () => {
  const rows = [
    { platform: "linux", script: undefined, expected: { command: "npm", first: [], shell: false } },
    {
      platform: "win32",
      script: undefined,
      expected: { command: "npm.cmd", first: [], shell: true },
    },
    {
      platform: "linux",
      script: "/usr/lib/npm/bin/npm-cli.js",
      expected: { command: process.execPath, first: ["/usr/lib/npm/bin/npm-cli.js"], shell: false },
    },
    {
      platform: "win32",
      script: "C:\\node\\npm-cli.js",
      expected: { command: process.execPath, first: ["C:\\node\\npm-cli.js"], shell: false },
    },
    {
      platform: "linux",
      script: "/usr/lib/pnpm.cjs",
      expected: { command: "npm", first: [], shell: false },
    },
  ];
  for (const { platform, script, expected } of rows)
    assert.deepEqual(npmCommand(platform, script), expected);
});

test("finds the programs of a virtual environment on each system", () => {
  assert.equal(inEnvironment("venv", "python", "linux"), path.join("venv", "bin", "python"));
  assert.equal(
    inEnvironment("venv", "python", "win32"),
    path.join("venv", "Scripts", "python.exe"),
  );
});
