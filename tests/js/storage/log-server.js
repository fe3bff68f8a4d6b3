// A server of one file on loopback, which behaves as it is told.

import { createHash } from "node:crypto";
import http from "node:http";

/**
 * Answers a request for the file as it is now.
 *
 * @typedef {(request: http.IncomingMessage, response: http.ServerResponse, file: Buffer) => void} Answer
 */

/**
 * @typedef {object} LogServer
 * @property {URL} url
 * @property {Buffer} file what is served; may be set
 * @property {Answer} answer may be set
 * @property {string[]} ranges what each request asked for, `bytes=` left out; may be emptied
 * @property {http.IncomingHttpHeaders[]} headers of each request
 * @property {number} connections how many there were
 * @property {number} ended how many answers the client left before they were complete
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
 * Takes the range that a request asks for.
 *
 * @param {http.IncomingMessage} request
 * @param {Buffer} file
 * @returns {{ from: number, to: number, bytes: Buffer }} `to` is behind the last byte; there are none where the file ends before them
 */
export function askedOf(request, file) {
  const [, from, last] = /** @type {RegExpExecArray} */ (
    /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "")
  );
  const to = Math.min(last === "" ? Infinity : Number(last) + 1, file.length);
  return { from: Number(from), to, bytes: file.subarray(Number(from), to) };
}

/** Gives ranges as the standard says. @type {Answer} */
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

/** Does not tell the size of the file. @type {Answer} */
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

/** Gives ranges as a page of another origin sees them: it is not shown Content-Range. @type {Answer} */
export function rangesUntold(request, response, file) {
  if (!request.headers.range) return whole(request, response, file);
  const { bytes } = askedOf(request, file);
  response.writeHead(bytes.length === 0 ? 416 : 206, { "Content-Length": bytes.length }).end(bytes);
}

/** Knows no ranges. @type {Answer} */
export function whole(request, response, file) {
  response.writeHead(200, { "Content-Length": file.length }).end(file);
}

/** Knows no ranges, nor how long the file is. @type {Answer} */
export function wholeOfUnknownSize(request, response, file) {
  response.writeHead(200);
  for (let at = 0; at < file.length; at += 50_000) response.write(file.subarray(at, at + 50_000));
  response.end();
}

/** Has answers say by an ETag which file they are of. @type {(answer: Answer) => Answer} */
export const tagged = (answer) => (request, response, file) => {
  response.setHeader("ETag", `"${createHash("sha1").update(file).digest("hex")}"`);
  answer(request, response, file);
};

/** The same by an ETag that is weak, as many a server's is. @type {(answer: Answer) => Answer} */
export const weaklyTagged = (answer) => (request, response, file) => {
  response.setHeader("ETag", `W/"${file.length}"`);
  answer(request, response, file);
};

/** When each file was modified. @type {WeakMap<Buffer, number>} */
const times = new WeakMap();
let time = Date.UTC(2026, 0);

/** The same by the time when it was modified, which is another one for each file. @type {(answer: Answer) => Answer} */
export const dated = (answer) => (request, response, file) => {
  if (!times.has(file)) times.set(file, (time += 1000));
  response.setHeader(
    "Last-Modified",
    new Date(/** @type {number} */ (times.get(file))).toUTCString(),
  );
  answer(request, response, file);
};

/** The same by a time that many files have in common, because it counts seconds, and is one of the last. @type {(answer: Answer) => Answer} */
export const hastilyDated = (answer) => (request, response, file) => {
  response.setHeader("Date", "Thu, 01 Jan 2026 00:00:00 GMT");
  response.setHeader("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT");
  answer(request, response, file);
};
