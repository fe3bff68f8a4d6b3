// Bundles the page of viewer/ with the package, and measures what browsers download for it.

import { createHash } from "node:crypto";
import {
  cpSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { gzipSync } from "node:zlib";

import { licenses } from "./bundled-licenses.js";
import { Failure, root, say } from "./command.js";

/** @import { BuildOptions, BuildResult, Plugin } from "esbuild" */

/** How many bytes may be downloaded, under gzip. */
export const viewerLimits = {
  /** For the libraries that only the page uses. */
  libraries: 40 * 1024,
  /**
   * For the page until it shows logs, with the package, its wasm and the package's worker. What
   * `import()` loads when a person asks for it, and the page's other workers, come later.
   */
  page: 190 * 1024,
};

/** How many bytes a shared page may have without its entries, uncompressed: each one has them. */
export const sharedPageLimit = 590 * 1024;

/** Below dist/ and viewer/: each is a file of the page as it is. */
const copied = ["viewer/index.html", "viewer/icon.svg", "dist/skill_log_bg.wasm"];

const folder = join(root, "dist", "viewer");

/**
 * What the page never does, as appending, repairing and verifying: 7 KB under gzip. The bundle has the
 * names of their exports alone.
 */
const unused = [
  "js/following/archived-logs.js",
  "js/sessions/count-cached.js",
  "js/threads/log-verify.js",
  "js/sessions/verify-many.js",
  "js/storage/browser/create.js",
  "js/damage/repair.js",
  "js/reading/lines.js",
  "js/entry/input-json.js",
  "js/entry/input.js",
  "js/redaction/changed-texts.js",
  "js/redaction/redaction.js",
  "js/redaction/shapes.js",
  "js/storage/browser/append.js",
  "js/storage/browser/repair.js",
  "js/storage/browser/worker/writer.js",
].map((path) => join(root, path));

/** What the page's worker would write for `writer.js`, which is among these. */
const unusedWrites = {
  file: join(root, "js/storage/browser/exclusive-file.js"),
  names: ["appendLines", "overwriteStretches", "sealLine"],
};

/** The package's worker. */
const worker = join(root, "js/worker.js");

/**
 * Modules that load another one when it is wanted. What opens sessions has the client of a server, 7 KB
 * under gzip, which a page that shows dropped files never runs; and the logs of folders, which the page
 * of a server never runs. What opens a file has what reads compressed ones, and what reads a URL.
 */
const loadedLater = [
  {
    file: join(root, "js/sessions/sessions.js"),
    name: "RemoteLogs",
    module: "../remote/remote-logs.js",
    start: "if (isHttpUrl(source)) {",
  },
  {
    file: join(root, "js/storage/compressed/as-text.js"),
    name: "CompressedFile",
    module: "./compressed-file.js",
    start: "export async function compressedFile(open) {",
  },
  {
    file: join(root, "js/storage/compressed/as-text.js"),
    name: "SessionTexts",
    module: "./session-text.js",
    start: "export async function sessionTexts() {",
  },
  {
    file: join(root, "js/storage/browser/storage.js"),
    name: "FolderLogs",
    module: "./folder-logs.js",
    start: "async function folderLogs(directory, options) {",
  },
  {
    file: join(root, "js/storage/browser/storage.js"),
    name: "openHttp",
    module: "../http.js",
    start: "const { headers, fetch } = options;",
  },
  {
    file: worker,
    name: "httpFile",
    module: "./storage/http.js",
    start: 'if ("url" in file) {',
  },
];

/** The page loads the wasm from its file, and its worker too, so that both share their code. */
const packageInside = "js/slim.js";

/** @type {Plugin} */
const packagePlugin = {
  name: "package",
  setup({ onResolve, onLoad }) {
    // package.json says that no file has side effects. Those of the page define its elements.
    onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir, kind }) =>
      resolveDir.startsWith(join(root, "viewer"))
        ? { path: join(resolveDir, path), sideEffects: true, pluginData: { kind } }
        : undefined,
    );
    onResolve({ filter: /^skill-log(\/slim)?$/ }, () => ({ path: join(root, packageInside) }));
    // By itself, so that it takes nothing out of what the page starts with.
    onResolve({ filter: /^skill-log\/secrets$/ }, () => ({ path: join(root, "dist/secrets.js") }));
    // What Node prints of an object.
    onLoad({ filter: /\/inspected\.js$/ }, () => ({ contents: "export function showBy() {}" }));
    onLoad({ filter: /\.js$/ }, ({ path }) =>
      unused.includes(path) ? { contents: namesAlone(readFileSync(path, "utf8")) } : undefined,
    );
    onLoad({ filter: /\/exclusive-file\.js$/ }, ({ path }) =>
      path === unusedWrites.file
        ? { contents: withoutFunctions(readFileSync(path, "utf8"), unusedWrites.names) }
        : undefined,
    );
    onLoad({ filter: /\/(sessions|as-text|storage|worker)\.js$/ }, ({ path }) => {
      const later = loadedLater.filter(({ file }) => path === file);
      if (later.length === 0) return undefined;
      return { contents: later.reduce(withImportLater, readFileSync(path, "utf8")) };
    });
    onResolve({ filter: /^the page$/ }, () => ({
      path: join(root, "viewer/main.js"),
      sideEffects: true,
    }));
    onLoad(
      { filter: /\/(compressed-file|session-text|folder-logs|remote-logs)\.js$/ },
      ({ path }) => ({
        contents: `import "the page";\n${readFileSync(path, "utf8")}`,
      }),
    );
    // A URL is read by the page and by its worker, which is no page. Both have these before.
    onResolve({ filter: /^what the worker has$/ }, ({ path }) => ({
      path,
      namespace: "worker",
      sideEffects: true,
    }));
    onLoad({ filter: /./, namespace: "worker" }, () => ({
      contents: importsOf(readFileSync(worker, "utf8")),
      resolveDir: dirname(worker),
    }));
    onLoad({ filter: /\/storage\/http\.js$/ }, ({ path }) => ({
      contents: `import "what the worker has";\n${readFileSync(path, "utf8")}`,
    }));
    onLoad({ filter: /\.js$/ }, ({ path, pluginData }) => {
      if (!path.startsWith(join(root, "viewer"))) return undefined;
      // Templates keep their indentation otherwise, a tenth of the page's own code.
      const contents = readFileSync(path, "utf8").replace(/\n\s+/g, "\n");
      // The page is there before what it loads later. Both say so, else esbuild makes a file of each
      // set of modules that some of them share: many small files, which compress badly.
      const isLater = pluginData?.kind === "dynamic-import";
      return { contents: isLater ? `import "../main.js";\n${contents}` : contents };
    });
    // The text of the worker is for pages that cannot load its file.
    onLoad({ filter: /worker-inline\.js$/ }, () => ({ contents: 'export default "";' }));
  },
};

