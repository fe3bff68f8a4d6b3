// Logs at URLs, read from servers that behave well, behave badly, or do not exist.

import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import test from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { SessionLog, SkillLogError } from "skill-log";

import { collected } from "../support/collected.js";
import { entry, line, TORN } from "../support/lines.js";
import {
  askedOf,
  dated,
  hastilyDated,
  logServer,
  ranges,
  rangesOfUnknownSize,
  rangesUntold,
  tagged,
  weaklyTagged,
  whole,
  wholeOfUnknownSize,
} from "./log-server.js";
import { assertHoles, assertUnchanged, UNCHANGED } from "../indexing/holes.js";
import { numbersOf, rowsOf } from "../indexing/row-of.js";

/** @typedef {import("./log-server.js").Answer} Answer */

const KIB = 1024;
const MIB = KIB * KIB;

const damaged = `${line("a", { input: { n: 1 } })}\n${TORN}\n${TORN}${line("b")}\n\n\r\n${line("c")}\r\n\0\0${line("d")}\0\nnot JSON\n${line("e")} x ${line("f")}\n${line("ü")}\n`;

/** Returns lines of so many bytes in all. The last line is longer. @param {number} bytes */
function linesOf(bytes) {
  const lines = [];
  const each = `${line("tdd", { message: "x".repeat(5_000) })}\n`;
  let left = bytes;
  for (; left >= 2 * each.length; left -= each.length) lines.push(each);
  const rest = left - line("last", { message: "x" }).length - 1;
  return lines.join("") + `${line("last", { message: "x".repeat(rest + 1) })}\n`;
}

const files = {
  "an empty file": "",
  "a byte": "\n",
  "one entry without a line end": line("a"),
  "damage of every kind": damaged,
  "a torn tail": `${damaged}${TORN}`,
  "a file as large as the first window": linesOf(64 * KIB),
  "a file one byte larger": linesOf(64 * KIB + 1),
  "a file that ends with a chunk": linesOf(64 * KIB + 2 * MIB),
  "a large file, with a line larger than any request, damage, and a pending end": `${linesOf(3 * MIB)}${damaged}${line("huge", { message: "y".repeat(1.5 * MIB) })}\n${linesOf(2 * MIB)}${TORN}`,
};

const servers = {
  ranges,
  rangesOfUnknownSize,
  rangesUntold,
  whole,
  wholeOfUnknownSize,
  tagged: tagged(ranges),
  dated: dated(rangesOfUnknownSize),
  hastilyDated: hastilyDated(rangesUntold),
  weaklyTagged: weaklyTagged(ranges),
};

/**
 * Returns what each way to read a log returns.
 *
 * @param {SessionLog} log
 * @returns {Promise<Record<string, unknown>>}
 */
async function readings(log) {
  const records = (/** @type {import("skill-log").RangeOptions} */ options) =>
    collected(log.records({ onDamage() {}, ...options }));
  const all = await records({});
  const third = all[Math.floor(all.length / 3)]?.end ?? 0;
  /** @type {import("skill-log").Damage[]} */
  const damage = [];
  const index = await log.index();
  return {
    all,
    backwards: await records({ reverse: true, onDamage: (each) => damage.push(each) }),
    rest: await records({ from: third }),
    "a range": await records({ from: third, to: third + 300_000 }),
    "a range, backwards": await records({ from: third, to: third + 300_000, reverse: true }),
    "after the end": await records({ from: 2 ** 52 }),
    followed: await collected(log.follow({ onDamage() {} })),
    "followed from the end": await collected(log.follow({ from: "end" })),
    damage,
    bytes: await log.bytes(),
    "bytes of a range": await log.bytes({ from: third, to: third + 300_000 }),
    "bytes after the end": await log.bytes({ from: 2 ** 52 }),
    verified: await log.verify(),
    rows: rowsOf(index),
    index: [index.damage, index.pending, index.bytes, index.stats()],
    found: await index.search("not there, but"),
    some: await index.entries(
      Uint32Array.from({ length: Math.min(index.length, 5) }, (_, i) => index.length - 1 - i),
    ),
    refreshed: await index.refresh(),
    strict: await log
      .read({ strict: true })
      .catch(({ code, offset, reason, entries }) => ({ code, offset, reason, entries })),
  };
}

