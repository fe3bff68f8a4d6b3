// The server of `skill-log view`: the page, and the protocol of its data, on this machine alone.

import { once } from "node:events";
import { createServer, STATUS_CODES } from "node:http";

import { serveSessions } from "../../index.js";
import { DATA_PATH, Guard, SESSION_PATH } from "./guard.js";
import { pageFiles } from "./page-files.js";

/** @import { IncomingMessage, Server, ServerResponse } from "node:http" */
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

/** The path of the list of sessions. */
const LIST_PATH = `${DATA_PATH}v1/sessions`;

/** The path of what is served: its name and its id. */
const SOURCE_PATH = `${DATA_PATH}v1/source`;

/** How long a list that is read ahead is kept, in milliseconds. */
const AHEAD_TIME = 10_000;

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
 * @property {() => string} urlForOnce makes an address that lets one browser in, once
 * @property {number} port
 * @property {() => Promise<void>} close
 */

/**
 * Returns whether a port is another program's, or may not be used.
 *
 * @param {any} error
 */
export function isTaken(error) {
  return error.code === "EADDRINUSE" || error.code === "EACCES";
}

/**
 * Listens at the first port that is free.
 *
 * @param {Server} server
 * @param {readonly number[]} ports
 */
async function listen(server, [port, ...others]) {
  server.listen(port, HOST);
  try {
    await once(server, "listening");
  } catch (error) {
    if (others.length === 0 || !isTaken(error)) throw error;
    await listen(server, others);
  }
}

/**
 * Starts a viewer.
 *
 * @param {Sessions} sessions the caller closes them
 * @param {{ ports?: readonly number[], publicHosts?: readonly string[], folder?: string,
 *   source?: { id: string, name: string } }} [options] `ports`: the first that is free is taken;
 *   default: any. `folder` has the page. `source`: what the sessions are of; default: unknown
 * @returns {Promise<Viewer>}
 */
export async function startViewer(sessions, options = {}) {
  const { ports = [0], publicHosts = [], folder, source } = options;
  const served = serveSessions(sessions);
  const files = pageFiles(folder);
  /** The list that the page asks for first. @type {ReturnType<typeof listAhead> | null} */
  let ahead = listAhead(served);
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
  await listen(server, ports);
  const { port: own } = /** @type {AddressInfo} */ (server.address());
  const guard = new Guard(own, publicHosts);
  const address = `http://${HOST}:${own}/#token=`;

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
    else if (path === SOURCE_PATH && source) sendSource(request, response, source);
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
    // The page notices what happened since a list was read. Other programs have no cookie.
    const isAhead = request.url === LIST_PATH && request.method === "GET" && request.headers.cookie;
    let ending = new AbortController();
    response.on("close", () => ending.abort());
    const taken = isAhead ? ahead : null;
    // Before anything is awaited: the list is for one request.
    if (isAhead) ahead = null;
    const read = await taken?.take();
    if (response.destroyed) {
      taken?.end();
      return;
    }
    if (read) {
      ending = read.ending;
      await send(response, read.answer, read.chunks, ending);
      return;
    }
    const headers = new Headers();
    for (const name of PASSED) {
      const values = request.headersDistinct[name];
      // Two ranges are no range.
      if (values) headers.set(name, values.join(","));
    }
    const answer = await served.answer(
      new Request(`http://${HOST}${request.url}`, {
        method: request.method ?? "GET",
        headers,
        signal: ending.signal,
      }),
    );
    const isSent = answer.body !== null && request.method !== "HEAD";
    await send(response, answer, isSent ? answer.body : null, ending);
  }

  return {
    url: `${address}${guard.token}`,
    urlForOnce: () => `${address}${guard.makeTokenForOnce()}`,
    port: own,
    async close() {
      const closed = once(server, "close");
      server.close();
      ahead?.end();
      await served.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/**
 * Starts to read the list of sessions, while the browser starts.
 *
 * @param {import("../../types.js").ServedSessions} served
 */
function listAhead(served) {
  const ending = new AbortController();
  const url = `http://${HOST}${LIST_PATH}`;
  const reading = (async () => {
    const answer = await served.answer(new Request(url, { signal: ending.signal }));
    const chunks = answer.body?.[Symbol.asyncIterator]();
    return { answer, chunks, first: await chunks?.next() };
  })();
  reading.catch(() => {});
  const end = () => {
    ending.abort();
    reading.then(({ chunks }) => chunks?.return?.()).catch(() => {});
  };
  const timer = setTimeout(end, AHEAD_TIME);
  timer.unref();
  return {
    end,
    /** Takes it. Returns null where it is too old, or could not be read. */
    async take() {
      clearTimeout(timer);
      const read = await reading.catch(() => null);
      if (!read?.chunks || ending.signal.aborted) return null;
      const { answer, chunks, first } = read;
      const all = (async function* () {
        if (first && !first.done) yield first.value;
        yield* { [Symbol.asyncIterator]: () => chunks };
      })();
      return { ending, answer, chunks: all };
    },
  };
}

/**
 * Sends an answer.
 *
 * @param {ServerResponse} response
 * @param {Response} answer
 * @param {AsyncIterable<Uint8Array> | null} chunks of its body
 * @param {AbortController} ending is aborted when the client is gone
 */
async function send(response, { status, headers }, chunks, ending) {
  response.setHeader("cache-control", "no-store");
  response.writeHead(status, Object.fromEntries(headers));
  for await (const chunk of chunks ?? []) {
    if (ending.signal.aborted) break;
    if (!response.write(chunk)) await Promise.race([once(response, "drain"), aborted(ending)]);
  }
  response.end();
}

/** @param {AbortController} ending */
async function aborted({ signal }) {
  if (!signal.aborted) await once(signal, "abort");
}

/**
 * @param {IncomingMessage} request
 * @param {ServerResponse} response
 * @param {{ id: string, name: string }} source
 */
function sendSource({ method }, response, { id, name }) {
  const body = Buffer.from(JSON.stringify({ id, name }));
  response.writeHead(200, {
    "cache-control": "no-store",
    "content-length": body.length,
    "content-type": "application/json",
  });
  response.end(method === "HEAD" ? undefined : body);
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
