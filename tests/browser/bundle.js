// Makes one file of test code for a browser, where what is Node's alone has something else in its place.

import { build } from "esbuild";
import { fileURLToPath } from "node:url";

/** Where the package is served. It is not a part of the bundle: what is tested is the very file that was built. */
const packageUrl = "/dist/browser.js";

const page = fileURLToPath(new URL("page/", import.meta.url));

/**
 * Bundles a file with all it imports, but the package.
 *
 * @param {string} path absolute
 * @returns {Promise<{ code: string, map: string }>} an ES module, and its source map
 */
export async function bundle(path) {
  const { outputFiles } = await build({
    entryPoints: [path],
    outfile: "bundle.js",
    bundle: true,
    format: "esm",
    platform: "browser",
    sourcemap: "external",
    write: false,
    logLevel: "silent", // What goes wrong is thrown.
    define: { global: "globalThis" },
    // In the tests alone, not in globalThis: where the package finds a Buffer there, it takes it.
    inject: [`${page}node-globals.js`],
    alias: {
      "node:assert/strict": `${page}assert-strict.js`,
      "node:buffer": "buffer",
      "node:test": `${page}node-test.js`,
      "node:timers/promises": `${page}timers-promises.js`,
    },
    plugins: [
      {
        name: "package",
        setup: ({ onResolve }) =>
          onResolve({ filter: /^skill-log$/ }, () => ({ path: packageUrl, external: true })),
      },
    ],
  });
  const [map, code] = outputFiles.sort(
    (a, b) => Number(a.path.endsWith(".js")) - Number(b.path.endsWith(".js")),
  );
  return { code: code.text, map: map.text };
}
