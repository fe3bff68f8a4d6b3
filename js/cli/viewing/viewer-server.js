// The server of `skill-log view`: the page, and the protocol of its data, on this machine alone.

import { once } from "node:events";
import { createServer, STATUS_CODES } from "node:http";

import { serveSessions } from "../../index.js";
import { DATA_PATH, Guard, SESSION_PATH } from "./guard.js";
import { pageFiles } from "./page-files.js";

/** @import { IncomingMessage, ServerResponse } from "node:http" */
/** @import { AddressInfo, Socket } from "node:net" */
/** @import { Sessions } from "../../index.js" */
/** @import { PageFile } from "./page-files.js" */

const HOST = "127.0.0.1";

/** Limits of requests: bytes of their heads, milliseconds, and connections. */
const MOST_HEAD_BYTES = 16 << 10;
const HEAD_TIME = 10_000;
const REQUEST_TIME = 30_000;
const IDLE_TIME = 60_000;
const MOST_CONNECTIONS = 256;

/** The most bytes of a token that is sent. */
const MOST_TOKEN_BYTES = 256;

/** The headers of a request that answers depend on. */
const PASSED = ["range", "if-range", "if-none-match"];

/** What the page may do: run its own program, and ask its own server. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** The headers of every answer. */
const HEADERS = {
  "content-security-policy": POLICY,
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

/**
 * A viewer that runs.
 *
 * @typedef {object} Viewer
 * @property {string} url its address, with the token
 * @property {number} port
 * @property {() => Promise<void>} close
 */

/**
 * Starts a viewer.
 *
 * @param {Sessions} sessions the caller closes them
 * @param {{ port?: number, publicHosts?: readonly string[], folder?: string }} [options] `folder` has
 *   the page
 * @returns {Promise<Viewer>}
 */
export async function startViewer(sessions, { port = 0, publicHosts = [], folder } = {}) {
  const served = serveSessions(sessions);
  const files = pageFiles(folder);
  const server = createServer(
    // The guard refuses a request without a host, as any other host.
    { maxHeaderSize: MOST_HEAD_BYTES, keepAliveTimeout: IDLE_TIME, requireHostHeader: false },
    (request, response) => {
      respond(request, response).catch(() => response.destroy());
    },
  );
  server.headersTimeout = HEAD_TIME;
  server.requestTimeout = REQUEST_TIME;
  server.maxConnections = MOST_CONNECTIONS;
  server.on("clientError", refuseMalformed);
  server.listen(port, HOST);
  await once(server, "listening");
  const { port: own } = /** @type {AddressInfo} */ (server.address());
  const guard = new Guard(own, publicHosts);

  /**
   * @param {IncomingMessage} request
   * @param {ServerResponse} response
   */
  async function respond(request, response) {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    const refused = guard.refusalOf(request);
    if (refused) {
      refuse(response, refused.status, refused.why);
      return;
    }
    const { url = "" } = request;
    const [path] = url.split("?", 1);
    if (path === SESSION_PATH) await letIn(request, response);
    else if (path.startsWith(DATA_PATH)) await pass(request, response);
    else sendFile(request, response, files.get(path));
  }

  /**
   * Exchanges a token for the cookie.
   *
   * @param {IncomingMessage} request
   * @param {ServerResponse} response
   */
  async function letIn(request, response) {
    let token = "";
    for await (const chunk of request) {
      token += chunk;
      if (token.length > MOST_TOKEN_BYTES) break;
    }
    const cookie = guard.cookieFor(token, request.headers.origin);
    if (!cookie) {
      refuse(response, 403, "the token is wrong: open the address that skill-log view printed");
      return;
    }
    response.writeHead(204, { "set-cookie": cookie, "cache-control": "no-store" });
    response.end();
  }

  /**
   * Has the protocol answer.
   *
   * @param {IncomingMessage} request
   * @param {ServerResponse} response
   */
  async function pass(request, response) {
    const ending = new AbortController();
    response.on("close", () => ending.abort());
    const headers = new Headers();
    for (const name of PASSED) {
      const values = request.headersDistinct[name];
      // Two ranges are no range.
      if (values) headers.set(name, values.join(","));
    }
    const {
      status,
      headers: sent,
      body,
    } = await served.answer(
      new Request(`http://${HOST}${request.url}`, {
        method: request.method ?? "GET",
        headers,
        signal: ending.signal,
      }),
    );
    response.setHeader("cache-control", "no-store");
    response.writeHead(status, Object.fromEntries(sent));
    if (!body || request.method === "HEAD") {
      response.end();
      return;
    }
    const reader = body.getReader();
    ending.signal.addEventListener("abort", () => reader.cancel().catch(() => {}));
    for (;;) {
      const { value, done } = await reader.read();
      if (done || ending.signal.aborted) break;
      if (!response.write(value)) await Promise.race([once(response, "drain"), aborted(ending)]);
    }
    response.end();
  }

  return {
    url: `http://${HOST}:${own}/#token=${guard.token}`,
    port: own,
    async close() {
      const closed = once(server, "close");
      server.close();
      await served.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** @param {AbortController} ending */
async function aborted({ signal }) {
  if (!signal.aborted) await once(signal, "abort");
}

/**
 * @param {IncomingMessage} request
 * @param {ServerResponse} response
 * @param {PageFile | undefined} file
 */
function sendFile({ method, headers }, response, file) {
  if (!file) {
    refuse(response, 404, "there is no such file");
    return;
  }
  const { bytes, type, tag } = file;
  // Asked for anew each time, because another version of the package may use the port later.
  response.setHeader("cache-control", "no-cache");
  response.setHeader("etag", tag);
  if (headers["if-none-match"] === tag) {
    response.writeHead(304);
    response.end();
    return;
  }
  response.writeHead(200, { "content-type": type, "content-length": bytes.length });
  response.end(method === "HEAD" ? undefined : bytes);
}

/**
 * @param {ServerResponse} response
 * @param {number} status
 * @param {string} why
 */
function refuse(response, status, why) {
  const body = JSON.stringify({ error: { code: "IO_ERROR", message: why } });
  // What is left of the request is not read.
  response.writeHead(status, {
    "cache-control": "no-store",
    "content-type": "application/json",
    ...(status === 405 && { allow: "GET, HEAD" }),
    connection: "close",
  });
  response.end(body);
}

/**
 * Refuses what is no request, or too large.
 *
 * @param {Error & { code?: string }} error
 * @param {Socket} socket
 */
function refuseMalformed({ code }, socket) {
  if (code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const status =
    code === "HPE_HEADER_OVERFLOW" ? 431 : code === "ERR_HTTP_REQUEST_TIMEOUT" ? 408 : 400;
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n\r\n`);
}