/**
 * Writes dist/viewer/.
 *
 * @param {string[]} target the oldest browsers
 */
export async function bundleViewer(target) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { metafile } = await bundled({ target });
  writeFileSync(join(folder, "LICENSES"), licenses(Object.keys(metafile?.inputs ?? {})));
  const shared = await sharedPage(target);
  writeFileSync(join(folder, "shared-page.html"), shared);
  for (const file of copied) cpSync(join(root, file), join(folder, basename(file)));
  const page = join(folder, "index.html");
  writeFileSync(page, withPreloads(readFileSync(page, "utf8"), metafile));
  const sizes = await viewerSizes(target);
  say(
    `build: the viewer is ${kilobytes(sizes.page)} compressed; its libraries are ${kilobytes(sizes.libraries)}`,
  );
  say(`build: a shared page is ${kilobytes(Buffer.byteLength(shared))} without its entries`);
}

/**
 * Returns the page with links to what its program imports. A browser would ask for it only when the
 * program has come.
 *
 * @param {string} page
 * @param {BuildResult["metafile"]} metafile
 */
function withPreloads(page, metafile) {
  const program = '<script type="module" src="main.js"></script>';
  if (!page.includes(program)) throw new Failure(`viewer/index.html must have “${program}”`);
  const main = metafile?.outputs["dist/viewer/main.js"];
  if (!main) throw new Failure("dist/viewer/ has no main.js");
  const links = main.imports
    .filter(({ kind }) => kind === "import-statement")
    .map(({ path }) => `<link rel="modulepreload" href="${basename(path)}">\n    `);
  return page.replace(program, links.join("") + program);
}

/**
 * Returns the sizes of the page under gzip, in bytes.
 *
 * @param {string[]} target as for `bundleViewer`
 * @returns {Promise<typeof viewerLimits>}
 */
export async function viewerSizes(target) {
  const [whole, bare] = await Promise.all([
    bundled({ target, write: false }),
    bundled({ target, write: false, plugins: [packagePlugin, withoutLibraries] }),
  ]);
  const first = firstFiles(whole);
  const texts = (whole.outputFiles ?? []).filter(({ path }) => first.has(relative(root, path)));
  const files = copied.map((file) => readFileSync(join(root, file)));
  return {
    page: compressedSize([...texts.map(({ contents }) => contents), ...files]),
    // What libraries add: they compress well beside code that is like theirs.
    libraries: compressedSize(contentsOf(whole)) - compressedSize(contentsOf(bare)),
  };
}

