// Logs at URLs: a page puts one there by PUT, and is answered for it in the way that the path names.

import { ranges, whole } from "../js/log-server.js";

/** @import { Answer } from "../js/log-server.js" */

/** @param {Record<string, string>} headers @param {Answer} answer @returns {Answer} */
const withHeaders = (headers, answer) => (request, response, file) => {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  answer(request, response, file);
};

const allowed = { "access-control-allow-origin": "*" };

/** Gives ranges, and tells nobody how long they are. @type {Answer} */
const unsized = (request, response, file) => {
  response.setHeader("transfer-encoding", "chunked");
  const { writeHead } = response;
  response.writeHead = (status, { "Content-Length": _, ...headers } = {}) => writeHead.call(response, status, headers);
  ranges(request, response, file);
};

/** @type {Record<string, Answer>} */
const ways = {
  ranges,
  whole,
  exposed: withHeaders({ ...allowed, "access-control-expose-headers": "Content-Range" }, ranges),
  allowed: withHeaders(allowed, ranges),
  "allowed-whole": withHeaders(allowed, whole),
  "allowed-unsized": withHeaders(allowed, unsized),
};

/**
 * Makes a handler of paths like `/logs/WAY/NAME`.
 *
 * @returns {import("./server.js").Handler}
 */
export function urlLogs() {
  /** @type {Map<string, Buffer>} */
  const files = new Map();
  return async (request, response) => {
    const [, , way, name] = /** @type {string} */ (request.url).split("/");
    if (request.method === "PUT") {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      files.set(name, Buffer.concat(chunks));
      response.end();
      return;
    }
    const file = files.get(name);
    // No page may have to ask whether it may ask.
    if (request.method !== "GET") response.writeHead(405).end();
    else if (!file) response.writeHead(404, allowed).end();
    else ways[way](request, response, file);
  };
}
