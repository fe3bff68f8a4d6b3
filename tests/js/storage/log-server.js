// A server of one file on loopback, which answers as each test wants.

import { createHash } from "node:crypto";
import http from "node:http";

/**
 * Answers a request for the file, which is passed as it is now.
 *
 * @typedef {(request: http.IncomingMessage, response: http.ServerResponse, file: Buffer) => void}
 *   Answer
 */

/**
 * @typedef {object} LogServer
 * @property {URL} url
 * @property {Buffer} file the served file; may be set
 * @property {Answer} answer may be set
 * @property {string[]} ranges each request's range, without `bytes=`; may be emptied
 * @property {http.IncomingHttpHeaders[]} headers of each request
 * @property {number} connections how many connections were opened
 * @property {number} ended how many answers the client left unfinished
 */

/**
 * @param {import("node:test").TestContext} t
 * @param {string | Buffer} file
 * @param {Answer} [answer]
 * @returns {Promise<LogServer>}
 */
export async function logServer(t, file, answer = ranges) {
  const server = http.createServer((request, response) => {
    served.ranges.push((request.headers.range ?? "").replace("bytes=", ""));
    served.headers.push(request.headers);
    response.on("close", () => {
      if (!response.writableFinished) served.ended += 1;
    });
    served.answer(request, response, served.file);
  });
  server.on("connection", () => (served.connections += 1));
  await new Promise((done) => server.listen(0, "127.0.0.1", () => done(undefined)));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const url = new URL(`http://127.0.0.1:${port}/logs/s.jsonl`);
  /** @type {LogServer} */
  const served = {
    url,
    file: Buffer.from(file),
    answer,
    ranges: [],
    headers: [],
    connections: 0,
    ended: 0,
  };
  return served;
}

/**
 * Returns the range that a request asks for, and its bytes.
 *
 * @param {http.IncomingMessage} request
 * @param {Buffer} file
 * @returns {{ from: number, to: number, bytes: Buffer }} `to` is after the last byte. `bytes` is
 *   empty when the range starts after the file's end
 */
export function askedOf(request, file) {
  const [, from, last] = /** @type {RegExpExecArray} */ (
    /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "")
  );
  const to = Math.min(last === "" ? Infinity : Number(last) + 1, file.length);
  return { from: Number(from), to, bytes: file.subarray(Number(from), to) };
}

/** Answers ranges as the standard says. @type {Answer} */
export function ranges(request, response, file) {
  if (!request.headers.range) return whole(request, response, file);
  const { from, to, bytes } = askedOf(request, file);
  if (bytes.length === 0)
    response
      .writeHead(416, { "Content-Range": `bytes */${file.length}` })
      .end("<p>beyond the end</p>");
  else
    response
      .writeHead(206, {
        "Content-Range": `bytes ${from}-${to - 1}/${file.length}`,
        "Content-Length": bytes.length,
      })
      .end(bytes);
}

/** Answers ranges without the file's size. @type {Answer} */
export function rangesOfUnknownSize(request, response, file) {
  if (!request.headers.range) return whole(request, response, file);
  const { from, to, bytes } = askedOf(request, file);
  if (bytes.length === 0) response.writeHead(416).end();
  else
    response
      .writeHead(206, {
        "Content-Range": `bytes ${from}-${to - 1}/*`,
        "Content-Length": bytes.length,
      })
      .end(bytes);
}

/** Answers ranges as a page of another origin sees them: without Content-Range. @type {Answer} */
export function rangesUntold(request, response, file) {
  if (!request.headers.range) return whole(request, response, file);
  const { bytes } = askedOf(request, file);
  response.writeHead(bytes.length === 0 ? 416 : 206, { "Content-Length": bytes.length }).end(bytes);
}

/** Answers with the whole file. @type {Answer} */
export function whole(request, response, file) {
  response.writeHead(200, { "Content-Length": file.length }).end(file);
}

/** Answers with the whole file, without its size. @type {Answer} */
export function wholeOfUnknownSize(request, response, file) {
  response.writeHead(200);
  for (let at = 0; at < file.length; at += 50_000) response.write(file.subarray(at, at + 50_000));
  response.end();
}

/** Adds an ETag to the answers: a digest of the file. @type {(answer: Answer) => Answer} */
export const tagged = (answer) => (request, response, file) => {
  response.setHeader("ETag", `"${createHash("sha1").update(file).digest("hex")}"`);
  answer(request, response, file);
};

/** Adds a weak ETag, as many servers send. @type {(answer: Answer) => Answer} */
export const weaklyTagged = (answer) => (request, response, file) => {
  response.setHeader("ETag", `W/"${file.length}"`);
  answer(request, response, file);
};

/** When each file was changed. @type {WeakMap<Buffer, number>} */
const times = new WeakMap();
let time = Date.UTC(2026, 0);

/** Adds Last-Modified, with another time for each file. @type {(answer: Answer) => Answer} */
export const dated = (answer) => (request, response, file) => {
  if (!times.has(file)) times.set(file, (time += 1000));
  response.setHeader(
    "Last-Modified",
    new Date(/** @type {number} */ (times.get(file))).toUTCString(),
  );
  answer(request, response, file);
};

/**
 * Adds Last-Modified with the time of the answer, which several files share because it counts
 * seconds.
 *
 * @type {(answer: Answer) => Answer}
 */
export const hastilyDated = (answer) => (request, response, file) => {
  response.setHeader("Date", "Thu, 01 Jan 2026 00:00:00 GMT");
  response.setHeader("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT");
  answer(request, response, file);
};