/**
 * Returns the paths of what loads without being asked for: the page's program, the package's worker,
 * and what they import.
 *
 * @param {BuildResult} result
 */
function firstFiles({ metafile }) {
  const outputs = metafile?.outputs ?? {};
  const isFirst = (/** @type {string} */ path) => /\/(main|skill-log-worker)\.js$/.test(path);
  const first = new Set(Object.keys(outputs).filter(isFirst));
  // A set that grows while it is walked is walked to its end.
  for (const path of first)
    for (const { path: imported, kind } of outputs[path].imports)
      if (kind === "import-statement") first.add(imported);
  return first;
}

/**
 * Fails when the built page is too large, or the one that people share.
 *
 * @param {string[]} target as for `bundleViewer`
 */
export async function checkViewerSizes(target) {
  const { size: shared } = statSync(join(folder, "shared-page.html"));
  if (shared > sharedPageLimit)
    throw new Failure(
      `a shared page: ${shared} bytes. The limit in scripts/bundle-viewer.js is ${sharedPageLimit}`,
    );
  for (const [part, size] of Object.entries(await viewerSizes(target))) {
    const limit = viewerLimits[/** @type {keyof typeof viewerLimits} */ (part)];
    if (size > limit)
      throw new Failure(
        `the viewer's ${part}: ${size} bytes under gzip. The limit in scripts/bundle-viewer.js is ${limit}`,
      );
  }
}

/** The parameters and the body of what the page never calls. */
const NOTHING = '() { throw new TypeError("the viewer only reads"); }';

/**
 * Returns a module in which exported functions do nothing.
 *
 * @param {string} text of the module
 * @param {string[]} names of the functions
 */
function withoutFunctions(text, names) {
  return names.reduce((text, name) => {
    const start = `export async function ${name}(`;
    if (text.split(start).length !== 2) throw new Failure(`the viewer needs “${start}” once`);
    return text.replace(start, `export function ${name}${NOTHING}\nasync function old_${name}(`);
  }, text);
}

/**
 * Returns a module whose functions and classes have the names of another's, and do nothing.
 *
 * @param {string} text of the other
 */
function namesAlone(text) {
  const exported = [...text.matchAll(/^export (?:async )?(function|class|\S+)\*? (\w+)/gm)];
  return exported
    .map(([line, kind, name]) => {
      if (kind !== "function" && kind !== "class") throw new Failure(`the viewer needs “${line}”`);
      const body = kind === "class" ? "{}" : NOTHING;
      return `export ${kind} ${name} ${body}`;
    })
    .join("\n");
}

/**
 * Returns a module as one that loads another one later.
 *
 * @param {string} text of the module
 * @param {(typeof loadedLater)[0]} later
 */
function withImportLater(text, { file, name, module, start }) {
  const now = `import { ${name} } from "${module}";`;
  for (const part of [now, start])
    if (text.split(part).length !== 2) throw new Failure(`${file} must have “${part}” once`);
  return text
    .replace(now, `let ${name} = class {};`)
    .replace(start, `${start} ({ ${name} } = await import("${module}"));`);
}

/**
 * Returns a module that imports what another one does, and has nothing else.
 *
 * @param {string} text of the other
 */
function importsOf(text) {
  const modules = text.matchAll(/^import .* from ("[^"]+";)$/gm);
  return Array.from(modules, ([, module]) => `import ${module}`).join("\n");
}

/** @type {Plugin} */
const withoutLibraries = {
  name: "without libraries",
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path, resolveDir }) =>
      resolveDir.startsWith(join(root, "viewer")) && !path.startsWith("skill-log")
        ? { path, external: true }
        : undefined,
    );
  },
};

/** Modules of the page → those of a shared page, which is one file and has no server. */
const inSharedPage = new Map(
  Object.entries({
    "viewer/app/package.js": "viewer/sharing/page/package.js",
    "viewer/app/worker-url.js": "viewer/sharing/page/worker-url.js",
    "viewer/sharing/share-dialog.js": "viewer/sharing/page/package.js",
    "viewer/sources/server.js": "viewer/sharing/page/shared-logs.js",
    // No server can be reached, no folder is opened, and its log is not compressed.
    "js/remote/remote-logs.js": "viewer/sharing/page/package.js",
    "js/storage/http.js": "viewer/sharing/page/package.js",
    "js/storage/browser/folder-logs.js": "viewer/sharing/page/package.js",
    "js/storage/compressed/compressed-file.js": "viewer/sharing/page/package.js",
    "js/storage/compressed/session-text.js": "viewer/sharing/page/package.js",
  }).map(([path, other]) => [join(root, path), join(root, other)]),
);

