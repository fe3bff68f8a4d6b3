// Bundles the simulator, and serves it on loopback until it is stopped: `npm run simulator`.

import { cpSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";

import { Failure, root, say, script } from "./command.js";

const folder = join(root, "target", "simulator");
const source = join(root, "simulator");

/** What stands for Node's modules in a browser. */
const standIns = new Map(
  ["fs", "module", "path"].map((name) => [`node:${name}`, join(source, "node", `${name}.js`)]),
);

const types = new Map([
  [".html", "text/html; charset=utf-8"],
  [".js", "text/javascript; charset=utf-8"],
  [".svg", "image/svg+xml"],
]);

/**
 * Bundles the page.
 *
 * @returns {Promise<string>} the folder of the page
 */
export async function bundleSimulator() {
  if (!existsSync(join(root, "dist", "wasm-inline.js")))
    throw new Failure("simulator: the package is not built yet. Run `npm run build` first");
  const { build } = await import("esbuild");
  mkdirSync(folder, { recursive: true });
  await build({
    absWorkingDir: root,
    entryPoints: ["simulator/main.js"],
    outdir: folder,
    bundle: true,
    format: "esm",
    platform: "browser",
    minify: true,
    legalComments: "none",
    logLevel: "warning",
    inject: ["simulator/node/globals.js"],
    // package.json says that no file has side effects. Those of the page define its elements.
    ignoreAnnotations: true,
    plugins: [{ name: "stand-ins", setup: resolveStandIns }],
  });
  cpSync(join(source, "index.html"), join(folder, "index.html"));
  cpSync(join(root, "viewer", "icon.svg"), join(folder, "icon.svg"));
  return folder;
}

/** @param {import("esbuild").PluginBuild} build */
function resolveStandIns({ onResolve }) {
  onResolve({ filter: /^node:/ }, ({ path }) => ({ path: standIns.get(path) }));
  onResolve({ filter: /^skill-log$/ }, () => ({ path: join(root, "js/index.js") }));
}

/** Serves the page, at a port that is free. */
function serve() {
  const server = createServer(({ url }, response) => {
    const name = url === "/" ? "index.html" : (url ?? "").slice(1);
    const type = types.get(extname(name));
    const isOwn = /^[\w.-]+$/.test(name) && type && existsSync(join(folder, name));
    if (!isOwn) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { "Content-Type": type }).end(readFileSync(join(folder, name)));
  });
  server.listen(0, "127.0.0.1", () => {
    const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
    say(`simulator: http://127.0.0.1:${port}/ (Ctrl-C ends it)`);
  });
}

script(import.meta.url, async () => {
  await bundleSimulator();
  serve();
});
