// Logs at URLs with headers or with a fetch of the caller's, and the secrets that no error may
// tell.

import assert from "node:assert/strict";
import test from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { inspect } from "node:util";
import { SessionLog } from "skill-log";

import { entry, line } from "../support/lines.js";
import { logServer, ranges, rangesUntold, tagged, whole } from "./log-server.js";

/** @typedef {import("./log-server.js").Answer} Answer */
/** @typedef {import("skill-log").FetchFunction} FetchFunction */

const SECRET = "s3cr3t-token";
const file = Buffer.from(
  Array.from({ length: 500 }, (_, i) => `${line(`e${i}`, { message: "x".repeat(300) })}\n`).join(
    "",
  ),
);

/** Answers the requests that have the secret. @type {(answer: Answer) => Answer} */
const guarded = (answer) => (request, response, file) => {
  if (request.headers.authorization === `Bearer ${SECRET}`) answer(request, response, file);
  else response.writeHead(401).end();
};

/**
 * Makes every call that sends requests, and returns the number of entries.
 *
 * @param {SessionLog} log
 */
async function used(log) {
  const entries = await log.read();
  const backwards = [];
  for await (const each of log.entries({ reverse: true })) backwards.unshift(each);
  const index = await log.index();
  assert.deepEqual(
    [backwards, await index.entries({ start: 0, end: index.length }), (await log.verify()).entries],
    [entries, entries, entries.length],
  );
  assert.deepEqual(await index.refresh(), { added: 0, removed: 0 });
  return entries.length;
}

const authorized = { Authorization: `Bearer ${SECRET}` };

/** @type {Record<string, import("skill-log").FromOptions>} */
const ways = {
  "an object of headers": { headers: { ...authorized, "X-Absent": undefined } },
  "a Headers": { headers: new Headers(authorized) },
  "a Map of headers": { headers: new Map(Object.entries(authorized)) },
  "a fetch": {
    fetch: (url, init) => fetch(url, { ...init, headers: { ...init.headers, ...authorized } }),
  },
  "a fetch and headers": { headers: authorized, fetch: (url, init) => fetch(url, init) },
  "the platform's fetch": { headers: authorized, fetch },
};

for (const [what, options] of Object.entries(ways)) {
  test(`sends the headers with each request when a log is opened with ${what}`, async (t) => {
    for (const answer of [ranges, rangesUntold, tagged(ranges), whole]) {
      const server = await logServer(t, file, guarded(answer));
      assert.equal(await used(await SessionLog.from(server.url, options)), 500);
      assert(server.headers.length > 5);
      for (const headers of server.headers)
        assert.equal(headers.authorization, authorized.Authorization);
      await assert.rejects(SessionLog.from(server.url), { code: "IO_ERROR", status: 401 });
    }
  });
}

test("sends the headers as they were when they are changed after opening", async (t) => {
  const server = await logServer(t, file, guarded(ranges));
  const headers = { ...authorized };
  const log = await SessionLog.from(server.url, { headers });
  headers.Authorization = "";
  assert.equal(await used(log), 500);
});

test("passes the URL and fetch's options when it calls the caller's fetch", async (t) => {
  const server = await logServer(t, file);
  server.url.hash = "#row";
  /** @type {[self: unknown, ...args: Parameters<FetchFunction>][]} */
  const calls = [];
  const log = await SessionLog.from(server.url, {
    headers: { "X-One": "1" },
    fetch: /** @this {unknown} */ async function (...args) {
      calls.push([this, ...args]);
      return fetch(...args);
    },
  });
  await log.read();
  for (const [self, url, init, ...more] of calls) {
    assert.deepEqual(
      [self, url, init.cache, init.headers["x-one"], more],
      [undefined, server.url.href.replace("#row", ""), "no-store", "1", []],
    );
    assert.match(init.headers.Range, /^bytes=\d+-\d+$/);
    assert(init.signal instanceof AbortSignal);
  }
  assert.equal(calls.length, server.ranges.length);
});

test("reads a log when the caller's fetch answers without a server", async () => {
  const log = await SessionLog.from(new URL("https://nowhere.invalid/s.jsonl"), {
    fetch: async () => new Response(file),
  });
  assert.equal(await used(log), 500);
});

const url = new URL("http://127.0.0.1:1/s.jsonl");

/** @typedef {[what: string, options: any]} Refused */