/**
 * Returns the page that people share, without its entries: viewer/index.html with the program in it,
 * and a policy that allows this program alone, by its hash.
 *
 * @param {string[]} target
 */
async function sharedPage(target) {
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ["viewer/sharing/page/main.js"],
    bundle: true,
    write: false,
    // No module, because it is the program of workers, too.
    format: "iife",
    define: { "import.meta.url": "undefined" },
    platform: "browser",
    conditions: ["slim"],
    target,
    minify: true,
    legalComments: "none",
    logLevel: "warning",
    logOverride: { "ignored-bare-import": "silent" },
    plugins: [{ name: "shared page", setup: sharedPageModules }, packagePlugin],
  });
  const program = outputFiles[0].text.trim();
  if (/<\/script|<!--|\r/i.test(program))
    throw new Failure("the shared page's program would end early");
  const hash = createHash("sha256").update(program).digest("base64");
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${hash}' 'wasm-unsafe-eval'`,
    "worker-src blob:",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types lit-html skill-log skill-log-viewer",
  ].join("; ");
  const notices = readFileSync(join(folder, "LICENSES"), "utf8").replaceAll("--", "- -");
  return readFileSync(join(root, "viewer/index.html"), "utf8")
    .replace(/ *<!-- `skill-log view`.*-->\n/, "")
    .replace(/(http-equiv="Content-Security-Policy" content=")[^"]*/, (_, start) => start + policy)
    .replace(/ *<link .*\n/g, "")
    .replace(/<script type="module".*<\/script>/, () => `<script type="module">${program}</script>`)
    .replace("</skill-log-viewer>", () => "</skill-log-viewer>\n    <!-- entries -->")
    .replace("</html>", () => `</html>\n<!--\n${notices}\n-->`);
}

/** @param {import("esbuild").PluginBuild} build */
function sharedPageModules({ onResolve, onLoad }) {
  // All is in one file, so that nothing says what was loaded before.
  onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir }) => {
    const file = join(resolveDir, path);
    const other = inSharedPage.get(file);
    return other || file.startsWith(join(root, "viewer"))
      ? { path: other ?? file, sideEffects: true }
      : undefined;
  });
  // The wasm is in the program, compressed: base64 of it as it is would be twice as long.
  onLoad({ filter: /wasm\.js$/ }, ({ path }) => {
    if (path !== join(root, "viewer/sharing/page/wasm.js")) return undefined;
    const wasm = gzipSync(readFileSync(join(root, "dist/skill_log_bg.wasm")), { level: 9 });
    return { contents: `export const compressedWasm = "${wasm.toString("base64")}";` };
  });
  onResolve({ filter: /^skill-log\/worker$/ }, () => ({
    path: worker,
    sideEffects: true,
  }));
}

/** @param {BuildOptions} options */
async function bundled(options) {
  // Imported here, because this file is loaded before set-up has installed esbuild.
  const { build } = await import("esbuild");
  return build({
    absWorkingDir: root,
    entryPoints: ["viewer/main.js", "js/worker.js", ...workers()].map((path) => ({
      in: path,
      out: path === "js/worker.js" ? "skill-log-worker" : basename(path, ".js"),
    })),
    outdir: folder,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "browser",
    conditions: ["slim"],
    minify: true,
    metafile: true,
    legalComments: "none", // dist/viewer/LICENSES has them.
    logLevel: "warning",
    // package.json says that no file has side effects: see the plugin.
    logOverride: { "ignored-bare-import": "silent" },
    plugins: [packagePlugin],
    ...options,
  });
}

/** Returns the paths of the page's own workers. */
function workers() {
  return readdirSync(join(root, "viewer"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith("-worker.js"))
    .map((path) => `viewer/${path.replaceAll("\\", "/")}`)
    .sort();
}

/** @param {BuildResult} result */
function contentsOf({ outputFiles = [] }) {
  return outputFiles.map(({ contents }) => contents);
}

/**
 * Returns how many bytes files have under gzip, each by itself, as servers send them.
 *
 * @param {Uint8Array[]} files
 */
function compressedSize(files) {
  return files.reduce((size, bytes) => size + gzipSync(bytes, { level: 9 }).length, 0);
}

/** @param {number} bytes */
function kilobytes(bytes) {
  return `${(bytes / 1024).toFixed(1)} KiB`;
}
