// Serves a page with one part of the viewer, under the policy of the real page.

import { build } from "esbuild";
import { readFileSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

import { serve } from "../browser/server.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

const [, policy = ""] =
  /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(
    readFileSync(join(root, "viewer/index.html"), "utf8"),
  ) ?? [];

/**
 * Bundles a page as the viewer is bundled, and serves it.
 *
 * @param {string} path below tests/viewer/
 * @returns {Promise<import("../browser/server.js").Server>}
 */
export async function servePart(path) {
  const workers = readdirSync(join(root, "viewer"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith("-worker.js"))
    .map((path) => ({ in: `viewer/${path}`, out: basename(path, ".js") }));
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [
      { in: `tests/viewer/${path}`, out: "part" },
      { in: "js/worker.js", out: "skill-log-worker" },
      ...workers,
    ],
    outdir: "/",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "browser",
    conditions: ["slim"],
    write: false,
    logLevel: "error",
    // package.json says that no file has side effects; elements are defined by some.
    ignoreAnnotations: true,
    plugins: [
      {
        name: "package",
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^skill-log(\/slim)?$/ }, () => ({ path: join(root, "js/slim.js") }));
          onLoad({ filter: /worker-inline\.js$/ }, () => ({ contents: 'export default "";' }));
        },
      },
    ],
  });
  return serve({
    "/": {
      body: '<!doctype html><html lang="en"><title>part</title><meta name="viewport" content="width=device-width"><body><script type="module" src="part.js"></script>',
      headers: { "content-security-policy": policy },
    },
    ...Object.fromEntries(outputFiles.map(({ path, text }) => [path, text])),
    "/skill_log_bg.wasm": {
      body: readFileSync(join(root, "dist/skill_log_bg.wasm")),
      headers: { "content-type": "application/wasm" },
    },
  });
}
