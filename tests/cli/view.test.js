// The server of `skill-log view`: which requests it refuses, and which it answers.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import test from "node:test";
import { Sessions } from "skill-log";

import { entry, line } from "../js/support/lines.js";
import { temporaryFolder } from "../js/support/temporary-folder.js";
import { startViewer } from "../../js/cli/viewing/viewer-server.js";
import { Sessions as OwnSessions } from "../../js/index.js";
import { program } from "./running.js";

/** A public host that the tests allow. */
const PUBLIC = "logs.example.com";

/**
 * Starts the program.
 *
 * @param {import("node:test").TestContext} t
 * @param {string} dir
 * @param {string[]} [options]
 * @param {Record<string, string>} [env]
 */
async function view(t, dir, options = ["--no-open"], env = {}) {
  const args = [program, "view", dir, "--no-cache", ...options];
  const child = spawn(process.execPath, args, { env: { ...process.env, ...env } });
  t.after(() => child.kill("SIGKILL"));
  const output = { out: "", err: "" };
  child.stdout.on("data", (data) => (output.out += data));
  child.stderr.on("data", (data) => (output.err += data));
  while (!output.out.includes("\n")) {
    assert.equal(child.exitCode, null, output.err);
    await Promise.race([once(child.stdout, "data"), once(child, "close")]);
  }
  const url = new URL(output.out.trim());
  return { child, output, url, port: Number(url.port), token: url.hash.slice("#token=".length) };
}

/**
 * Sends bytes, and returns the answer up to the end of the connection.
 *
 * @param {number} port
 * @param {string | Buffer} bytes
 * @returns {Promise<{ status: number, head: string, body: string }>}
 */
async function sent(port, bytes) {
  const socket = net.connect(port, "127.0.0.1");
  let text = "";
  socket.on("data", (data) => (text += data.toString("latin1")));
  socket.on("error", () => {});
  socket.write(bytes);
  await once(socket, "close");
  const [head, body = ""] = text.split(/\r\n\r\n([^]*)/);
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]), head, body };
}

/**
 * @typedef {object} Asked
 * @property {string} [method]
 * @property {string} [target]
 * @property {Record<string, string | string[] | null>} [headers] null leaves one out
 * @property {string} [body]
 */

/** @typedef {{ port: number, token: string, cookie: string, otherCookie: string, dir: string }} Known */

/**
 * @param {Known} known
 * @param {Asked} asked
 */
function requestOf(
  { port, cookie },
  { method = "GET", target = "/api/v1/sessions", headers = {}, body = "" },
) {
  const all = { Host: `127.0.0.1:${port}`, Connection: "close", Cookie: cookie, ...headers };
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === null ? [] : [value].flat().map((each) => `${name}: ${each}\r\n`),
  );
  return Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join("")}\r\n${body}`, "latin1");
}

/**
 * Exchanges a token for the cookie.
 *
 * @param {number} port
 * @param {string} token
 * @returns {Asked}
 */
function exchangeOf(port, token) {
  const headers = {
    Origin: `http://127.0.0.1:${port}`,
    "Content-Length": `${token.length}`,
  };
  return { method: "POST", target: "/session", headers, body: token };
}

/**
 * What is refused, and by which status. All have a valid cookie but where they say another.
 *
 * @type {[name: string, status: number | number[], asked: (known: Known) => Asked][]}
 */