/** @type {Refused[]} */
const refused = [
  ["headers that are a string", { headers: SECRET }],
  ["headers that are null", { headers: null }],
  ["headers that are a number", { headers: 5 }],
  ["a header's value that is a number", { headers: { A: 5 } }],
  ["a header's value that is null", { headers: { A: null } }],
  ["a header's value with a line end", { headers: { Authorization: `Bearer\n${SECRET}` } }],
  ["a header's value beyond Latin-1", { headers: { Authorization: `${SECRET} ✓` } }],
  ["a header's name with a blank", { headers: { [`Bearer ${SECRET}`]: "x" } }],
  ["an array of no pairs", { headers: [SECRET] }],
  ...[
    "Range",
    "range",
    "Accept-Encoding",
    "If-Match",
    "If-None-Match",
    "If-Range",
    "If-Modified-Since",
    "If-Unmodified-Since",
  ].map((name) => /** @type {Refused} */ ([`the header ${name}`, { headers: { [name]: SECRET } }])),
  ["a fetch that is a string", { fetch: SECRET }],
  ["a fetch that is null", { fetch: null }],
  ["an unknown option", { header: authorized }],
];

for (const [what, options] of refused) {
  test(`rejects without a secret when it is passed ${what}`, async () => {
    const error = await SessionLog.from(url, options).then(
      () => assert.fail("the log was opened"),
      (thrown) => thrown,
    );
    assert.equal(error.code, "INVALID_ARGUMENT");
    assert.match(error.message, /^options\.(headers?|fetch): (expected|unknown option)/);
    assertNoSecret(error);
  });
}

test("rejects headers and fetch when the source is on no server", async (t) => {
  const { url } = await logServer(t, file);
  for (const source of [file, new Blob([file]), "s.jsonl", new URL("file:///s.jsonl")]) {
    for (const [name, value] of Object.entries({ headers: authorized, fetch })) {
      const message = `options.${name}: expected none, because the source is no http: or https: URL`;
      await assert.rejects(SessionLog.from(source, { [name]: value }), {
        code: "INVALID_ARGUMENT",
        message,
      });
      await (
        await SessionLog.from(source === "s.jsonl" ? url : file, { [name]: undefined })
      ).close();
    }
  }
});

/** Asserts that nothing an error holds or shows tells the secret. @param {Error} error */
function assertNoSecret(error) {
  assert.doesNotMatch(
    `${inspect(error, { depth: 20, showHidden: true, getters: true })} ${error.stack} ${JSON.stringify(error)}`,
    /s3cr3t|token/,
  );
}

/**
 * What a fetch may do instead of answering, and the message of the error.
 *
 * @type {Record<string, [send: (...args: Parameters<FetchFunction>) => any, message: RegExp]>}
 */
const faults = {
  "rejects with an error that holds its arguments": [
    (url, init) =>
      Promise.reject(
        Object.assign(
          new TypeError(`request to ${url} with ${JSON.stringify(init.headers)} failed`, {
            cause: new Error(url),
          }),
          { url, config: init },
        ),
      ),
    /^cannot read URL: there is no response: request to http:/,
  ],
  "rejects with a string": [
    () => Promise.reject(SECRET),
    /^cannot read URL: there is no response: …$/,
  ],
  "throws at once": [
    () => {
      throw new RangeError(`Bearer ${SECRET}`);
    },
    /^cannot read URL: there is no response: (Bearer )?…$/,
  ],
  "rejects with an error that has causes": [
    () =>
      Promise.reject(
        new AggregateError([new Error(SECRET)], SECRET, {
          cause: Object.assign(new Error(SECRET), { code: "ECONNREFUSED" }),
        }),
      ),
    /there is no response: …, …$/,
  ],
  "resolves to nothing": [
    async () => undefined,
    /^options\.fetch: expected a function that resolves to a Response, got undefined$/,
  ],
  "resolves to a string": [
    async () => SECRET,
    /^options\.fetch: expected a function that resolves to a Response, got a text$/,
  ],
  "resolves to an object": [
    async () => ({ secret: SECRET, status: 200 }),
    /^options\.fetch: expected a function that resolves to a Response, got an object$/,
  ],
  "resolves to a body that is no stream": [
    async () => ({ status: 200, headers: new Headers(), body: {}, blob() {} }),
    /^options\.fetch: expected /,
  ],
  "resolves to status 401": [
    async () => new Response(SECRET, { status: 401, statusText: SECRET }),
    /^cannot read URL: the server answers with status 401$/,
  ],
  "has an encoding": [
    async () => new Response("", { headers: { "Content-Encoding": `${SECRET}` } }),
    /sends the file encoded \(the string "…"\)/,
  ],
  "breaks off": [
    async () =>
      new Response(
        new ReadableStream({ start: (stream) => stream.error(new Error(`lost ${SECRET}`)) }),
        { status: 206 },
      ),
    /^cannot read URL: the response was cut after 0 bytes: lost …$/,
  ],
};

