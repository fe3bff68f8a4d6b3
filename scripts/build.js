// Builds dist/ in six stages, each only when an input is newer than its outputs.
//
//   core           compiles src/ to wasm, makes its glue, optimises it and inlines it as base64
//   decompressor   compiles decompressor/ to wasm, optimises it and inlines it in a module of its own
//   schema         writes the JSON Schema of an entry from Rust's data model
//   package        bundles js/ once for each way to load it, and writes type declarations
//   command line   bundles js/cli, and writes the manual page
//   viewer         bundles viewer/ with the package

import {
  appendFileSync,
  chmodSync,
  cpSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";

import { licenses } from "./bundled-licenses.js";
import { bundleViewer } from "./bundle-viewer.js";
import { root, run, say, script, wasmTarget } from "./command.js";

/** How many bytes the wasm may be under gzip, because pages download it. */
export const wasmLimit = 80 * 1024;

const dist = join(root, "dist");
const wasm = join(dist, "skill_log_bg.wasm");

/**
 * The oldest browsers with all that the package needs: SIMD in WebAssembly, modules, and OPFS's
 * synchronous access.
 */
export const browsers = ["chrome111", "firefox114", "safari17"];

/**
 * One file for each way to load the package, because Node takes longer to load twenty small modules
 * than to start the wasm. "Build and tests" in docs/DESIGN.md names the readers of each.
 *
 * @type {{ file: string, entry: string, platform: "node" | "browser", conditions?: string[] }[]}
 */
const bundles = [
  { file: "index.js", entry: "js/index.js", platform: "node" },
  { file: "index.cjs", entry: "js/index.js", platform: "node" },
  { file: "slim.js", entry: "js/slim.js", platform: "node", conditions: ["slim"] },
  { file: "slim.cjs", entry: "js/slim.js", platform: "node", conditions: ["slim"] },
  { file: "browser.js", entry: "js/index.js", platform: "browser" },
  { file: "browser.cjs", entry: "js/index.js", platform: "browser" },
  { file: "slim-browser.js", entry: "js/slim.js", platform: "browser", conditions: ["slim"] },
  { file: "slim-browser.cjs", entry: "js/slim.js", platform: "browser", conditions: ["slim"] },
  { file: "secrets.js", entry: "js/secrets.js", platform: "browser" },
  { file: "secrets.cjs", entry: "js/secrets.js", platform: "browser" },
  { file: "workerd.js", entry: "js/index.js", platform: "browser", conditions: ["workerd"] },
];

/**
 * @typedef {object} Stage
 * @property {string} name
 * @property {string[]} inputs paths of files and folders
 * @property {string[]} outputs paths of files and folders
 * @property {() => void | Promise<void>} make
 */

/** @type {Stage[]} */
const stages = [
  {
    name: "core",
    inputs: [
      "Cargo.toml",
      "Cargo.lock",
      ".cargo/config.toml",
      "package-lock.json",
      "scripts/build.js",
      "src",
    ],
    outputs: [
      "dist/skill_log.js",
      "dist/skill_log.d.ts",
      "dist/skill_log_bg.wasm",
      "dist/wasm-inline.js",
      "dist/wasm-inline.d.ts",
    ],
    make: core,
  },
  {
    name: "decompressor",
    inputs: [
      ".cargo/config.toml",
      "package-lock.json",
      "scripts/build.js",
      "scripts/licenses",
      "decompressor",
    ],
    outputs: ["dist/skill-log-decompressor.js", "dist/skill-log-decompressor.d.ts"],
    make: decompressor,
  },
  {
    name: "schema",
    inputs: ["Cargo.toml", "Cargo.lock", "scripts/build.js", "src"],
    outputs: ["dist/entry.schema.json"],
    make: schema,
  },
  {
    name: "package",
    inputs: [
      "package.json",
      "package-lock.json",
      "tsconfig.json",
      "scripts/build.js",
      "js",
      "dist/skill_log.js",
      "dist/wasm-inline.js",
      "dist/skill-log-decompressor.js",
    ],
    outputs: [
      "dist/types",
      "dist/types-cjs/package.json",
      "dist/skill-log-worker.js",
      "dist/worker-inline.js",
      "dist/worker-inline.d.ts",
      "dist/version-inline.js",
      "dist/version-inline.d.ts",
      ...bundles.map(({ file }) => `dist/${file}`),
    ],
    make: packaged,
  },
  {
    name: "command line",
    inputs: [
      "package.json",
      "package-lock.json",
      "LICENSE-MIT",
      "scripts/build.js",
      "scripts/bundled-licenses.js",
      "scripts/licenses",
      "scripts/manual.js",
      "js/cli",
    ],
    outputs: ["dist/cli", "dist/skill-log.1"],
    make: commandLine,
  },
  {
    name: "viewer",
    inputs: [
      "package-lock.json",
      "LICENSE-MIT",
      "scripts/build.js",
      "scripts/bundle-viewer.js",
      "scripts/bundled-licenses.js",
      "js",
      "viewer",
      "dist/skill_log.js",
      "dist/skill_log_bg.wasm",
      "dist/version-inline.js",
      "dist/secrets.js",
    ],
    outputs: ["dist/viewer"],
    make: () => bundleViewer(browsers),
  },
];

/** Makes the stages that are out of date. */
export async function build() {
  for (const { name, inputs, outputs, make } of stages) {
    if (Math.max(...inputs.flatMap(times)) <= Math.min(...outputs.flatMap(times))) {
      say(`build: ${name} is up to date`);
      continue;
    }
    const start = new Date();
    await make();
    // The start's time, so that an input that is edited during the build is newer than its outputs.
    for (const path of outputs) utimesSync(join(root, path), start, start);
    say(`build: ${name} made in ${((Date.now() - start.getTime()) / 1000).toFixed(1)} s`);
  }
}

function core() {
  const work = join(root, "target", "wasm-bindgen");
  const module = compiled("skill_log", ["--lib"]);
  run(join(root, "target", "tools", "bin", "wasm-bindgen"), [
    module,
    // Without the default path, no bundler looks for the .wasm file, which is inlined.
    "--target",
    "web",
    "--omit-default-module-path",
    "--out-dir",
    work,
    "--out-name",
    "skill_log",
  ]);
  mkdirSync(dist, { recursive: true });
  optimise(join(work, "skill_log_bg.wasm"), wasm);
  for (const file of ["skill_log.js", "skill_log.d.ts"]) cpSync(join(work, file), join(dist, file));
  const bytes = readFileSync(wasm);
  writeInline("wasm-inline", "The WebAssembly module, in base64.", bytes.toString("base64"));
  say(`build: the wasm is ${kilobytes(bytes.length)}, ${kilobytes(compressedSize())} compressed`);
}

function decompressor() {
  const manifest = join(root, "decompressor", "Cargo.toml");
  const module = compiled(
    "skill_log_decompressor",
    ["--manifest-path", manifest],
    [
      // What a compressed log says of itself cannot make it take more memory: three times the largest
      // window, and its tables.
      ...["-C", "link-arg=--max-memory=402653184"],
    ],
  );
  const optimised = join(root, "target", "decompressor.wasm");
  optimise(module, optimised);
  const bytes = readFileSync(optimised);
  const licence = readFileSync(join(root, "scripts", "licenses", "decompressor"), "utf8");
  const name = "skill-log-decompressor";
  mkdirSync(dist, { recursive: true });
  writeInline(
    name,
    "The WebAssembly module that decompresses logs, in base64.",
    bytes.toString("base64"),
    `/*!\n${licence}*/\n`,
  );
  say(`build: the decompressor is ${kilobytes(gzipSync(bytes, { level: 9 }).length)} compressed`);
}

/**
 * Compiles a crate to wasm.
 *
 * @param {string} name of the library
 * @param {string[]} options for cargo
 * @param {string[]} [flags] for rustc
 * @returns {string} the path of the module
 */
function compiled(name, options, flags = []) {
  // Panics name their source file. Without this, the wasm would hold the names of local folders.
  const crates = join(process.env.CARGO_HOME ?? join(homedir(), ".cargo"), "registry", "src");
  const manifest = options[0] === "--manifest-path" ? options : [];
  run("cargo", ["fetch", "--quiet", "--locked", ...manifest]);
  const remap = readdirSync(crates).map(
    (folder) => `--remap-path-prefix=${join(crates, folder)}=cargo`,
  );
  run("cargo", [
    "build",
    "--quiet",
    "--locked",
    "--release",
    ...options,
    "--target",
    wasmTarget,
    "--target-dir",
    join(root, "target"),
    "--config",
    `target.${wasmTarget}.rustflags=${JSON.stringify([...remap, ...flags])}`,
  ]);
  return join(root, "target", wasmTarget, "release", `${name}.wasm`);
}

/**
 * @param {string} module
 * @param {string} to the path of the optimised module
 */
function optimise(module, to) {
  run(process.execPath, [
    join(root, "node_modules", "binaryen", "bin", "wasm-opt"),
    module,
    "-o",
    to,
    "-O3",
    // The features that rustc uses by default, and the two that .cargo/config.toml adds.
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
    "--enable-simd",
    "--strip-debug",
    "--strip-producers",
  ]);
}

/**
 * Writes the schema by a program of its own, so that no crate for schemas gets into the wasm. The
 * program is not optimised, because compiling takes longer than its run.
 */
function schema() {
  run("cargo", [
    "run",
    "--quiet",
    "--locked",
    "--features",
    "schema",
    "--bin",
    "entry-schema",
    "--",
    join(dist, "entry.schema.json"),
  ]);
}

async function packaged() {
  declarations();
  await bundled();
}

/** Bundles the package for each way to load it, with its worker and its thread. */
export async function bundled() {
  // Imported here, because this file is loaded before set-up has installed esbuild.
  const esbuild = await import("esbuild");
  const shared = {
    absWorkingDir: root,
    bundle: true,
    logLevel: /** @type {const} */ ("warning"),
    legalComments: /** @type {const} */ ("inline"),
  };
  // A page and its worker compare their versions.
  writeInline(
    "version-inline",
    "The version of the package.",
    JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version,
  );
  // The worker is a file, and a text in the bundles that may have to start it without the file.
  await esbuild.build({
    ...shared,
    entryPoints: ["js/worker.js"],
    outfile: "dist/skill-log-worker.js",
    format: "iife",
    target: browsers,
    minify: true,
    conditions: ["slim"],
  });
  writeInline(
    "worker-inline",
    "The source of the worker.",
    readFileSync(join(dist, "skill-log-worker.js"), "utf8"),
  );
  // Node starts its threads from a file. They are given the wasm.
  await esbuild.build({
    ...shared,
    entryPoints: ["js/thread.js"],
    outfile: "dist/skill-log-thread.js",
    format: "esm",
    platform: "node",
    target: "node20",
    minify: true,
    conditions: ["slim"],
  });
  for (const { file, entry, platform, conditions = [] } of bundles) {
    const isCommonJs = file.endsWith(".cjs");
    await esbuild.build({
      ...shared,
      entryPoints: [entry],
      outfile: `dist/${file}`,
      format: isCommonJs ? "cjs" : "esm",
      platform,
      target: platform === "node" ? "node20" : browsers,
      conditions,
      external: ["./skill_log_bg.wasm"],
      plugins: [
        { name: "decompressor", setup: ({ onResolve }) => onResolve(decompressorFile, beside) },
        { name: "doc comments", setup: ({ onLoad }) => onLoad({ filter: /\.js$/ }, source) },
      ],
      // CommonJS has no import.meta, so the package starts its worker from the text there.
      ...(isCommonJs && { define: { "import.meta.url": "undefined" } }),
    });
  }
}

const decompressorFile = { filter: /\/skill-log-decompressor\.js$/ };

/** Keeps the decompressor out of a bundle, which loads it when it is wanted. */
function beside() {
  return { path: "./skill-log-decompressor.js", external: true };
}

/**
 * Loads a module without its doc comments, because esbuild keeps those of class members, a tenth of
 * a bundle. The declarations have the doc comments for users.
 *
 * @param {{ path: string }} module
 */
function source({ path }) {
  return {
    contents: readFileSync(path, "utf8").replace(/^[ \t]*\/\*\*(?:(?!\*\/)[^])*\*\/[ \t]*\n/gm, ""),
  };
}

/** Writes the type declarations without checking them, because `npm test` checks types. */
function declarations() {
  const emitted = join(root, "target", "types");
  const types = join(dist, "types");
  const typesForRequire = join(dist, "types-cjs");
  for (const folder of [emitted, types, typesForRequire])
    rmSync(folder, { recursive: true, force: true });
  run(process.execPath, [
    join(root, "node_modules", "typescript", "bin", "tsc"),
    "--noEmit",
    "false",
    "--noCheck",
    "--emitDeclarationOnly",
    "--outDir",
    emitted,
  ]);
  // tsc does not copy files that are declarations already.
  for (const file of readdirSync(join(root, "js"), { recursive: true, encoding: "utf8" })) {
    if (file.endsWith(".d.ts")) cpSync(join(root, "js", file), join(emitted, file));
  }
  // index.js can export values alone, and the shapes are public too.
  appendFileSync(join(emitted, "index.d.ts"), 'export type * from "./types.js";\n');
  // The public files, and the files that they import.
  const shipped = new Set(["index.d.ts", "slim.d.ts", "secrets.d.ts"]);
  for (const file of shipped) {
    cpSync(join(emitted, file), join(types, file));
    for (const [, path] of readFileSync(join(types, file), "utf8").matchAll(/"(\.[^"]*)\.js"/g))
      shipped.add(join(dirname(file), `${path}.d.ts`));
  }
  // The worker exports nothing, and its messages are no public API.
  const worker =
    "/** The program of the package's worker, for `workerUrl`. It exports nothing. */\nexport {};\n";
  writeFileSync(join(types, "worker.d.ts"), worker);
  // The same declarations for CommonJS: TypeScript reads a .d.ts as its nearest package.json says.
  cpSync(types, typesForRequire, { recursive: true });
  writeFileSync(join(typesForRequire, "package.json"), '{ "type": "commonjs" }\n');
}

/** Bundles the command line with its dependencies. It imports the package from dist/index.js. */
export async function commandLine() {
  const folder = join(dist, "cli");
  rmSync(folder, { recursive: true, force: true });
  const { build } = await import("esbuild");
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ["js/cli/skill-log.js"],
    outdir: "dist/cli",
    bundle: true,
    // So that Node loads only the command that runs.
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    metafile: true,
    logLevel: "warning",
    // `skill-log mcp` loads it where it is installed.
    external: ["@modelcontextprotocol/sdk"],
    // Some dependencies are CommonJS, and get Node's modules by `require`.
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    plugins: [
      {
        name: "package",
        setup: ({ onResolve }) => onResolve({ filter: /\/index\.js$/ }, external),
      },
    ],
  });
  chmodSync(join(folder, "skill-log.js"), 0o755);
  writeFileSync(join(folder, "LICENSES"), licenses(Object.keys(metafile.inputs)));
  // Imported here, because this file is loaded before set-up has installed commander.
  const { manual } = await import("./manual.js");
  writeFileSync(join(dist, "skill-log.1"), await manual());
}

