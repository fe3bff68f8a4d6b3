// Bundles the page of viewer/ with the package, and measures what browsers download for it.

import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";

import { licenses } from "./bundled-licenses.js";
import { Failure, root, say } from "./command.js";

/** @import { BuildOptions, BuildResult, Plugin } from "esbuild" */

/** How many bytes may be downloaded, under gzip. */
export const viewerLimits = {
  /** For the libraries that only the page uses. */
  libraries: 40 * 1024,
  /** For the page, with the package, its wasm and all workers. */
  page: 190 * 1024,
};

/** Below dist/ and viewer/: each is a file of the page as it is. */
const copied = ["viewer/index.html", "viewer/icon.svg", "dist/skill_log_bg.wasm"];

const folder = join(root, "dist", "viewer");

/** The page loads the wasm from its file, and its worker too, so that both share their code. */
const packageInside = "js/slim.js";

/** @type {Plugin} */
const packagePlugin = {
  name: "package",
  setup({ onResolve, onLoad }) {
    // package.json says that no file has side effects. Those of the page define its elements.
    onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir }) =>
      resolveDir.startsWith(join(root, "viewer"))
        ? { path: join(resolveDir, path), sideEffects: true }
        : undefined,
    );
    onResolve({ filter: /^skill-log(\/slim)?$/ }, () => ({ path: join(root, packageInside) }));
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
  for (const file of copied) cpSync(join(root, file), join(folder, basename(file)));
  const { libraries, page } = await viewerSizes(target);
  say(
    `build: the viewer is ${kilobytes(page)} compressed, ${kilobytes(libraries)} of them libraries`,
  );
}

/**
 * Returns the sizes of the built page under gzip, in bytes.
 *
 * @param {string[]} target as for `bundleViewer`
 * @returns {Promise<typeof viewerLimits>}
 */
export async function viewerSizes(target) {
  const files = readdirSync(folder).filter((file) => file !== "LICENSES");
  const page = files.map((file) => compressed(readFileSync(join(folder, file))));
  // What the page's libraries add: they compress well beside code that is like theirs.
  const [whole, bare] = await Promise.all([
    bundled({ target, write: false }),
    bundled({ target, write: false, plugins: [packagePlugin, withoutLibraries] }),
  ]);
  return { page: sum(page), libraries: sum(texts(whole)) - sum(texts(bare)) };
}

/**
 * Fails when the built page is too large.
 *
 * @param {string[]} target as for `bundleViewer`
 */
export async function checkViewerSizes(target) {
  for (const [part, size] of Object.entries(await viewerSizes(target))) {
    const limit = viewerLimits[/** @type {keyof typeof viewerLimits} */ (part)];
    if (size > limit)
      throw new Failure(
        `the viewer's ${part}: ${size} bytes under gzip. The limit in scripts/bundle-viewer.js is ${limit}`,
      );
  }
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
function texts({ outputFiles = [] }) {
  return outputFiles.map(({ contents }) => compressed(contents));
}

/** @param {Uint8Array} bytes */
function compressed(bytes) {
  return gzipSync(bytes, { level: 9 }).length;
}

/** @param {number[]} numbers */
function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}

/** @param {number} bytes */
function kilobytes(bytes) {
  return `${(bytes / 1024).toFixed(1)} KiB`;
}