const REFUSED = [
  // Who is asked: a name of an attacker may point to this machine.
  ["another host", 421, () => ({ headers: { Host: "evil.example" } })],
  ["another host for the page", 421, () => ({ target: "/", headers: { Host: "evil.example" } })],
  ["another host at the port", 421, ({ port }) => ({ headers: { Host: `evil.example:${port}` } })],
  ["a host that ends like ours", 421, ({ port }) => ({ headers: { Host: `a.localhost:${port}` } })],
  [
    "a host that starts like ours",
    421,
    ({ port }) => ({ headers: { Host: `127.0.0.1.nip.io:${port}` } }),
  ],
  ["a host with a dot after it", 421, ({ port }) => ({ headers: { Host: `localhost.:${port}` } })],
  ["another port", 421, ({ port }) => ({ headers: { Host: `127.0.0.1:${port + 1}` } })],
  ["no port", 421, () => ({ headers: { Host: "127.0.0.1" } })],
  ["a host with a user", 421, ({ port }) => ({ headers: { Host: `a@127.0.0.1:${port}` } })],
  ["another form of the address", 421, ({ port }) => ({ headers: { Host: `2130706433:${port}` } })],
  ["all addresses", 421, ({ port }) => ({ headers: { Host: `0.0.0.0:${port}` } })],
  ["an empty host", 421, () => ({ headers: { Host: "" } })],
  ["no host", 421, () => ({ headers: { Host: null } })],
  [
    "two hosts",
    [400, 421],
    ({ port }) => ({ headers: { Host: [`127.0.0.1:${port}`, "evil.example"] } }),
  ],
  ["a public host at our port", 421, ({ port }) => ({ headers: { Host: `${PUBLIC}:${port}` } })],
  [
    "another host in X-Forwarded-Host's shadow",
    421,
    ({ port }) => ({ headers: { Host: "evil.example", "X-Forwarded-Host": `127.0.0.1:${port}` } }),
  ],
  // What is asked for.
  ["an absolute URI", 400, ({ port }) => ({ target: `http://127.0.0.1:${port}/api/v1/sessions` })],
  [
    "the absolute URI of another host",
    400,
    () => ({ target: "http://evil.example/api/v1/sessions" }),
  ],
  ["a star", 400, () => ({ target: "*" })],
  ["dot segments", 400, () => ({ target: "/api/../../etc/passwd" })],
  ["a dot segment", 400, () => ({ target: "/./api/v1/sessions" })],
  ["encoded dot segments", 400, () => ({ target: "/%2e%2e/%2e%2e/etc/passwd" })],
  ["twice encoded dot segments", 400, () => ({ target: "/%252e%252e/etc/passwd" })],
  ["an encoded slash", 400, () => ({ target: "/api%2fv1/sessions" })],
  ["an encoded letter", 400, () => ({ target: "/%61pi/v1/sessions" })],
  ["two slashes", 400, () => ({ target: "//api/v1/sessions" })],
  ["two slashes within", 400, () => ({ target: "/api//v1/sessions" })],
  ["two slashes and a host", 400, () => ({ target: "//evil.example/api" })],
  ["a backslash", 400, () => ({ target: "/api\\v1\\sessions" })],
  ["a NUL", 400, () => ({ target: "/api/v1/sessions\0" })],
  ["an encoded NUL", 400, () => ({ target: "/index.html%00.js" })],
  ["a fragment", 400, () => ({ target: "/api/v1/sessions#x" })],
  ["bytes that are no ASCII", 400, () => ({ target: "/\xe9" })],
  ["another file", 404, () => ({ target: "/package.json" })],
  ["a hidden file", 400, () => ({ target: "/.git/config" })],
  ["another resource", 404, () => ({ target: "/api/v1/entries" })],
  ["another version", 404, () => ({ target: "/api/v2/sessions" })],
  ["the name of a member of every object", 404, () => ({ target: "/__proto__" })],
  // Who asks.
  ["no cookie", 401, () => ({ headers: { Cookie: null } })],
  [
    "no cookie for an unknown resource",
    401,
    () => ({ target: "/api/x", headers: { Cookie: null } }),
  ],
  ["a wrong cookie", 401, ({ cookie }) => ({ headers: { Cookie: `${cookie.slice(0, -1)}_` } })],
  ["a longer cookie", 401, ({ cookie }) => ({ headers: { Cookie: `${cookie}A` } })],
  ["an empty cookie", 401, ({ port }) => ({ headers: { Cookie: `skill-log-${port}=` } })],
  [
    "the cookie of another viewer",
    401,
    ({ otherCookie, port }) => ({
      headers: { Cookie: otherCookie.replace(/^[^=]*/, `skill-log-${port}`) },
    }),
  ],
  [
    "the token as the cookie",
    401,
    ({ token, port }) => ({ headers: { Cookie: `skill-log-${port}=${token}` } }),
  ],
  [
    "a token in the query",
    401,
    ({ token }) => ({ target: `/api/v1/sessions?token=${token}`, headers: { Cookie: null } }),
  ],
  [
    "a wrong token",
    401,
    ({ token }) => ({ headers: { Authorization: `Bearer ${token.slice(0, -1)}` } }),
  ],
  [
    "a token of another scheme",
    401,
    ({ token }) => ({ headers: { Authorization: `Basic ${token}`, Cookie: null } }),
  ],
  ["another origin", 403, () => ({ headers: { Origin: "https://evil.example" } })],
  ["no origin that is one", 403, () => ({ headers: { Origin: "null" } })],
  [
    "the origin of another port",
    403,
    ({ port }) => ({ headers: { Origin: `http://127.0.0.1:${port + 1}` } }),
  ],
  [
    "the origin of another scheme",
    403,
    ({ port }) => ({ headers: { Origin: `https://127.0.0.1:${port}` } }),
  ],
  [
    "two origins",
    [400, 403],
    ({ port }) => ({ headers: { Origin: [`http://127.0.0.1:${port}`, "https://evil.example"] } }),
  ],
  ["a request of another site", 403, () => ({ headers: { "Sec-Fetch-Site": "cross-site" } })],
  ["a request of another port", 403, () => ({ headers: { "Sec-Fetch-Site": "same-site" } })],
  [
    "another site's request for a file",
    403,
    () => ({ target: "/main.js", headers: { "Sec-Fetch-Site": "cross-site" } }),
  ],
  [
    "another site's navigation to data",
    403,
    () => ({ headers: { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate" } }),
  ],
  [
    "a frame of another site",
    403,
    () => ({
      target: "/",
      headers: { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors" },
    }),
  ],
  // How it is asked.
  ...["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"].map(
    (method) =>
      /** @type {[string, number, () => Asked]} */ ([
        `the method ${method}`,
        405,
        () => ({ method }),
      ]),
  ),
  [
    "a preflight",
    405,
    ({ port }) => ({
      method: "OPTIONS",
      headers: { Origin: `http://127.0.0.1:${port}`, "Access-Control-Request-Method": "GET" },
    }),
  ],
  ["an unknown method", [400, 405], () => ({ method: "GETT" })],
  ["a body", 400, () => ({ headers: { "Content-Length": "3" }, body: "abc" })],
  [
    "a body in chunks",
    400,
    () => ({ headers: { "Transfer-Encoding": "chunked" }, body: "0\r\n\r\n" }),
  ],
  ["two lengths", 400, () => ({ headers: { "Content-Length": ["0", "3"] } })],
  ["a very long path", [414, 431], () => ({ target: `/api/v1/sessions?${"x".repeat(15_000)}` })],
  ["a very long header", 431, () => ({ headers: { "X-Long": "x".repeat(20_000) } })],
  [
    "very many headers",
    431,
    () => ({
      headers: Object.fromEntries(Array.from({ length: 2000 }, (_, at) => [`X-${at}`, "xxxxxx"])),
    }),
  ],
  // Logs.
  ["an id that leads out", 404, () => ({ target: "/api/v1/log?id=..%2Fsecret" })],
  ["an id with dot segments", 404, () => ({ target: "/api/v1/log?id=sub%2F..%2F..%2Fsecret" })],
  [
    "an absolute id",
    404,
    ({ dir }) => ({ target: `/api/v1/log?id=${encodeURIComponent(path.join(dir, "a"))}` }),
  ],
  ["an id with a NUL", 404, () => ({ target: "/api/v1/log?id=a%00" })],
  ["an id with an end", 404, () => ({ target: "/api/v1/log?id=a.jsonl" })],
  ["an id with a backslash", 404, () => ({ target: "/api/v1/log?id=..%5Csecret" })],
  ["no id", 404, () => ({ target: "/api/v1/log" })],
  ["a link out of the directory", 403, () => ({ target: "/api/v1/log?id=link" })],
  ["a log below a linked directory", 404, () => ({ target: "/api/v1/log?id=linked%2Fsecret" })],
  ["a log that is a directory", 403, () => ({ target: "/api/v1/log?id=folder" })],
  ["another file of a log", 409, () => ({ target: "/api/v1/log?id=a&file=1%3A2%3A3" })],
  [
    "several ranges",
    416,
    () => ({ target: "/api/v1/log?id=a", headers: { Range: "bytes=0-1,3-4" } }),
  ],
  [
    "very many ranges",
    416,
    () => ({ target: "/api/v1/log?id=a", headers: { Range: `bytes=${"0-,".repeat(1300)}0-` } }),
  ],
  [
    "two headers with ranges",
    [400, 416],
    () => ({ target: "/api/v1/log?id=a", headers: { Range: ["bytes=0-1", "bytes=2-3"] } }),
  ],
  [
    "a range after the end",
    416,
    () => ({ target: "/api/v1/log?id=a", headers: { Range: "bytes=999999-" } }),
  ],
  [
    "a range with too many digits",
    416,
    () => ({ target: "/api/v1/log?id=a", headers: { Range: `bytes=0-${"9".repeat(400)}` } }),
  ],
  [
    "a range that ends before it starts",
    416,
    () => ({ target: "/api/v1/log?id=a", headers: { Range: "bytes=5-2" } }),
  ],
  [
    "a range of another unit",
    416,
    () => ({ target: "/api/v1/log?id=a", headers: { Range: "lines=1-2" } }),
  ],
  [
    "a search for too much",
    400,
    () => ({ target: `/api/v1/search?after=x.1&text=${"x".repeat(1001)}` }),
  ],
  ["an expression that is none", 400, () => ({ target: "/api/v1/search?text=(&flags=" })],
  ["unknown flags", 400, () => ({ target: "/api/v1/search?text=a&flags=gggg" })],
  ["logs that are no numbers", 400, () => ({ target: "/api/v1/search?text=a&logs=1,-2" })],
  ["too many ids", 400, () => ({ target: `/api/v1/rows?${"id=a&".repeat(65)}` })],
  // The exchange of the token.
  [
    "a token without an origin",
    403,
    ({ token }) => ({
      method: "POST",
      target: "/session",
      headers: { "Content-Length": `${token.length}` },
      body: token,
    }),
  ],
  [
    "a token from another origin",
    403,
    ({ token }) => ({
      method: "POST",
      target: "/session",
      headers: { Origin: "https://evil.example", "Content-Length": `${token.length}` },
      body: token,
    }),
  ],
  [
    "a wrong token for a cookie",
    403,
    ({ port }) => ({
      method: "POST",
      target: "/session",
      headers: { Origin: `http://127.0.0.1:${port}`, "Content-Length": "3" },
      body: "abc",
    }),
  ],
  [
    "an endless token",
    403,
    ({ port }) => ({
      method: "POST",
      target: "/session",
      headers: { Origin: `http://127.0.0.1:${port}`, "Content-Length": "9000" },
      body: "a".repeat(9000),
    }),
  ],
  ["the exchange by GET", 405, () => ({ target: "/session" })],
];

/**
 * What is answered, and by which status.
 *
 * @type {[name: string, status: number, asked: (known: Known) => Asked, body?: RegExp][]}
 */
const SERVED = [
  ["the page", 200, () => ({ target: "/", headers: { Cookie: null } }), /<html|<!doctype/i],
  [
    "the page by a link of another site",
    200,
    () => ({
      target: "/",
      headers: { Cookie: null, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate" },
    }),
  ],
  [
    "the page's program",
    200,
    () => ({ target: "/main.js", headers: { Cookie: null, "Sec-Fetch-Site": "same-origin" } }),
  ],
  ["sessions", 200, () => ({}), /"id":"a"/],
  [
    "sessions under the other name",
    200,
    ({ port }) => ({ headers: { Host: `localhost:${port}` } }),
  ],
  [
    "sessions under a name in capitals",
    200,
    ({ port }) => ({ headers: { Host: `LOCALHOST:${port}` } }),
  ],
  [
    "sessions under a public host",
    200,
    () => ({ headers: { Host: PUBLIC, Origin: `https://${PUBLIC}` } }),
  ],
  [
    "sessions to the page",
    200,
    ({ port }) => ({
      headers: { Origin: `http://127.0.0.1:${port}`, "Sec-Fetch-Site": "same-origin" },
    }),
  ],
  [
    "sessions to a program",
    200,
    ({ token }) => ({ headers: { Cookie: null, Authorization: `Bearer ${token}` } }),
  ],
  [
    "sessions beside other cookies",
    200,
    ({ cookie }) => ({ headers: { Cookie: `a=b; ${cookie}; skill-log-1=x` } }),
  ],
  ["a log", 200, () => ({ target: "/api/v1/log?id=a" }), /"skill":"a"/],
  ["the head of a log", 200, () => ({ method: "HEAD", target: "/api/v1/log?id=a" }), /^$/],
  [
    "a range",
    206,
    () => ({ target: "/api/v1/log?id=a", headers: { Range: "bytes=2-11" } }),
    /^session_id$/,
  ],
  [
    "the last bytes",
    206,
    () => ({ target: "/api/v1/log?id=a", headers: { Range: "bytes=-2" } }),
    /^\}\n$/,
  ],
  ["rows", 200, () => ({ target: "/api/v1/rows" }), /"cursor"/],
  ["looks", 200, () => ({ target: "/api/v1/looks?id=a&id=none" }), /"id":"a".*\n\{"end":1\}\n/],
  ["reports", 200, () => ({ target: "/api/v1/reports" }), /"entries":1/],
];

test("refuses what another site could ask, and serves the page and programs", async (t) => {
  const folder = temporaryFolder(t);
  const dir = path.join(folder, "logs");
  fs.mkdirSync(path.join(dir, "folder.jsonl"), { recursive: true });
  fs.mkdirSync(path.join(folder, "outside"));
  fs.writeFileSync(path.join(dir, "a.jsonl"), `${line("a")}\n`);
  for (const secret of ["secret.jsonl", "outside/secret.jsonl"])
    fs.writeFileSync(path.join(folder, secret), `${line("secret")}\n`);
  fs.symlinkSync("../secret.jsonl", path.join(dir, "link.jsonl"));
  fs.symlinkSync("../outside", path.join(dir, "linked"));
  const [viewer, other] = await Promise.all([
    view(t, dir, ["--no-open", "-r", "--public-host", PUBLIC.toUpperCase()]),
    view(t, dir),
  ]);
  const cookies = await Promise.all(
    [viewer, other].map(async ({ port, token }) => {
      const asked = {
        method: "POST",
        target: "/session",
        headers: { Origin: `http://127.0.0.1:${port}`, "Content-Length": `${token.length}` },
        body: token,
      };
      const { status, head } = await sent(
        port,
        requestOf({ ...viewer, port, cookie: "", otherCookie: "", dir }, asked),
      );
      assert.equal(status, 204);
      const [, cookie, rest] = /^set-cookie: ([^;]+)(.*)$/im.exec(head) ?? [];
      assert.equal(rest, "; Path=/; HttpOnly; SameSite=Strict");
      assert.ok(!cookie.includes(token));
      assert.match(cookie, /=[\w-]{43}$/);
      return cookie;
    }),
  );
  const known = { ...viewer, cookie: cookies[0], otherCookie: cookies[1], dir };

  /** @param {string} head */
  const checkHead = (head) => {
    for (const header of [
      "x-content-type-options: nosniff",
      "referrer-policy: no-referrer",
      "cross-origin-resource-policy: same-origin",
      "content-security-policy: default-src 'none';",
    ])
      assert.ok(head.toLowerCase().includes(header), `${header} in ${head}`);
    assert.doesNotMatch(head, /access-control-/i);
  };
  for (const [name, expected, asked] of REFUSED) {
    await t.test(`refuses ${name}`, async () => {
      const { status, head, body } = await sent(known.port, requestOf(known, asked(known)));
      assert.ok([expected].flat().includes(status), `status ${status}: ${body}`);
      assert.ok(!body.includes(folder) && !body.includes("secret"), body);
      assert.ok(!`${head}${body}`.includes(known.token) && !head.includes("set-cookie"));
      // Node itself refuses what is no HTTP, and says nothing of the server.
      if (/content-security-policy/i.test(head) || body !== "") checkHead(head);
    });
  }
  for (const [name, expected, asked, pattern] of SERVED) {
    await t.test(`serves ${name}`, async () => {
      const { status, head, body } = await sent(known.port, requestOf(known, asked(known)));
      assert.equal(status, expected, body);
      checkHead(head);
      if (pattern) assert.match(body, pattern);
      assert.ok(!`${head}${body}`.includes(known.token));
      assert.ok(!body.includes(folder));
    });
  }
  await t.test("serves a file that the browser has by its tag alone", async () => {
    const { head } = await sent(known.port, requestOf(known, { target: "/main.js" }));
    const [, tag] = /^etag: (.*)$/im.exec(head) ?? [];
    const again = { target: "/main.js", headers: { "If-None-Match": tag } };
    const { status, body } = await sent(known.port, requestOf(known, again));
    assert.deepEqual([status, body], [304, ""]);
  });
  await t.test("gives each viewer another token", () => {
    assert.match(viewer.token, /^[\w-]{43}$/);
    assert.notEqual(viewer.token, other.token);
  });
});

test("listens on this machine alone, and ends quietly at Ctrl-C", async (t) => {
  const dir = temporaryFolder(t);
  fs.writeFileSync(path.join(dir, "a.jsonl"), `${line("a")}\n`);
  const { child, output, url } = await view(t, dir);
  const sessions = await Sessions.open(url);
  const index = await sessions.index();
  assert.deepEqual(await index.entry(0), entry("a"));
  const follower = sessions.follow();
  assert.equal((await follower.next()).value?.entry.skill, "a");
  assert.equal(url.hostname, "127.0.0.1");
  const closed = once(child, "close");
  child.kill("SIGINT");
  const [status, signal] = await closed;
  assert.deepEqual([status, signal, output.err], [null, "SIGINT", ""]);
  assert.equal(output.out.split("\n").length, 2);
  await assert.rejects(index.refresh(), { code: "IO_ERROR" });
  await sessions.close();
});

test("has the port of the directory each time, and another one while that is taken", async (t) => {
  const dir = temporaryFolder(t);
  const first = await view(t, dir);
  const beside = await view(t, dir);
  assert.notEqual(beside.port, first.port);
  const other = await view(t, temporaryFolder(t));
  assert.notEqual(other.port, first.port);
  first.child.kill("SIGINT");
  await once(first.child, "close");
  fs.symlinkSync(dir, path.join(dir, "link"));
  assert.equal((await view(t, path.join(dir, "link"))).port, first.port);
  const child = spawn(process.execPath, [program, "view", dir, "--port", `${first.port}`]);
  t.after(() => child.kill("SIGKILL"));
  const [message] = await once(child.stderr, "data");
  assert.match(`${message}`, new RegExp(`port ${first.port} is taken`));
});

test("opens an address that lets in once, and says where none can be opened", async (t) => {
  const dir = temporaryFolder(t);
  const bin = temporaryFolder(t);
  const seen = path.join(bin, "seen");
  const opener = process.platform === "darwin" ? "open" : "xdg-open";
  fs.writeFileSync(
    path.join(bin, opener),
    `#!/bin/sh\nprintf %s "$1" > "${seen}.new" && mv "${seen}.new" "${seen}"\n`,
    { mode: 0o755 },
  );
  const { url, port, token } = await view(t, dir, [], { PATH: `${bin}:/usr/bin:/bin` });
  while (!fs.existsSync(seen)) await new Promise((done) => setTimeout(done, 20));
  // Other users of the machine can read it.
  const opened = new URL(fs.readFileSync(seen, "utf8"));
  const onceToken = opened.hash.slice("#token=".length);
  assert.match(onceToken, /^[\w-]{43}$/);
  assert.notEqual(onceToken, token);
  assert.equal(opened.href.replace(onceToken, token), url.href);
  const known = { port, token, cookie: "", otherCookie: "", dir };
  const statusOf = async (/** @type {Asked} */ asked) =>
    (await sent(port, requestOf(known, asked))).status;
  const bearer = { headers: { Cookie: null, Authorization: `Bearer ${onceToken}` } };
  assert.equal(await statusOf(bearer), 401);
  assert.equal(await statusOf(exchangeOf(port, onceToken)), 204);
  assert.equal(await statusOf(exchangeOf(port, onceToken)), 403);
  assert.equal(await statusOf(bearer), 401);
  assert.equal(await statusOf(exchangeOf(port, token)), 204);
  const without = await view(t, dir, [], { PATH: temporaryFolder(t) });
  while (without.output.err === "") await once(without.child.stderr, "data");
  assert.match(without.output.err, /^No browser could be opened/);
});

test("reads the list ahead for the first page, and anew for each later one", async (t) => {
  const dir = temporaryFolder(t);
  fs.writeFileSync(path.join(dir, "a.jsonl"), `${line("tdd", {})}\n`);
  const { port, token } = await view(t, dir);
  const entered = await sent(
    port,
    requestOf(
      { port, token, cookie: "", otherCookie: "", dir },
      {
        method: "POST",
        target: "/session",
        headers: { Origin: `http://127.0.0.1:${port}`, "Content-Length": `${token.length}` },
        body: token,
      },
    ),
  );
  const cookie = /^set-cookie: ([^;]+)/im.exec(entered.head)?.[1] ?? "";
  const known = { port, token, cookie, otherCookie: "", dir };
  // The page notices by itself what was written since, and a program does not.
  const bearer = { Cookie: null, Authorization: `Bearer ${token}` };
  await new Promise((done) => setTimeout(done, 300));
  fs.writeFileSync(path.join(dir, "b.jsonl"), `${line("tdd", {})}\n`);
  const ids = (/** @type {{ body: string }} */ { body }) =>
    [...body.matchAll(/"id":"(\w)"/g)].map(([, id]) => id).sort();
  assert.deepEqual(ids(await sent(port, requestOf(known, { headers: bearer }))), ["a", "b"]);
  assert.deepEqual(ids(await sent(port, requestOf(known, {}))), ["a"]);
  assert.deepEqual(ids(await sent(port, requestOf(known, {}))), ["a", "b"]);
});

test("gives the list that was read ahead to one of two requests that come at once", async (t) => {
  const dir = temporaryFolder(t);
  for (const id of ["a", "b", "c"])
    fs.writeFileSync(path.join(dir, `${id}.jsonl`), `${line(id)}\n`);
  const sessions = await OwnSessions.open(dir, { cache: false });
  const list = sessions.list.bind(sessions);
  sessions.list = async function* (options) {
    for await (const summary of list(options)) {
      await new Promise((done) => setTimeout(done, 100));
      yield summary;
    }
  };
  const viewer = await startViewer(sessions);
  t.after(async () => {
    await viewer.close();
    await sessions.close();
  });
  const { port } = viewer;
  const token = new URL(viewer.url).hash.slice("#token=".length);
  const known = { port, token, cookie: "", otherCookie: "", dir };
  const { head } = await sent(port, requestOf(known, exchangeOf(port, token)));
  const cookie = /^set-cookie: ([^;]+)/im.exec(head)?.[1] ?? "";
  const asked = requestOf({ ...known, cookie }, {});
  const answers = await Promise.all([sent(port, asked), sent(port, asked)]);
  for (const { status, body } of answers) {
    assert.equal(status, 200);
    assert.deepEqual([...body.matchAll(/"id":"(\w)"/g)].map(([, id]) => id).sort(), [
      "a",
      "b",
      "c",
    ]);
    assert.match(body, /\{"end":3\}/);
  }
});

test("serves a client that wants many sessions with long names", async (t) => {
  const dir = temporaryFolder(t);
  fs.mkdirSync(path.join(dir, "in"));
  const ids = Array.from({ length: 64 }, (_, at) => `in/${"é".repeat(95)}${at + 10}`);
  for (const id of ids) fs.writeFileSync(path.join(dir, `${id}.jsonl`), `${line("a")}\n`);
  fs.writeFileSync(path.join(dir, "other.jsonl"), `${line("b")}\n`);
  const { url } = await view(t, dir, ["--no-open", "-r"]);
  const sessions = await Sessions.open(url);
  const index = await sessions.index({ ids });
  assert.equal(index.length, 64);
  assert.deepEqual(await index.refresh(), { added: 0, removed: 0 });
  assert.equal((await index.search("a")).length, 64);
  assert.equal((await sessions.verify({ ids })).length, 64);
  await sessions.close();
});

test("tells the directory's name and id, which stay, and no more of its path", async (t) => {
  const folder = temporaryFolder(t);
  const dirs = ["one", "two"].map((name) => path.join(folder, name));
  for (const dir of dirs) fs.mkdirSync(dir);
  fs.symlinkSync("one", path.join(folder, "link"));
  const told = [];
  for (const dir of [...dirs, path.join(folder, "link")]) {
    const { port, token } = await view(t, dir);
    const known = { port, token, cookie: "", otherCookie: "", dir };
    const target = "/api/v1/source";
    assert.equal((await sent(port, requestOf(known, { target }))).status, 401);
    const headers = { Cookie: null, Authorization: `Bearer ${token}` };
    const { status, body } = await sent(port, requestOf(known, { target, headers }));
    assert.equal(status, 200);
    assert.ok(!body.includes(folder));
    told.push(JSON.parse(body));
  }
  assert.deepEqual(
    told.map(({ name }) => name),
    ["one", "two", "one"],
  );
  assert.match(told[0].id, /^[\w-]{43}$/);
  assert.notEqual(told[0].id, told[1].id);
  assert.equal(told[0].id, told[2].id);
});
