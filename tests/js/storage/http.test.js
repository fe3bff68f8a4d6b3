// Logs at URLs, read from servers that behave well, badly, and not at all.

import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import test from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { SessionLog } from "skill-log";

import { entry, line, TORN } from "../lines.js";
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
import { rowsOf } from "../indexing/row-of.js";

const KIB = 1024;
const MIB = KIB * KIB;

const damaged = `${line("a", { input: { n: 1 } })}\n${TORN}\n${TORN}${line("b")}\n\n\r\n${line("c")}\r\n\0\0${line("d")}\0\nnot JSON\n${line("e")} x ${line("f")}\n${line("ü")}\n`;

/** Lines of this many bytes in all, the last of them filled up. @param {number} bytes */
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

/** @param {AsyncIterable<unknown>} iterable */
async function collect(iterable) {
  const all = [];
  for await (const each of iterable) all.push(each);
  return all;
}

/** Everything that a log says of itself. @param {SessionLog} log */
async function saying(log) {
  const records = (options) => collect(log.records({ onDamage() {}, ...options }));
  const all = /** @type {import("skill-log").LogRecord[]} */ (await records({}));
  const third = all[Math.floor(all.length / 3)]?.end ?? 0;
  const damage = [];
  const index = await log.index();
  return {
    all,
    backwards: await records({ reverse: true, onDamage: (each) => damage.push(each) }),
    rest: await records({ from: third }),
    "a range": await records({ from: third, to: third + 300_000 }),
    "a range, backwards": await records({ from: third, to: third + 300_000, reverse: true }),
    "behind the end": await records({ from: 2 ** 52 }),
    followed: await collect(log.follow({ onDamage() {} })),
    "followed from the end": await collect(log.follow({ from: "end" })),
    damage,
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
  test(`${title} at a URL says what it says in memory`, async (t) => {
    const expected = await saying(await SessionLog.from(Buffer.from(file)));
    for (const [name, answer] of Object.entries(servers)) {
      const { url } = await logServer(t, file, answer);
      const log = await SessionLog.from(url);
      const said = await saying(log);
      for (const [what, value] of Object.entries(said))
        assert.deepEqual(value, expected[what], `${what}, served by ${name}`);
      for (const call of [() => log.append(entry("x")), () => log.repair()])
        await assert.rejects(call(), { code: "READ_ONLY" });
      await log.close();
    }
  });
}

/** Answers with status 206 and what is given. @type {(headers: Record<string, string | number>, body: string) => import("./log-server.js").Answer} */
const part = (headers, body) => (request, response) => response.writeHead(206, headers).end(body);
/** @type {(status: number) => import("./log-server.js").Answer} */
const status = (code) => (request, response) =>
  response.writeHead(code, { Location: "nowhere" }).end("<p>no</p>");
/** Answers as it should until the file is read, then otherwise. @type {(then: import("./log-server.js").Answer) => import("./log-server.js").Answer} */
const later = (then) => (request, response, file) =>
  (askedOf(request, file).bytes.length > 100_000 ? then : ranges)(request, response, file);
/** A response whose connection ends in its middle. @type {(code: number, headers: object, end: "destroy" | "resetAndDestroy") => import("./log-server.js").Answer} */
const cut = (code, headers, end) => (request, response) => {
  response.writeHead(code, headers);
  response.write("abc", () => setTimeout(() => response.socket?.[end](), 20));
};

/**
 * What is read is 3 MiB, so there are three requests: of the first byte, of a window at the end, of the first 64 KiB, and of 1 MiB.
 *
 * @type {[does: string, answer: import("./log-server.js").Answer, error: { code: string, message: RegExp, status?: number, cause?: Error }][]}
 */
const faults = [
  [
    "has no such file",
    status(404),
    { code: "NOT_FOUND", message: /^URL: no such file$/, status: 404 },
  ],
  [
    "has such a file no more",
    status(410),
    { code: "NOT_FOUND", message: /^URL: no such file$/, status: 410 },
  ],
  [
    "wants a password",
    status(401),
    {
      code: "IO_ERROR",
      message: /^cannot read URL: the server answers with status 401$/,
      status: 401,
    },
  ],
  [
    "forbids it",
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
    "forbids it later",
    later(status(403)),
    { code: "IO_ERROR", message: /status 403/, status: 403 },
  ],
  [
    "redirects for ever",
    (request, response) => response.writeHead(302, { Location: request.url }).end(),
    { code: "IO_ERROR", message: /there is no answer: .*redirect/ },
  ],
  [
    "hangs up",
    (request) => request.socket.destroy(),
    { code: "IO_ERROR", message: /^cannot read URL: there is no answer: /, cause: new TypeError() },
  ],
  [
    "resets the connection",
    (request) => request.socket.resetAndDestroy(),
    { code: "IO_ERROR", message: /there is no answer: .*ECONNRESET/, cause: new TypeError() },
  ],
  [
    "gives other bytes",
    later(part({ "Content-Range": "bytes 0-3/3145728" }, "abcd")),
    {
      code: "IO_ERROR",
      message:
        /bytes 64512-1114111 were asked for, and the server sends the string "bytes 0-3\/3145728"$/,
    },
  ],
  [
    "gives bytes from further ahead",
    later(part({ "Content-Range": "bytes 64511-1114111/3145728" }, "abcd")),
    { code: "IO_ERROR", message: /the server sends the string "bytes 64511-1114111/ },
  ],
  [
    "gives fewer bytes, and says so",
    later(part({ "Content-Range": "bytes 64512-64515/3145728" }, "abcd")),
    { code: "IO_ERROR", message: /asked for, and the server sends the string "bytes 64512-64515/ },
  ],
  [
    "gives fewer bytes than it says",
    later(part({ "Content-Range": "bytes 64512-1114111/3145728" }, "abcd")),
    { code: "IO_ERROR", message: /asked for, and the server sends 4 of 1049600$/ },
  ],
  [
    "gives more bytes than it says",
    part({ "Content-Range": "bytes 0-1023/3145728" }, "x".repeat(1025)),
    { code: "IO_ERROR", message: /bytes 0-1023 were asked for, and the server sends more$/ },
  ],
  [
    "gives more bytes, and does not say so",
    part({}, "x".repeat(1025)),
    { code: "IO_ERROR", message: /the server sends more$/ },
  ],
  [
    "counts in other units",
    part({ "Content-Range": "lines 0-0/9" }, "a"),
    { code: "IO_ERROR", message: /the server sends the string "lines 0-0\/9"$/ },
  ],
  [
    "takes no range of what there is",
    (request, response) => response.writeHead(416, { "Content-Range": "bytes */9" }).end(),
    {
      code: "IO_ERROR",
      message: /bytes 0-1023 were asked for, and the server sends status 416, though there are 9/,
    },
  ],
  [
    "tells its size in no way",
    part({}, "x".repeat(KIB)),
    {
      code: "IO_ERROR",
      message:
        /cannot read URL: the server does not tell its size; to a page of another origin it must expose Content-Range$/,
    },
  ],
  [
    "compresses ranges",
    later(
      part({ "Content-Range": "bytes 64512-1114111/3145728", "Content-Encoding": "gzip" }, "a"),
    ),
    { code: "IO_ERROR", message: /sends it encoded \(the string "gzip"\)/ },
  ],
  [
    "compresses the whole",
    (request, response, file) =>
      response.writeHead(200, { "Content-Encoding": "gzip" }).end(gzipSync(file)),
    { code: "IO_ERROR", message: /sends it encoded \(the string "gzip"\)/ },
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
    { code: "IO_ERROR", message: /the answer was cut after 3 bytes: /, cause: new TypeError() },
  ],
  [
    "ends in the middle, without a length",
    later(cut(206, { "Content-Range": "bytes 64512-1114111/3145728" }, "destroy")),
    { code: "IO_ERROR", message: /the answer was cut after 3 bytes: / },
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
    { code: "IO_ERROR", message: /the answer was cut after 3 bytes: .*ECONNRESET/ },
  ],
  [
    "knows no ranges, and ends in the middle",
    cut(200, { "Content-Length": 3 * MIB }, "destroy"),
    { code: "IO_ERROR", message: /^cannot read URL: the answer was cut: / },
  ],
  [
    "cuts the file while it is read",
    later((request, response, file) => ranges(request, response, file.subarray(0, 1 * MIB))),
    {
      code: "REPLACED",
      message: /^URL is another file than when reading began: it became shorter$/,
    },
  ],
  [
    "cuts it behind what is asked for",
    later((request, response, file) => ranges(request, response, file.subarray(0, 2 * MIB))),
    {
      code: "REPLACED",
      message: /^URL is another file than when reading began: it became shorter$/,
    },
  ],
  [
    "cuts it all away",
    later((request, response) => ranges(request, response, Buffer.alloc(0))),
    {
      code: "REPLACED",
      message: /^URL is another file than when reading began: it became shorter$/,
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
    "puts another file in its place",
    later((request, response) =>
      ranges(request, response, Buffer.from(linesOf(3 * MIB).replaceAll("x", "y"))),
    ),
    {
      code: "REPLACED",
      message:
        /^URL is another file than when reading began: other bytes stand where some were read$/,
    },
  ],
  [
    "sends its page for what there is not",
    (request, response) =>
      response
        .writeHead(200, { "Content-Type": "text/html; charset=utf-8" })
        .end("\n<!doctype html>"),
    {
      code: "IO_ERROR",
      message: /^cannot read URL: the server sends a page and no log \(text\/html\)$/,
    },
  ],
  [
    "sends parts of its page",
    (request, response) => {
      response.setHeader("content-type", "text/html");
      ranges(request, response, Buffer.from("<!doctype html>"));
    },
    { code: "IO_ERROR", message: /sends a page and no log/ },
  ],
  [
    "redirects to a page to sign in on",
    (request, response) =>
      /s\.jsonl/.test(request.url)
        ? response.writeHead(302, { Location: "/sign-in" }).end()
        : response.writeHead(200, { "Content-Type": "text/html" }).end("<p>who?</p>"),
    { code: "IO_ERROR", message: /sends a page, behind a redirect, and no log/ },
  ],
  [
    "sends its page later",
    later((request, response) =>
      response.writeHead(200, { "Content-Type": "text/html" }).end("<p>sign in</p>"),
    ),
    {
      code: "IO_ERROR",
      message: /^cannot read URL: the server sends a page and no log \(text\/html\)$/,
    },
  ],
  [
    "takes no range later",
    later((request, response) =>
      response.writeHead(416, { "Content-Range": "bytes */3145728" }).end(),
    ),
    { code: "IO_ERROR", message: /the server sends status 416, though there are 3145728$/ },
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
        /asked for, and the server sends several parts \(the string "multipart\/byteranges; boundary=b"\)$/,
    },
  ],
  [
    "tells a size that no file has",
    part({ "Content-Range": "bytes 0-1023/99999999999999999999" }, "x".repeat(KIB)),
    {
      code: "IO_ERROR",
      message: /the server sends the string "bytes 0-1023\/99999999999999999999"$/,
    },
  ],
  [
    "tells such a size of no range",
    (request, response) =>
      response.writeHead(416, { "Content-Range": "bytes */99999999999999999999" }).end(),
    { code: "IO_ERROR", message: /the server sends the string "bytes \*\/99999999999999999999"$/ },
  ],
  [
    "says later that it is of another version",
    later(
      (request, response, file) => (
        response.setHeader("ETag", '"b"'), ranges(request, response, file)
      ),
    ),
    {
      code: "REPLACED",
      message:
        /^URL is another file than when reading began: the server says that it was changed, and it did not grow$/,
    },
  ],
  [
    "redirects to the same file at another place later",
    later((request, response, file) =>
      /moved/.test(request.url)
        ? ranges(request, response, file)
        : response.writeHead(302, { Location: "moved" }).end(),
    ),
    { code: "REPLACED", message: /the server says that it was changed/ },
  ],
  [
    "tells the secret",
    part({ "Content-Range": "bytes of secret" }, "a"),
    { code: "IO_ERROR", message: /the server sends the string "bytes of …"$/ },
  ],
  [
    "comes to know no ranges, of a shorter file",
    later((request, response, file) => whole(request, response, file.subarray(0, 2 * MIB))),
    { code: "REPLACED", message: /another file than when reading began: it became shorter$/ },
  ],
];

test("of a server that behaves badly, the error says what and where, and no secret", async (t) => {
  const file = linesOf(3 * MIB);
  for (const [does, answer, { message, cause, ...facts }] of faults) {
    const { url } = await logServer(t, file, answer);
    url.search = "?signature=secret";
    const error = await SessionLog.from(url)
      .then((log) => log.read())
      .then(
        () => assert.fail(`nothing was thrown where the server ${does}`),
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

test("a server that is not there is an error with its cause", async () => {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {net.AddressInfo} */ (server.address());
  server.close();
  await once(server, "close");
  await assert.rejects(SessionLog.from(new URL(`http://127.0.0.1:${port}/s.jsonl`)), (error) => {
    assert.match(
      error.message,
      /^cannot read http:\/\/127\.0\.0\.1:\d+\/s\.jsonl: there is no answer: .*ECONNREFUSED/,
    );
    return error.code === "IO_ERROR" && error.cause instanceof TypeError;
  });
});

test("redirects are followed, and a hash is nobody's business", async (t) => {
  const target = await logServer(t, `${line("there")}\n`);
  const { url } = await logServer(t, "", (request, response) =>
    response.writeHead(307, { Location: target.url.href }).end(),
  );
  url.hash = "#row=5";
  assert.deepEqual(await (await SessionLog.from(url)).read(), [entry("there")]);
});

test("requests ask for the file's own bytes, and nothing that a cache holds", async (t) => {
  const server = await logServer(t, linesOf(3 * MIB));
  await (await SessionLog.from(server.url)).read();
  for (const headers of server.headers) {
    assert.match(String(headers["accept-encoding"]), /^identity(, identity)?$/);
    assert.equal(headers["cache-control"], "no-cache");
  }
});

/** @type {[does: string, bytes: number, requests: number, use: (log: SessionLog) => Promise<unknown>][]} */
const costs = [
  ["opening a small log", 5_000, 1, async () => {}],
  ["opening a large log", 10 * MIB, 1, async () => {}],
  ["reading a small log", 5_000, 2, (log) => log.read()],
  ["indexing a small log", 5_000, 2, (log) => log.index()],
  ["verifying a small log", 5_000, 2, (log) => log.verify()],
  ["reading a small log backwards", 5_000, 2, (log) => collect(log.records({ reverse: true }))],
  ["reading an empty log", 0, 2, (log) => log.read()],
  // Opening, its size, 64 KiB, and 1 MiB each.
  ["indexing 10 MiB", 10 * MIB, 3 + 10, (log) => log.index()],
  ["reading 10 MiB", 10 * MIB, 3 + 10, (log) => log.read()],
  [
    "one entry of an index of 10 MiB",
    10 * MIB,
    3 + 10 + 2,
    async (log) => (await log.index()).entry(1000),
  ],
  ["the last entry of 10 MiB", 10 * MIB, 3, (log) => log.records({ reverse: true }).next()],
  ["what is behind the end", 10 * MIB, 2, (log) => collect(log.records({ from: 10 * MIB }))],
];

for (const [does, bytes, requests, use] of costs) {
  test(`${does} takes ${requests} requests`, async (t) => {
    const server = await logServer(t, bytes === 0 ? "" : linesOf(bytes), tagged(ranges));
    const log = await SessionLog.from(server.url);
    await use(log);
    assert.equal(server.ranges.length, requests, server.ranges.join(" "));
    // Kept alive: Node's fetch takes another one where the last byte of an answer was read a moment ago.
    assert(server.connections <= 2, `${server.connections} connections`);
  });
}

test("the last entries of a large log are read without its front", async (t) => {
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

test("a log that grew is read on by one request, and its index refreshed by one", async (t) => {
  const server = await logServer(t, linesOf(2 * MIB));
  const log = await SessionLog.from(server.url);
  const index = await log.index();
  const rows = index.length;
  server.ranges = [];
  assert.equal(await index.refresh(), 0);
  server.file = Buffer.concat([server.file, Buffer.from(`${line("b")}\n${TORN}`)]);
  assert.equal(await index.refresh(), 1);
  server.file = Buffer.concat([server.file, Buffer.from(`\n${line("c")}\n`)]);
  assert.equal(await index.refresh(), 1);
  assert.equal(server.ranges.length, 3, server.ranges.join(" "));
  for (const range of server.ranges) assert(Number.parseInt(range) >= 2 * MIB - 4 * KIB, range);
  const [{ entry: b, end }] = await collect(log.records({ from: 2 * MIB, onDamage() {} }));
  assert.equal(b.skill, "b");
  assert.deepEqual(
    (await collect(log.records({ from: end, onDamage() {} }))).map((record) => record.entry.skill),
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

test("an index of a log that grew by much, from a server that tells no sizes, is one from scratch", async (t) => {
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

test("an index of a file that was cut, replaced or removed says so", async (t) => {
  for (const [name, answer] of Object.entries(servers)) {
    for (const size of [5_000, 2 * MIB]) {
      const server = await logServer(t, linesOf(size), answer);
      const index = await (await SessionLog.from(server.url)).index();
      const { file } = server;
      const replaced = { code: "REPLACED", path: server.url.href };
      for (const other of [
        file.subarray(0, 2_000),
        Buffer.alloc(0),
        Buffer.from(linesOf(size).replaceAll("x", "y")),
      ]) {
        server.file = other;
        await assert.rejects(index.refresh(), replaced, name);
        await assert.rejects(index.entry(0), replaced, name);
      }
      server.answer = status(404);
      await assert.rejects(index.refresh(), replaced, name);
      server.answer = answer;
      server.file = Buffer.concat([file, Buffer.from(`${line("b")}\n`)]);
      assert.equal(await index.refresh(), 1);
    }
  }
});

test("a log that was cut or written anew is read as it is now", async (t) => {
  for (const [name, answer] of Object.entries(servers)) {
    const server = await logServer(t, linesOf(2 * MIB), answer);
    const log = await SessionLog.from(server.url);
    await log.read();
    for (const file of [linesOf(MIB), `${line("a")}\n`, "", linesOf(3 * MIB)]) {
      server.file = Buffer.from(file);
      const backwards = (await collect(log.records({ reverse: true }))).map(
        (record) => record.entry,
      );
      const expected = await (await SessionLog.from(server.file)).read();
      assert.deepEqual(await log.read(), expected, name);
      assert.deepEqual(backwards.reverse(), expected, name);
    }
  }
});

test("damage at a URL is told once, and its secret is not", async (t) => {
  const { url } = await logServer(t, damaged);
  url.search = "?signature=secret";
  const warnings = [];
  const listen = (warning) => warnings.push(warning.message);
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

test("a reading ends where the file ended when it began", async (t) => {
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

test("a log is read where what is between refuses ranges, and where it is told to be a page", async (t) => {
  const file = `${line("a")}\n`;
  for (const answer of [
    (request, response, file) =>
      (request.headers.range ? status(416) : whole)(request, response, file),
    (request, response, file) => (
      response.setHeader("content-type", "text/html"), ranges(request, response, file)
    ),
    (request, response, file) => (
      response.setHeader("content-type", "text/html"), whole(request, response, file)
    ),
    // The unit of ranges may be spelled in any case.
    part({ "Content-Range": `Bytes 0-0/1` }, "\n"),
  ]) {
    const { url } = await logServer(t, file, answer);
    const skills = (await (await SessionLog.from(url)).read()).map(({ skill }) => skill);
    assert.deepEqual(skills, answer.length > 2 ? ["a"] : []);
  }
});

test("from a server that knows no ranges, each reading loads the file once, and opening does not", async (t) => {
  const server = await logServer(t, linesOf(3 * MIB), whole);
  const log = await SessionLog.from(server.url);
  const index = await log.index();
  assert.equal(server.ranges.length, 2);
  await index.search("nothing");
  assert.equal(server.ranges.length, 3);
  await log.read();
  assert.equal(server.ranges.length, 4);
});

/** Answers with a file that has no end to speak of, as fast as it is taken. @type {(code: number, headers: object) => import("./log-server.js").Answer} */
const endless = (code, headers) => (request, response) => {
  response.writeHead(code, headers);
  const chunk = Buffer.alloc(MIB, "x");
  const more = () => {
    while (!response.destroyed) if (!response.write(chunk)) return;
  };
  response.on("drain", more);
  more();
};

test("what was not asked for is not taken: neither to open 4 GiB, nor behind a range, nor to learn a size", async (t) => {
  const cases = {
    "a server that knows no ranges": { answer: endless(200, { "Content-Length": 4 * KIB * MIB }) },
    "a server that sends more than it was asked for": {
      answer: endless(206, { "Content-Range": "bytes 0-1023/9000000" }),
      error: /the server sends more$/,
    },
    "a server that tells a size only by the length of the rest": {
      answer: (request, response, file) =>
        (/-$/.test(request.headers.range)
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

/** Of tests that wait for a request to end: it never does where something is wrong. */
const bounded = { timeout: 60_000 };

/** How many requests hang, or did. */
let hung = 0;
/** Does not answer. @type {import("./log-server.js").Answer} */
const silent = () => {
  hung += 1;
};
/** Begins to answer. @type {import("./log-server.js").Answer} */
const hesitant = (request, response, file) => {
  hung += 1;
  const { from, to, bytes } = askedOf(request, file);
  response.writeHead(206, { "Content-Range": `bytes ${from}-${to - 1}/${file.length}` });
  response.write(bytes.subarray(0, 3));
};

test(
  "an aborted call rejects with the reason, however long the server takes, and its request ends",
  bounded,
  async (t) => {
    /** @type {((log: SessionLog, signal: AbortSignal) => Promise<unknown>)[]} */
    const calls = [
      (log, signal) => log.read({ signal }),
      (log, signal) => log.index({ signal }),
      (log, signal) => log.verify({ signal }),
      (log, signal) => collect(log.records({ reverse: true, signal })),
      (log, signal) => collect(log.records({ from: 1000, signal, onDamage() {} })),
    ];
    for (const hanging of [silent, hesitant]) {
      for (const answer of [hanging, later(hanging)]) {
        for (const call of calls) {
          const server = await logServer(t, linesOf(3 * MIB));
          const log = await SessionLog.from(server.url);
          const index = await log.index();
          server.answer = answer;
          for (const use of [call, (_, signal) => index.search("x", { signal })]) {
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
  },
);

test("leaving a loop ends what is asked for ahead", bounded, async (t) => {
  const server = await logServer(t, linesOf(3 * MIB), later(hesitant));
  const log = await SessionLog.from(server.url);
  const records = log.records();
  await records.next();
  await records.return();
  while (server.ended === 0) await pause(1);
});

test("looking for a file ends when it is aborted", bounded, async (t) => {
  const { url } = await logServer(t, linesOf(MIB), silent);
  const abort = new AbortController();
  const reason = { enough: true };
  const opening = SessionLog.from(url, { signal: abort.signal });
  setTimeout(() => abort.abort(reason), 20);
  await assert.rejects(opening, (error) => error === reason);
  await assert.rejects(SessionLog.from(url, { signal: abort.signal }), (error) => error === reason);
});

test("a refresh that waits for another one ends when it is aborted", bounded, async (t) => {
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

test("a signal outlives what it was given to, and holds nothing of it", async (t) => {
  const { url } = await logServer(t, damaged);
  const log = await SessionLog.from(url);
  const { signal } = new AbortController();
  let listeners = 0;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args) => ((listeners += 1), addEventListener.apply(signal, args));
  signal.removeEventListener = (...args) => (
    (listeners -= 1), removeEventListener.apply(signal, args)
  );
  await log.read({ signal, onDamage() {} });
  await log.index({ signal });
  const records = log.records({ signal, onDamage() {} });
  await records.next();
  await records.return();
  assert.equal(listeners, 0);
});