for (const [does, [send, message]] of Object.entries(faults)) {
  test(`rejects without headers and the URL's query when a fetch ${does}`, async () => {
    const url = new URL(`http://127.0.0.1:1/s.jsonl?signature=${SECRET}&also=%73%33cr3t%2Dtoken`);
    for (const headers of [authorized, undefined]) {
      const error = await SessionLog.from(url, { headers, fetch: send }).then(
        () => assert.fail("the log was opened"),
        (thrown) => thrown,
      );
      assert.match(error.message.replace("http://127.0.0.1:1/s.jsonl?…", "URL"), message);
      assertNoSecret(error);
    }
  });
}

test("rejects when it is aborted and a fetch ignores the signal", {
  timeout: 60_000,
}, async (t) => {
  const server = await logServer(t, file);
  /** @type {import("skill-log").FetchFunction[]} */
  const deaf = [
    () => new Promise(() => {}),
    async (_, { headers }) => {
      const range = `${headers.Range.replace("=", " ").replace(/\d+$/, `${file.length - 1}`)}/${file.length}`;
      return new Response(new ReadableStream({}), {
        status: 206,
        headers: { "Content-Range": range },
      });
    },
    async () => new Response(new ReadableStream({})),
  ];
  for (const each of deaf) {
    let send = /** @type {import("skill-log").FetchFunction} */ (fetch);
    const log = await SessionLog.from(server.url, { fetch: (...args) => send(...args) });
    send = each;
    const reason = { enough: true };
    const abort = new AbortController();
    const reading = log.read({ signal: abort.signal });
    await pause(20);
    abort.abort(reason);
    await assert.rejects(reading, (error) => error === reason);
  }
});

test("rejects before any request, without the secret, when a URL has a password", async (t) => {
  const server = await logServer(t, `${line("a")}\n`);
  for (const [user, password] of [
    ["me", SECRET],
    [SECRET, ""],
  ]) {
    for (const href of [
      server.url.href,
      "https://example.com/a",
      "ftp://example.com/s.jsonl",
      "ws://example.com",
    ]) {
      const url = new URL(href);
      url.username = user;
      url.password = password;
      for (const source of [
        url,
        url.href,
        `${url.href}?${SECRET}`,
        url.href.replace(/\.com|\d+\/logs/, ":no-port"),
      ]) {
        const error = await SessionLog.from(source).then(
          () => assert.fail(`${source} was opened`),
          (thrown) => thrown,
        );
        assert.equal(error.code, "INVALID_ARGUMENT");
        assertNoSecret(error);
      }
    }
  }
  server.url.username = "me";
  await assert.rejects(SessionLog.from(server.url), {
    message: /^source: expected a URL without .*: pass options\.headers with Authorization$/,
  });
  assert.equal(server.ranges.length, 0);
});

test("reads a log when the server requires a name and a password in a header", async (t) => {
  const { url } = await logServer(t, `${line("a")}\n`, (request, response, file) => {
    if (request.headers.authorization === `Basic ${btoa("me:pass")}`)
      ranges(request, response, file);
    else response.writeHead(401).end();
  });
  const log = await SessionLog.from(url, {
    headers: { Authorization: `Basic ${btoa("me:pass")}` },
  });
  assert.deepEqual(await log.read(), [entry("a")]);
});

test("rejects without the URL's secret when the wasm cannot be fetched", async () => {
  const { init } = await import("skill-log/slim");
  for (const url of [
    `http://127.0.0.1:1/x.wasm?signature=${SECRET}`,
    `http://me:${SECRET}@127.0.0.1:1/x.wasm`,
  ]) {
    const error = await init(url).then(
      () => assert.fail("the wasm was fetched"),
      (thrown) => thrown,
    );
    assert.equal(error.code, "IO_ERROR");
    assertNoSecret(error);
  }
});