for (const [title, file] of Object.entries(files)) {
  test(`reads the same from a URL as from memory when the log is ${title}`, async (t) => {
    const expected = await readings(await SessionLog.from(Buffer.from(file)));
    for (const [name, answer] of Object.entries(servers)) {
      const { url } = await logServer(t, file, answer);
      const log = await SessionLog.from(url);
      for (const [what, value] of Object.entries(await readings(log)))
        assert.deepEqual(value, expected[what], `${what}, served by ${name}`);
      for (const call of [() => log.append(entry("x")), () => log.repair()])
        await assert.rejects(call(), { code: "READ_ONLY" });
      await log.close();
    }
  });
}

/**
 * Answers with status 206, these headers and this body.
 *
 * @type {(headers: Record<string, string | number>, body: string) => Answer}
 */
const part = (headers, body) => (request, response) => response.writeHead(206, headers).end(body);
/** @type {(status: number) => Answer} */
const status = (code) => (request, response) =>
  response.writeHead(code, { Location: "nowhere" }).end("<p>no</p>");
/**
 * Answers well until the file is read, then answers with `then`.
 *
 * @type {(then: Answer) => Answer}
 */
const later = (then) => (request, response, file) =>
  (askedOf(request, file).bytes.length > 100_000 ? then : ranges)(request, response, file);
/** @typedef {import("node:http").OutgoingHttpHeaders} Headers */
/**
 * Ends the connection in the middle of the answer.
 *
 * @type {(code: number, headers: Headers, end: "destroy" | "resetAndDestroy") => Answer}
 */
const cut = (code, headers, end) => (request, response) => {
  response.writeHead(code, headers);
  response.write("abc", () => setTimeout(() => response.socket?.[end](), 20));
};

/**
 * @typedef {object} Fault
 * @property {string} code
 * @property {RegExp} message
 * @property {number} [status]
 * @property {Error} [cause]
 */

/**
 * What a server may do wrong. The file has 3 MiB. The requests ask for the first byte, a window at
 * the end, the first 64 KiB, and then 1 MiB each.
 *
 * @type {[does: string, answer: Answer, error: Fault][]}
 */
