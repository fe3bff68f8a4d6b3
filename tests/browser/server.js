// Serves dist/ and the pages of the tests on loopback, without COOP and COEP, which the package
// must not need.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** @type {Record<string, string>} */
const types = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

/**
 * @typedef {object} Route
 * @property {string | Uint8Array} body
 * @property {Record<string, string>} [headers] such as a Content-Security-Policy; the type is the
 *   path's, or HTML
 * @property {number} [delay] how long the answer takes, in milliseconds
 *
 * @callback Handler
 * @param {import("node:http").IncomingMessage} request
 * @param {import("node:http").ServerResponse} response
 * @returns {unknown}
 *
 * @typedef {Record<string, string | Uint8Array | Route>} Routes
 *
 * @typedef {object} Server
 * @property {string} url without a `/` at its end
 * @property {Routes} routes may be changed at any time
 * @property {string[]} requests the paths that were asked for
 * @property {() => Promise<void>} close
 */

/**
 * Starts a server of `dist/…` and of the routes.
 *
 * @param {Routes} [given] path, with its `/` → what is there. A route below `/dist/` replaces the
 *   file
 * @param {Record<string, Handler>} [handlers] folder, between two `/` → what answers for its paths
 * @returns {Promise<Server>}
 */
export async function serve(given = {}, handlers = {}) {
  // Browsers ask for the icon by themselves, and report an error when it is missing.
  /** @type {Routes} */
  const routes = { "/favicon.ico": "", ...given };
  /** @type {string[]} */
  const requests = [];
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    requests.push(pathname);
    const handler = handlers[pathname.slice(0, pathname.indexOf("/", 1) + 1)];
    if (handler) {
      await handler(request, response);
      return;
    }
    const route = Object.hasOwn(routes, pathname) ? routes[pathname] : await built(pathname);
    const {
      body,
      headers,
      delay = 0,
    } = typeof route === "string" || route instanceof Uint8Array ? { body: route } : (route ?? {});
    const type = `${types[extname(pathname)] ?? "text/html"}; charset=utf-8`;
    if (delay > 0) await pause(delay);
    response.writeHead(body === undefined ? 404 : 200, {
      "content-type": type,
      "cache-control": "no-store",
      ...headers,
    });
    response.end(body ?? `there is no ${pathname}`);
  });
  await new Promise((done, fail) =>
    server.once("error", fail).listen(0, "127.0.0.1", () => done(undefined)),
  );
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    routes,
    requests,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

/** @param {string} pathname resolved by `URL`, so that it has no `..` */
async function built(pathname) {
  return pathname.startsWith("/dist/")
    ? readFile(join(root, pathname)).catch(() => undefined)
    : undefined;
}
