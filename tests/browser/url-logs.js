// Logs at URLs. A page stores a log by PUT, and the server answers for it in the way that the path
// names. A log with a header `After` replaces the stored log after so many answers.

import { ranges, whole } from "../js/storage/log-server.js";

/** @import { Answer } from "../js/storage/log-server.js" */

/** @param {Record<string, string>} headers @param {Answer} answer @returns {Answer} */
const withHeaders = (headers, answer) => (request, response, file) => {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  answer(request, response, file);
};

const allowed = { "access-control-allow-origin": "*" };

/** Answers with ranges, without their lengths. @type {Answer} */
const unsized = (request, response, file) => {
  response.setHeader("transfer-encoding", "chunked");
  const { writeHead } = response;
  response.writeHead = /** @type {any} */ (
    (
      /** @type {number} */ status,
      /** @type {Record<string, string>} */ { "Content-Length": _, ...headers } = {},
    ) => Reflect.apply(writeHead, response, [status, headers])
  );
  ranges(request, response, file);
};

/** Answers the requests that have the word, from pages of other origins too. @type {Answer} */
const guarded = (request, response, file) => {
  if (request.headers.authorization === "Bearer word") ranges(request, response, file);
  else response.writeHead(401).end();
};

/** @type {Record<string, Answer>} */
const ways = {
  ranges,
  whole,
  exposed: withHeaders({ ...allowed, "access-control-expose-headers": "Content-Range" }, ranges),
  allowed: withHeaders(allowed, ranges),
  "allowed-whole": withHeaders(allowed, whole),
  "allowed-unsized": withHeaders(allowed, unsized),
  guarded: withHeaders(allowed, guarded),
};

/**
 * Makes a handler of paths such as `/logs/WAY/NAME`.
 *
 * @returns {import("./server.js").Handler}
 */
export function urlLogs() {
  /** @type {Map<string, Buffer>} */
  const files = new Map();
  /** @type {Map<string, { left: number, file: Buffer }>} */
  const coming = new Map();
  return async (request, response) => {
    const [, , way, name] = /** @type {string} */ (request.url).split("/");
    if (request.method === "PUT") {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      coming.delete(name);
      if (request.headers.after)
        coming.set(name, { left: Number(request.headers.after), file: Buffer.concat(chunks) });
      else files.set(name, Buffer.concat(chunks));
      response.end();
      return;
    }
    const next = coming.get(name);
    if (next && (next.left -= 1) < 0) files.set(name, next.file);
    const file = files.get(name);
    const asks = { ...allowed, "access-control-allow-headers": "authorization, range" };
    if (request.method === "OPTIONS" && way === "guarded") response.writeHead(204, asks).end();
    // All other logs must need no preflight request.
    else if (request.method !== "GET") response.writeHead(405).end();
    else if (!file) response.writeHead(404, allowed).end();
    else ways[way](request, response, file);
  };
}