const faults = [
  [
    "has no such file",
    status(404),
    { code: "NOT_FOUND", message: /^URL: no such file$/, status: 404 },
  ],
  [
    "no longer has the file",
    status(410),
    { code: "NOT_FOUND", message: /^URL: no such file$/, status: 410 },
  ],
  [
    "requires a password",
    status(401),
    {
      code: "IO_ERROR",
      message: /^cannot read URL: the server answers with status 401$/,
      status: 401,
    },
  ],
  [
    "forbids the file",
    status(403),
    {
      code: "IO_ERROR",
      message: /^cannot read URL: the server answers with status 403$/,
      status: 403,
    },
  ],
  [
    "fails",
    status(500),
    {
      code: "IO_ERROR",
      message: /^cannot read URL: the server answers with status 500$/,
      status: 500,
    },
  ],
  ["has no content", status(204), { code: "IO_ERROR", message: /status 204/, status: 204 }],
  [
    "loses the file while it is read",
    later(status(404)),
    { code: "NOT_FOUND", message: /^URL: no such file$/ },
  ],
  [
    "forbids the file later",
    later(status(403)),
    { code: "IO_ERROR", message: /status 403/, status: 403 },
  ],
  [
    "redirects for ever",
    (request, response) => response.writeHead(302, { Location: request.url ?? "" }).end(),
    { code: "IO_ERROR", message: /there is no response: .*redirect/ },
  ],
  [
    "hangs up",
    (request) => request.socket.destroy(),
    {
      code: "IO_ERROR",
      message: /^cannot read URL: there is no response: /,
      cause: new TypeError(),
    },
  ],
  [
    "resets the connection",
    (request) => request.socket.resetAndDestroy(),
    { code: "IO_ERROR", message: /there is no response: .*ECONNRESET/, cause: new TypeError() },
  ],
  [
    "sends other bytes",
    later(part({ "Content-Range": "bytes 0-3/3145728" }, "abcd")),
    {
      code: "IO_ERROR",
      message:
        /bytes 64512-1114111 were requested, but the server sends the string "bytes 0-3\/3145728"$/,
    },
  ],
  [
    "sends bytes that start earlier",
    later(part({ "Content-Range": "bytes 64511-1114111/3145728" }, "abcd")),
    { code: "IO_ERROR", message: /the server sends the string "bytes 64511-1114111/ },
  ],
  [
    "sends fewer bytes, and says so",
    later(part({ "Content-Range": "bytes 64512-64515/3145728" }, "abcd")),
    { code: "IO_ERROR", message: /requested, but the server sends the string "bytes 64512-64515/ },
  ],
  [
    "sends fewer bytes than it says",
    later(part({ "Content-Range": "bytes 64512-1114111/3145728" }, "abcd")),
    { code: "IO_ERROR", message: /requested, but the server sends 4 of 1049600$/ },
  ],
  [
    "sends more bytes than it says",
    part({ "Content-Range": "bytes 0-1023/3145728" }, "x".repeat(1025)),
    { code: "IO_ERROR", message: /bytes 0-1023 were requested, but the server sends more$/ },
  ],
  [
    "sends more bytes, and does not say so",
    part({}, "x".repeat(1025)),
    { code: "IO_ERROR", message: /the server sends more$/ },
  ],
  [
    "counts in other units",
    part({ "Content-Range": "lines 0-0/9" }, "a"),
    { code: "IO_ERROR", message: /the server sends the string "lines 0-0\/9"$/ },
  ],
  [
    "refuses a range that the file has",
    (request, response) => response.writeHead(416, { "Content-Range": "bytes */9" }).end(),
    {
      code: "IO_ERROR",
      message:
        /bytes 0-1023 were requested, but the server sends status 416, though the file has 9/,
    },
  ],
  [
    "does not send the file's size",
    part({}, "x".repeat(KIB)),
    {
      code: "IO_ERROR",
      message:
        /cannot read URL: the server does not send the file's size; for a page of another origin it must expose Content-Range$/,
    },
  ],
  [
    "compresses ranges",
    later(
      part({ "Content-Range": "bytes 64512-1114111/3145728", "Content-Encoding": "gzip" }, "a"),
    ),
    { code: "IO_ERROR", message: /sends the file encoded \(the string "gzip"\)/ },
  ],
  [
    "compresses the whole",
    (request, response, file) =>
      response.writeHead(200, { "Content-Encoding": "gzip" }).end(gzipSync(file)),
    { code: "IO_ERROR", message: /sends the file encoded \(the string "gzip"\)/ },
  ],
  [
    "ends in the middle",
    later(
      cut(
        206,
        { "Content-Range": "bytes 64512-1114111/3145728", "Content-Length": MIB + KIB },
        "destroy",
      ),
    ),
    { code: "IO_ERROR", message: /the response was cut after 3 bytes: /, cause: new TypeError() },
  ],
  [
    "ends in the middle, without a length",
    later(cut(206, { "Content-Range": "bytes 64512-1114111/3145728" }, "destroy")),
    { code: "IO_ERROR", message: /the response was cut after 3 bytes: / },
  ],
  [
    "resets in the middle",
    later(
      cut(
        206,
        { "Content-Range": "bytes 64512-1114111/3145728", "Content-Length": MIB + KIB },
        "resetAndDestroy",
      ),
    ),
    { code: "IO_ERROR", message: /the response was cut after 3 bytes: .*ECONNRESET/ },
  ],
  [
    "knows no ranges, and ends in the middle",
    cut(200, { "Content-Length": 3 * MIB }, "destroy"),
    { code: "IO_ERROR", message: /^cannot read URL: the response was cut: / },
  ],
  [
    "cuts the file while it is read",
    later((request, response, file) => ranges(request, response, file.subarray(0, 1 * MIB))),
    {
      code: "REPLACED",
      message: /^URL was replaced by another file since reading began: it became shorter$/,
    },
  ],
  [
    "cuts the file after the asked range",
    later((request, response, file) => ranges(request, response, file.subarray(0, 2 * MIB))),
    {
      code: "REPLACED",
      message: /^URL was replaced by another file since reading began: it became shorter$/,
    },
  ],
  [
    "empties the file while it is read",
    later((request, response) => ranges(request, response, Buffer.alloc(0))),
    {
      code: "REPLACED",
      message: /^URL was replaced by another file since reading began: it became shorter$/,
    },
  ],
  [
    "refuses every range, and then everything",
    status(416),
    {
      code: "IO_ERROR",
      message: /^cannot read URL: the server answers with status 416$/,
      status: 416,
    },
  ],
  [
    "replaces the file while it is read",
    later((request, response) =>
      ranges(request, response, Buffer.from(linesOf(3 * MIB).replaceAll("x", "y"))),
    ),
    {
      code: "REPLACED",
      message:
        /^URL was replaced by another file since reading began: bytes that were read have changed$/,
    },
  ],
  [
    "sends its page for missing files",
    (request, response) =>
      response
        .writeHead(200, { "Content-Type": "text/html; charset=utf-8" })
        .end("\n<!doctype html>"),
    {
      code: "IO_ERROR",
      message: /^cannot read URL: the server sends a page instead of a log \(text\/html\)$/,
    },
  ],
  [
    "sends parts of its page",
    (request, response) => {
      response.setHeader("content-type", "text/html");
      ranges(request, response, Buffer.from("<!doctype html>"));
    },
    { code: "IO_ERROR", message: /sends a page instead of a log/ },
  ],
  [
    "redirects to a page for signing in",
    (request, response) =>
      /s\.jsonl/.test(request.url ?? "")
        ? response.writeHead(302, { Location: "/sign-in" }).end()
        : response.writeHead(200, { "Content-Type": "text/html" }).end("<p>who?</p>"),
    { code: "IO_ERROR", message: /sends a page after a redirect instead of a log/ },
  ],
  [
    "sends a page later",
    later((request, response) =>
      response.writeHead(200, { "Content-Type": "text/html" }).end("<p>sign in</p>"),
    ),
    {
      code: "IO_ERROR",
      message: /^cannot read URL: the server sends a page instead of a log \(text\/html\)$/,
    },
  ],
  [
    "refuses a range later",
    later((request, response) =>
      response.writeHead(416, { "Content-Range": "bytes */3145728" }).end(),
    ),
    { code: "IO_ERROR", message: /the server sends status 416, though the file has 3145728$/ },
  ],
  [
    "sends several parts",
    part(
      { "Content-Type": "multipart/byteranges; boundary=b" },
      `--b\r\nContent-Range: bytes 0-1023/3145728\r\n\r\n${"x".repeat(KIB)}\r\n--b--`,
    ),
    {
      code: "IO_ERROR",
      message:
        /requested, but the server sends several parts \(the string "multipart\/byteranges; boundary=b"\)$/,
    },
  ],
  [
    "sends a size that no file has",
    part({ "Content-Range": "bytes 0-1023/99999999999999999999" }, "x".repeat(KIB)),
    {
      code: "IO_ERROR",
      message: /the server sends the string "bytes 0-1023\/99999999999999999999"$/,
    },
  ],
  [
    "sends such a size without a range",
    (request, response) =>
      response.writeHead(416, { "Content-Range": "bytes */99999999999999999999" }).end(),
    { code: "IO_ERROR", message: /the server sends the string "bytes \*\/99999999999999999999"$/ },
  ],
  [
    "sends another ETag later",
    later(
      (request, response, file) => (
        response.setHeader("ETag", '"b"'), ranges(request, response, file)
      ),
    ),
    {
      code: "REPLACED",
      message:
        /^URL was replaced by another file since reading began: the server reports a change, but the file did not grow$/,
    },
  ],
  [
    "redirects to the same file at another URL later",
    later((request, response, file) =>
      /moved/.test(request.url ?? "")
        ? ranges(request, response, file)
        : response.writeHead(302, { Location: "moved" }).end(),
    ),
    { code: "REPLACED", message: /the server reports a change/ },
  ],
  [
    "sends the secret",
    part({ "Content-Range": "bytes of secret" }, "a"),
    { code: "IO_ERROR", message: /the server sends the string "bytes of …"$/ },
  ],
  [
    "later sends the whole of a shorter file",
    later((request, response, file) => whole(request, response, file.subarray(0, 2 * MIB))),
    {
      code: "REPLACED",
      message: /replaced by another file since reading began: it became shorter$/,
    },
  ],
];

test("rejects with what happened, without a secret, when a server behaves badly", async (t) => {
  const file = linesOf(3 * MIB);
  for (const [does, answer, { message, cause, ...facts }] of faults) {
    const { url } = await logServer(t, file, answer);
    url.search = "?signature=secret";
    const error = await SessionLog.from(url)
      .then((log) => log.read())
      .then(
        () => assert.fail(`no error when the server ${does}`),
        (thrown) => thrown,
      );
    const name = `${url.origin}${url.pathname}?…`;
    assert.match(error.message.replace(name, "URL"), message, does);
    assert.deepEqual(
      { ...facts, path: name },
      { code: error.code, path: error.path, ...(facts.status && { status: error.status }) },
      does,
    );
    if (cause) assert(error.cause instanceof TypeError, does);
    assert.doesNotMatch(`${error.message} ${JSON.stringify(error)}`, /secret/, does);
  }
});

test("rejects with the cause when no server is there", async () => {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {net.AddressInfo} */ (server.address());
  server.close();
  await once(server, "close");
  await assert.rejects(SessionLog.from(new URL(`http://127.0.0.1:${port}/s.jsonl`)), (error) => {
    assert.ok(error instanceof SkillLogError);
    assert.match(
      error.message,
      /^cannot read http:\/\/127\.0\.0\.1:\d+\/s\.jsonl: there is no response: .*ECONNREFUSED/,
    );
    return error.code === "IO_ERROR" && error.cause instanceof TypeError;
  });
});

test("reads the log when the server redirects, and sends no hash", async (t) => {
  const target = await logServer(t, `${line("there")}\n`);
  const { url } = await logServer(t, "", (request, response) =>
    response.writeHead(307, { Location: target.url.href }).end(),
  );
  url.hash = "#row=5";
  assert.deepEqual(await (await SessionLog.from(url)).read(), [entry("there")]);
});

test("asks for unencoded bytes from no cache when it reads a log", async (t) => {
  const server = await logServer(t, linesOf(3 * MIB));
  await (await SessionLog.from(server.url)).read();
  for (const headers of server.headers) {
    assert.match(String(headers["accept-encoding"]), /^identity(, identity)?$/);
    assert.equal(headers["cache-control"], "no-cache");
  }
});

/** @typedef {(log: SessionLog) => Promise<unknown>} Use */

/** @type {[does: string, bytes: number, requests: number, use: Use][]} */
const costs = [
  ["opening a small log", 5_000, 1, async () => {}],
  ["opening a large log", 10 * MIB, 1, async () => {}],
  ["reading a small log", 5_000, 2, (log) => log.read()],
  ["indexing a small log", 5_000, 2, (log) => log.index()],
  ["verifying a small log", 5_000, 2, (log) => log.verify()],
  ["reading a small log backwards", 5_000, 2, (log) => collected(log.records({ reverse: true }))],
  ["reading an empty log", 0, 2, (log) => log.read()],
  // One request to open, one for the size, one for 64 KiB, then one for each MiB.
  ["indexing 10 MiB", 10 * MIB, 3 + 10, (log) => log.index()],
  ["reading 10 MiB", 10 * MIB, 3 + 10, (log) => log.read()],
  [
    "indexing 10 MiB, and reading an entry",
    10 * MIB,
    3 + 10 + 2,
    async (log) => (await log.index()).entry(1000),
  ],
  ["reading the last entry of 10 MiB", 10 * MIB, 3, (log) => log.records({ reverse: true }).next()],
  [
    "reading from the end of 10 MiB",
    10 * MIB,
    2,
    (log) => collected(log.records({ from: 10 * MIB })),
  ],
];

for (const [does, bytes, requests, use] of costs) {
  test(`sends ${requests} requests when ${does}`, async (t) => {
    const server = await logServer(t, bytes === 0 ? "" : linesOf(bytes), tagged(ranges));
    const log = await SessionLog.from(server.url);
    await use(log);
    assert.equal(server.ranges.length, requests, server.ranges.join(" "));
    // Connections stay open. Node's fetch opens another when the last answer ended a moment ago.
    assert(server.connections <= 2, `${server.connections} connections`);
  });
}

test("asks only for the end of a large log when its last entries are read", async (t) => {
  const server = await logServer(t, linesOf(10 * MIB), tagged(ranges));
  const log = await SessionLog.from(server.url);
  let count = 0;
  for await (const { offset } of log.records({ reverse: true })) {
    count += 1;
    if (count === 100) break;
    assert(offset > 9 * MIB);
  }
  assert.deepEqual(server.ranges.slice(0, 1), ["0-1023"]);
  for (const range of server.ranges.slice(1))
    assert(Number.parseInt(range) > 9 * MIB, server.ranges.join(" "));
});

test("sends one request when it reads on, or refreshes an index, after the log grew", async (t) => {
  const server = await logServer(t, linesOf(2 * MIB));
  const log = await SessionLog.from(server.url);
  const index = await log.index();
  const rows = index.length;
  server.ranges = [];
  assert.deepEqual(await index.refresh(), UNCHANGED);
  server.file = Buffer.concat([server.file, Buffer.from(`${line("b")}\n${TORN}`)]);
  assert.deepEqual(await index.refresh(), { added: 1, removed: 0 });
  server.file = Buffer.concat([server.file, Buffer.from(`\n${line("c")}\n`)]);
  assert.deepEqual(await index.refresh(), { added: 1, removed: 0 });
  assert.equal(server.ranges.length, 3, server.ranges.join(" "));
  for (const range of server.ranges) assert(Number.parseInt(range) >= 2 * MIB - 4 * KIB, range);
  const [{ entry: b, end }] = await collected(log.records({ from: 2 * MIB, onDamage() {} }));
  assert.equal(b.skill, "b");
  assert.deepEqual(
    (await collected(log.records({ from: end, onDamage() {} }))).map(
      (record) => record.entry.skill,
    ),
    ["c"],
  );
  assert.equal(server.ranges.length, 5);
  const scratch = await (await SessionLog.from(server.file)).index();
  assert.deepEqual(rowsOf(index), rowsOf(scratch));
  assert.deepEqual(
    [index.damage, index.bytes, index.length],
    [scratch.damage, scratch.bytes, rows + 2],
  );
});

test("has the rows of a new index when it is refreshed after the log grew by much", async (t) => {
  for (const [name, answer] of Object.entries(servers)) {
    const server = await logServer(t, line("a"), answer);
    const index = await (await SessionLog.from(server.url)).index();
    for (const more of [
      `\n${line("b")}`,
      `\n${linesOf(64 * KIB)}`,
      linesOf(2 * MIB),
      TORN,
      `${damaged}${linesOf(70 * KIB)}`,
    ]) {
      server.file = Buffer.concat([server.file, Buffer.from(more)]);
      await index.refresh();
      const scratch = await (await SessionLog.from(server.file)).index();
      assert.deepEqual(
        [rowsOf(index), index.damage, index.pending, index.bytes],
        [rowsOf(scratch), scratch.damage, scratch.pending, scratch.bytes],
        name,
      );
      assert.deepEqual(await index.entry(index.length - 1), await scratch.entry(index.length - 1));
    }
  }
});

test("has the rows of the file there now when an indexed file was cut, replaced or removed", async (t) => {
  for (const [name, answer] of Object.entries(servers)) {
    for (const size of [5_000, 2 * MIB]) {
      const server = await logServer(t, linesOf(size), answer);
      const index = await (await SessionLog.from(server.url)).index();
      const { file } = server;
      const replaced = { code: "REPLACED", path: server.url.href };
      const holes = [...Array(index.length).keys()];
      const others = {
        "a cut file": file.subarray(0, 2_000),
        "an empty file": Buffer.alloc(0),
        "no file": null,
        "another file": Buffer.from(linesOf(size).replaceAll("x", "y")),
        "the first file, and a line": Buffer.concat([file, Buffer.from(`${line("b")}\n`)]),
      };
      for (const [what, other] of Object.entries(others)) {
        const says = `${what}, from a server that sends ${name}`;
        server.file = other ?? Buffer.alloc(0);
        server.answer = other ? answer : status(404);
        const before = numbersOf(index);
        if (before.length > 0) await assert.rejects(index.entry(before[0]), replaced, says);
        const scratch = await (await SessionLog.from(server.file)).index();
        assert.deepEqual(
          await index.refresh(),
          { added: scratch.length, removed: before.length },
          says,
        );
        assert.deepEqual(
          [rowsOf(index), index.damage, index.pending, index.bytes, index.stats()],
          [rowsOf(scratch), scratch.damage, scratch.pending, scratch.bytes, scratch.stats()],
          says,
        );
        holes.push(...before.filter((row) => row >= holes.length));
        if (size === 5_000) await assertHoles(index, holes);
        assert.equal(index.removed, holes.length);
        await assertUnchanged(index);
      }
      assert.equal((await index.entry(index.length - 1)).skill, "b");
    }
  }
});

test("reads another file from its start when it is put there while a refresh reads", async (t) => {
  for (const [name, answer] of Object.entries(servers)) {
    const before = linesOf(2 * MIB);
    const grown = Buffer.from(before + linesOf(2 * MIB));
    const other = Buffer.from(linesOf(3 * MIB).replaceAll("x", "y"));
    for (let after = 1; ; after += 1) {
      const server = await logServer(t, before, answer);
      const index = await (await SessionLog.from(server.url)).index();
      const { length } = index;
      server.file = grown;
      let requests = 0;
      server.answer = (request, response) => {
        requests += 1;
        if (requests === after) server.file = other;
        return answer(request, response, server.file);
      };
      await index.refresh();
      const wasSeen = server.file === other;
      // The first of the next refreshes notices what came after the last request.
      await index.refresh();
      const scratch = await (await SessionLog.from(server.file)).index();
      assert.deepEqual(rowsOf(index), rowsOf(scratch), `${name}: ${after}`);
      assert.deepEqual([index.bytes, index.damage], [scratch.bytes, scratch.damage]);
      assert(!wasSeen || index.removed >= length);
      assert.equal(index.length - index.removed, scratch.length);
      await assertUnchanged(index);
      if (!wasSeen) break;
    }
  }
});

test("reads the log as it is now when it was cut or rewritten", async (t) => {
  for (const [name, answer] of Object.entries(servers)) {
    const server = await logServer(t, linesOf(2 * MIB), answer);
    const log = await SessionLog.from(server.url);
    await log.read();
    for (const file of [linesOf(MIB), `${line("a")}\n`, "", linesOf(3 * MIB)]) {
      server.file = Buffer.from(file);
      const backwards = await collected(log.entries({ reverse: true }));
      const expected = await (await SessionLog.from(server.file)).read();
      assert.deepEqual(await log.read(), expected, name);
      assert.deepEqual(backwards.reverse(), expected, name);
    }
  }
});

test("warns once, without the URL's secret, when a log at a URL is damaged", async (t) => {
  const { url } = await logServer(t, damaged);
  url.search = "?signature=secret";
  /** @type {string[]} */
  const warnings = [];
  const listen = (/** @type {Error} */ warning) => warnings.push(warning.message);
  process.on("warning", listen);
  t.after(() => process.off("warning", listen));
  for (const hash of ["", "#row=5", "#row=6"]) {
    url.hash = hash;
    await (await SessionLog.from(url)).read();
  }
  await pause(5);
  assert.equal(warnings.length, 1);
  assert(warnings[0].startsWith(`${url.origin}${url.pathname}?… has 5 damaged lines`), warnings[0]);
});

test("ends where the file ended at first when the log grows while it is read", async (t) => {
  const server = await logServer(t, linesOf(3 * MIB));
  const log = await SessionLog.from(server.url);
  const { length } = await log.read();
  let count = 0;
  for await (const { end } of log.records()) {
    count += 1;
    if (count % 100 === 0)
      server.file = Buffer.concat([server.file, Buffer.from(`${line("more")}\n`)]);
    assert(end <= 3 * MIB);
  }
  assert.equal(count, length);
  assert((await log.read()).length > length);
});

test("reads the log when a proxy refuses ranges, or calls the log a page", async (t) => {
  const file = `${line("a")}\n`;
  /** @type {Answer[]} */
  const answers = [
    (request, response, file) =>
      (request.headers.range ? status(416) : whole)(request, response, file),
    (request, response, file) => (
      response.setHeader("content-type", "text/html"), ranges(request, response, file)
    ),
    (request, response, file) => (
      response.setHeader("content-type", "text/html"), whole(request, response, file)
    ),
    // The unit of a range may have any case.
    part({ "Content-Range": `Bytes 0-0/1` }, "\n"),
  ];
  for (const answer of answers) {
    const { url } = await logServer(t, file, answer);
    const skills = (await (await SessionLog.from(url)).read()).map(({ skill }) => skill);
    assert.deepEqual(skills, answer.length > 2 ? ["a"] : []);
  }
});

test("loads the file once for each reading when the server has no ranges", async (t) => {
  const server = await logServer(t, linesOf(3 * MIB), whole);
  const log = await SessionLog.from(server.url);
  const index = await log.index();
  assert.equal(server.ranges.length, 2);
  await index.search("nothing");
  assert.equal(server.ranges.length, 3);
  await log.read();
  assert.equal(server.ranges.length, 4);
});

/**
 * Answers without an end, as fast as the client reads.
 *
 * @type {(code: number, headers: Headers) => Answer}
 */
const endless = (code, headers) => (request, response) => {
  response.writeHead(code, headers);
  const chunk = Buffer.alloc(MIB, "x");
  const more = () => {
    while (!response.destroyed) if (!response.write(chunk)) return;
  };
  response.on("drain", more);
  more();
};

test("stops loading when a server sends more than was asked for", async (t) => {
  /** @type {Record<string, { answer: Answer, error?: RegExp }>} */
  const cases = {
    "a server without ranges": { answer: endless(200, { "Content-Length": 4 * KIB * MIB }) },
    "a server that sends more than it was asked for": {
      answer: endless(206, { "Content-Range": "bytes 0-1023/9000000" }),
      error: /the server sends more$/,
    },
    "a server that sends a size only as the length of the rest": {
      answer: (request, response, file) =>
        (/-$/.test(request.headers.range ?? "")
          ? endless(206, { "Content-Length": 4 * KIB * MIB - 1 })
          : rangesUntold)(request, response, file),
    },
  };
  for (const [name, { answer, error }] of Object.entries(cases)) {
    let sent = 0;
    const server = await logServer(t, linesOf(MIB), (request, response, file) => {
      response.on("close", () => (sent += request.socket.bytesWritten));
      answer(request, response, file);
    });
    if (error)
      await assert.rejects(SessionLog.from(server.url), { code: "IO_ERROR", message: error }, name);
    else await (await SessionLog.from(server.url)).close();
    while (server.ended === 0) await pause(5);
    assert(sent < 32 * MIB, `${name} sent ${sent} bytes`);
  }
});

/** The limit of tests that wait for a request to end, which never ends when the test fails. */
const bounded = { timeout: 60_000 };

/** How many requests were left without an answer. */
let hung = 0;
/** Does not answer. @type {Answer} */
const silent = () => {
  hung += 1;
};
/** Starts to answer, and stops. @type {Answer} */
const hesitant = (request, response, file) => {
  hung += 1;
  const { from, to, bytes } = askedOf(request, file);
  response.writeHead(206, { "Content-Range": `bytes ${from}-${to - 1}/${file.length}` });
  response.write(bytes.subarray(0, 3));
};

test("rejects with the reason and ends its request when a call is aborted", bounded, async (t) => {
  /** @type {((log: SessionLog, signal: AbortSignal) => Promise<unknown>)[]} */
  const calls = [
    (log, signal) => log.read({ signal }),
    (log, signal) => log.index({ signal }),
    (log, signal) => log.verify({ signal }),
    (log, signal) => collected(log.records({ reverse: true, signal })),
    (log, signal) => collected(log.records({ from: 1000, signal, onDamage() {} })),
  ];
  for (const hanging of [silent, hesitant]) {
    for (const answer of [hanging, later(hanging)]) {
      for (const call of calls) {
        const server = await logServer(t, linesOf(3 * MIB));
        const log = await SessionLog.from(server.url);
        const index = await log.index();
        server.answer = answer;
        /** @type {typeof call} */
        const search = (_, signal) => index.search("x", { signal });
        for (const use of [call, search]) {
          const abort = new AbortController();
          const reason = { enough: true };
          const { ended } = server;
          const before = hung;
          const called = use(log, abort.signal);
          while (hung === before) await pause(1);
          abort.abort(reason);
          await assert.rejects(called, (error) => error === reason);
          while (server.ended === ended) await pause(1);
        }
      }
    }
  }
});

test("ends the request for the next chunk when a loop is left", bounded, async (t) => {
  const server = await logServer(t, linesOf(3 * MIB), later(hesitant));
  const log = await SessionLog.from(server.url);
  const records = log.records();
  const before = hung;
  await records.next();
  // Node 24 does not send a request that is aborted before.
  while (hung === before) await pause(1);
  await records.return();
  while (server.ended === 0) await pause(1);
});

test("rejects when opening a URL is aborted", bounded, async (t) => {
  const { url } = await logServer(t, linesOf(MIB), silent);
  const abort = new AbortController();
  const reason = { enough: true };
  const opening = SessionLog.from(url, { signal: abort.signal });
  setTimeout(() => abort.abort(reason), 20);
  await assert.rejects(opening, (error) => error === reason);
  await assert.rejects(SessionLog.from(url, { signal: abort.signal }), (error) => error === reason);
});

test("rejects when a refresh is aborted while it waits for another refresh", bounded, async (t) => {
  const server = await logServer(t, linesOf(MIB));
  const index = await (await SessionLog.from(server.url)).index();
  server.answer = silent;
  const first = new AbortController();
  const going = index.refresh({ signal: first.signal });
  const reason = { enough: true };
  await assert.rejects(
    index.refresh({ signal: AbortSignal.abort(reason) }),
    (error) => error === reason,
  );
  const second = new AbortController();
  const waiting = index.refresh({ signal: second.signal });
  setTimeout(() => second.abort(reason), 20);
  await assert.rejects(waiting, (error) => error === reason);
  first.abort(reason);
  await assert.rejects(going, (error) => error === reason);
});

test("leaves no listener on a signal when its calls have ended", async (t) => {
  const { url } = await logServer(t, damaged);
  const log = await SessionLog.from(url);
  const { signal } = new AbortController();
  let listeners = 0;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (/** @type {any[]} */ ...args) => (
    (listeners += 1), Reflect.apply(addEventListener, signal, args)
  );
  signal.removeEventListener = (/** @type {any[]} */ ...args) => (
    (listeners -= 1), Reflect.apply(removeEventListener, signal, args)
  );
  await log.read({ signal, onDamage() {} });
  await log.index({ signal });
  const records = log.records({ signal, onDamage() {} });
  await records.next();
  await records.return();
  assert.equal(listeners, 0);
});