/**
 * Keeps the package out of the command line's bundle, which imports it from the folder above.
 *
 * @param {{ path: string, resolveDir: string }} imported
 */
function external({ path, resolveDir }) {
  return join(resolveDir, path) === join(root, "js", "index.js")
    ? { path: "../index.js", external: true }
    : undefined;
}

/**
 * Writes a module in dist/ that exports a text, and its declaration.
 *
 * @param {string} name
 * @param {string} what the doc comment of the declaration
 * @param {string} text
 * @param {string} [notice] a comment before it
 */
function writeInline(name, what, text, notice = "") {
  writeFileSync(join(dist, `${name}.js`), `${notice}export default ${JSON.stringify(text)};\n`);
  writeFileSync(
    join(dist, `${name}.d.ts`),
    `/** ${what} */\ndeclare const text: string;\nexport default text;\n`,
  );
}

/** Returns the size of the wasm under gzip, in bytes. */
export function compressedSize() {
  return gzipSync(readFileSync(wasm), { level: 9 }).length;
}

/**
 * Returns when a file was written, or a folder and all in it. A folder's own time shows that a file
 * in it was deleted.
 *
 * @param {string} path
 * @returns {number[]} milliseconds since 1970; 0 when nothing is at the path
 */
function times(path) {
  const absolute = join(root, path);
  const stat = statSync(absolute, { throwIfNoEntry: false });
  if (!stat) return [0];
  if (!stat.isDirectory()) return [stat.mtimeMs];
  const below = readdirSync(absolute, { recursive: true, encoding: "utf8" });
  return [stat.mtimeMs, ...below.map((name) => statSync(join(absolute, name)).mtimeMs)];
}

/** @param {number} bytes */
function kilobytes(bytes) {
  return `${(bytes / 1024).toFixed(1)} KiB`;
}

script(import.meta.url, build);
