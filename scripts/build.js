// Builds dist/ in stages, each skipped where nothing it reads is newer than what it wrote:
//
//   core           Rust → WebAssembly → its glue → optimised → inlined as base64
//   schema         Rust's data model → the JSON Schema of an entry
//   package        js/ → one file for each way to load it, and type declarations
//   command line   js/cli → the program

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

import { Failure, root, run, say, script, wasmTarget } from "./command.js";

/** What the wasm may take, compressed, before a page that imports the package feels it. */
export const wasmLimit = 80 * 1024;

const dist = join(root, "dist");
const wasm = join(dist, "skill_log_bg.wasm");

/** What has everything that the package needs: SIMD in WebAssembly, modules, and OPFS's synchronous access. */
const browsers = ["chrome111", "firefox114", "safari17"];

/**
 * One file for each way to load the package: Node takes longer to load twenty small modules than to start the wasm.
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
  { file: "workerd.js", entry: "js/index.js", platform: "browser", conditions: ["workerd"] },
];

/** @type {{ name: string, inputs: string[], outputs: string[], make: () => void | Promise<void> }[]} */
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
      "scripts/licenses",
      "scripts/manual.js",
      "js/cli",
    ],
    outputs: ["dist/cli", "dist/skill-log.1"],
    make: commandLine,
  },
];

export async function build() {
  for (const { name, inputs, outputs, make } of stages) {
    if (Math.max(...inputs.flatMap(times)) <= Math.min(...outputs.flatMap(times))) {
      say(`build: ${name} is up to date`);
      continue;
    }
    const start = new Date();
    await make();
    // As old as the build's start: what is edited while it runs must be newer than what it made.
    for (const path of outputs) utimesSync(join(root, path), start, start);
    say(`build: ${name} made in ${((Date.now() - start.getTime()) / 1000).toFixed(1)} s`);
  }
}

function core() {
  const work = join(root, "target", "wasm-bindgen");
  // Panics name the file they are in: without this, the builder's folders would be part of what is shipped.
  const crates = join(process.env.CARGO_HOME ?? join(homedir(), ".cargo"), "registry", "src");
  run("cargo", ["fetch", "--quiet", "--locked"]);
  const remap = readdirSync(crates).map(
    (folder) => `--remap-path-prefix=${join(crates, folder)}=cargo`,
  );
  run("cargo", [
    "build",
    "--quiet",
    "--locked",
    "--release",
    "--lib",
    "--target",
    wasmTarget,
    "--config",
    `target.${wasmTarget}.rustflags=${JSON.stringify(remap)}`,
  ]);
  run(join(root, "target", "tools", "bin", "wasm-bindgen"), [
    join(root, "target", wasmTarget, "release", "skill_log.wasm"),
    // Without the default path the glue names no .wasm file for a bundler to look for: it is inlined.
    "--target",
    "web",
    "--omit-default-module-path",
    "--out-dir",
    work,
    "--out-name",
    "skill_log",
  ]);
  mkdirSync(dist, { recursive: true });
  run(process.execPath, [
    join(root, "node_modules", "binaryen", "bin", "wasm-opt"),
    join(work, "skill_log_bg.wasm"),
    "-o",
    wasm,
    "-O3",
    // What rustc takes for granted in wasm, and the two features that .cargo/config.toml adds.
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
  for (const file of ["skill_log.js", "skill_log.d.ts"]) cpSync(join(work, file), join(dist, file));
  const bytes = readFileSync(wasm);
  writeInline("wasm", "The WebAssembly module, in base64.", bytes.toString("base64"));
  say(`build: the wasm is ${kilobytes(bytes.length)}, ${kilobytes(compressedSize())} compressed`);
}

/** Not with the wasm: the schema's crates have no place in it. Not optimised either: it is compiled far longer than it runs. */
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
  // Not imported above: this file is loaded before set-up has installed it.
  const esbuild = await import("esbuild");
  const shared = {
    absWorkingDir: root,
    bundle: true,
    logLevel: /** @type {const} */ ("warning"),
    legalComments: /** @type {const} */ ("inline"),
  };
  // A page and its worker ask each other for it.
  writeInline(
    "version",
    "The version of the package.",
    JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version,
  );
  // The worker is a file, and a text in those files that may have to start it without one.
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
    "worker",
    "The source of the worker.",
    readFileSync(join(dist, "skill-log-worker.js"), "utf8"),
  );
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
        { name: "doc comments", setup: ({ onLoad }) => onLoad({ filter: /\.js$/ }, source) },
      ],
      // There is none in CommonJS: the worker is started without its file then.
      ...(isCommonJs && { define: { "import.meta.url": "undefined" } }),
    });
  }
}

/**
 * Loads a module without its doc comments: the declarations have those that users need, and esbuild
 * keeps every comment on a member of a class, which is a tenth of a bundle.
 *
 * @param {{ path: string }} module
 */
