// Bundles test code for a browser, with replacements for Node's own modules.

import { build } from "esbuild";
import { fileURLToPath } from "node:url";

/**
 * Where the package is served. It is not bundled, because the tests must load the built file
 * itself.
 */
const packageUrl = "/dist/browser.js";

const page = fileURLToPath(new URL("page/", import.meta.url));

/**
 * Bundles a file with all its imports except the package.
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
    logLevel: "silent", // Errors are thrown.
    define: { global: "globalThis" },
    // Injected into the tests only, because the package would use a Buffer in globalThis.
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
