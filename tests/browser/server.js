// Serves dist/ and pages made for tests, on loopback alone. No COOP, no COEP: the package must need neither.

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
 * @property {Record<string, string>} [headers] a Content-Security-Policy, for example; the type is by the path, else HTML
 * @property {number} [delay] how long it takes to come, in milliseconds
 *
 * @typedef {(request: import("node:http").IncomingMessage, response: import("node:http").ServerResponse) => unknown} Handler
 */

/**
 * Starts a server of `dist/…` and of the routes.
 *
 * @param {Record<string, string | Uint8Array | Route>} [given] path, with its `/` → what is there. A route for a path below
 *   `/dist/` is taken instead of the file.
 * @param {Record<string, Handler>} [handlers] folder, with a `/` before and behind it → what answers for all that is in it
 * @returns {Promise<{ url: string, routes: Record<string, string | Uint8Array | Route>, requests: string[], close: () => Promise<void> }>}
 *   `url` without a `/` at its end; `routes` may be changed at any time; `requests` are the paths that were asked for
 */
export async function serve(given = {}, handlers = {}) {
  // Browsers ask for it by themselves, and tell of it as an error where it is missing.
  /** @type {Record<string, string | Uint8Array | Route>} */
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

/** @param {string} pathname resolved by URL, so that it has no `..` */
async function built(pathname) {
  return pathname.startsWith("/dist/")
    ? readFile(join(root, pathname)).catch(() => undefined)
    : undefined;
}