function source({ path }) {
  return {
    contents: readFileSync(path, "utf8").replace(/^[ \t]*\/\*\*(?:(?!\*\/)[^])*\*\/[ \t]*\n/gm, ""),
  };
}

/** Emits the types only: `npm test` checks them, and a build must not wait for that. */
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
  // tsc emits no declarations for what is a declaration already.
  for (const file of readdirSync(join(root, "js"), { recursive: true, encoding: "utf8" })) {
    if (file.endsWith(".d.ts")) cpSync(join(root, "js", file), join(emitted, file));
  }
  // A JavaScript file can pass on values alone, and the shapes are public too.
  appendFileSync(join(emitted, "index.d.ts"), 'export type * from "./types.js";\n');
  // Of all files, those that the public ones lead to.
  const shipped = new Set(["index.d.ts", "slim.d.ts"]);
  for (const file of shipped) {
    cpSync(join(emitted, file), join(types, file));
    for (const [, path] of readFileSync(join(types, file), "utf8").matchAll(/"(\.[^"]*)\.js"/g))
      shipped.add(join(dirname(file), `${path}.d.ts`));
  }
  // The worker is a program: importing it gives nothing, and what a page asks it is no public API.
  const worker =
    "/** The program of the package's worker, for `workerUrl`. It exports nothing. */\nexport {};\n";
  writeFileSync(join(types, "worker.d.ts"), worker);
  // The same declarations, read as CommonJS: what a .d.ts is, the nearest package.json says.
  cpSync(types, typesForRequire, { recursive: true });
  writeFileSync(join(typesForRequire, "package.json"), '{ "type": "commonjs" }\n');
}

/** What the command line needs of others is in its files, and nothing of the package itself: that is beside them. */
async function commandLine() {
  const folder = join(dist, "cli");
  rmSync(folder, { recursive: true, force: true });
  const { build } = await import("esbuild");
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ["js/cli/skill-log.js"],
    outdir: "dist/cli",
    bundle: true,
    // A command is loaded when it is meant.
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    metafile: true,
    logLevel: "warning",
    // Some of what is bundled is CommonJS, and asks Node for its modules.
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
  // It loads what was not installed yet when this file was loaded.
  const { manual } = await import("./manual.js");
  writeFileSync(join(dist, "skill-log.1"), await manual());
}

/**
 * Leaves the package out of what uses it, and has it found from there.
 *
 * @param {{ path: string, resolveDir: string }} imported
 */
function external({ path, resolveDir }) {
  return join(resolveDir, path) === join(root, "js", "index.js")
    ? { path: "../index.js", external: true }
    : undefined;
}

/** What packages have compiled into them, and say nothing of. @type {Record<string, string>} */
const compiledIn = { "@hpcc-js/wasm-zstd": "scripts/licenses/zstd" };

/**
 * Gives the licences of the packages that files are of.
 *
 * @param {string[]} files
 */
function licenses(files) {
  const folders = new Set(
    files.flatMap((file) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[0] ?? []),
  );
  // One version of a package may be there several times.
  return [...new Set([...folders].map(licenseOf))].sort().join(`\n${"-".repeat(72)}\n\n`);
}

/** @param {string} folder of a package */
function licenseOf(folder) {
  const { name, version, license, author } = JSON.parse(
    readFileSync(join(root, folder, "package.json"), "utf8"),
  );
  const file = readdirSync(join(root, folder)).find((file) => /^licen[cs]e/i.test(file));
  // Some say which it is, and leave its text out.
  if (!file && license !== "MIT")
    throw new Failure(`${name}: the text of its licence is missing, which is ${license}`);
  const text = file
    ? readFileSync(join(root, folder, file), "utf8").trim()
    : `Copyright (c) ${author.name ?? author}\n\n${mitTerms()}`;
  const more = compiledIn[name] ? `\n${readFileSync(join(root, compiledIn[name]), "utf8")}` : "";
  return `${name} ${version} (${license})\n\n${text}\n${more}`;
}

/** The terms of the MIT licence, without whose they are. */
function mitTerms() {
  return readFileSync(join(root, "LICENSE-MIT"), "utf8")
    .replace(/^.*(?=^Permission)/ms, "")
    .trim();
}

/**
 * Writes a text as a module.
 *
 * @param {string} name
 * @param {string} what
 * @param {string} text
 */
function writeInline(name, what, text) {
  writeFileSync(join(dist, `${name}-inline.js`), `export default ${JSON.stringify(text)};\n`);
  writeFileSync(
    join(dist, `${name}-inline.d.ts`),
    `/** ${what} */\ndeclare const ${name}: string;\nexport default ${name};\n`,
  );
}

/** The size of the wasm under gzip, in bytes. */
export function compressedSize() {
  return gzipSync(readFileSync(wasm), { level: 9 }).length;
}

/**
 * When the files at and below a path were written. A folder's own time counts, so that a deleted file does.
 *
 * @param {string} path
 * @returns {number[]}
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
