// A server is not believed: a hostile answer is an error, and never a crash or an invented entry.

import assert from "node:assert/strict";
import fs from "node:fs";
import { createServer } from "node:http";
import path from "node:path";
import test from "node:test";
import fc from "fast-check";
import { serveSessions, Sessions, SkillLogError } from "skill-log";

import { collected } from "../support/collected.js";
import { line } from "../support/lines.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { openServed } from "./served.js";

const LINES = "application/x-ndjson";
const FRAMES = "application/vnd.skill-log.frames";

/** @typedef {{ path: string, url: URL }} Asked */

/**
 * Opens a server that answers with what a function returns.
 *
 * @param {(asked: Asked) => Response | Promise<Response>} answer
 */
function opened(answer) {
  return Sessions.open(new URL("http://hostile.example"), {
    fetch: async (url) => answer({ url: new URL(url), path: new URL(url).pathname.slice(8) }),
  });
}

/** @param {string | Uint8Array} body @param {string} [type] */
function answered(body, type = LINES) {
  return new Response(/** @type {any} */ (body), { headers: { "content-type": type } });
}

/** @param {number} kind @param {string | Uint8Array} body */
function frame(kind, body) {
  const bytes = Buffer.from(/** @type {any} */ (body));
  const head = Buffer.alloc(5);
  head[0] = kind;
  head.writeUInt32LE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

/** @param {...object} values */
const frames = (...values) =>
  answered(
    Buffer.concat(
      values.map((each) => (Buffer.isBuffer(each) ? each : frame(1, JSON.stringify(each)))),
    ),
    FRAMES,
  );

const SUMMARY = {
  id: "a",
  bytes: 1,
  modified: "2026-01-02T03:04:05Z",
  entries: 0,
  damaged: 0,
  foreign: 0,
  pending: null,
};

/** @param {object} members */
const summary = (members) => answered(`${JSON.stringify({ ...SUMMARY, ...members })}\n{"end":1}\n`);

/** What a list is answered with. @type {[name: string, answer: () => Response][]} */
const LISTS = [
  ["nothing", () => answered("")],
  ["no end", () => answered(`${JSON.stringify(SUMMARY)}\n`)],
  ["a line that was cut", () => answered('{"id":"a')],
  ["another number of lines", () => answered(`${JSON.stringify(SUMMARY)}\n{"end":2}\n`)],
  ["an end that is no number", () => answered('{"end":"0"}\n')],
  ["no JSON", () => answered("<html>\n")],
  ["an array", () => answered('[]\n{"end":1}\n')],
  ["null", () => answered("null\n")],
  ["bytes that are no UTF-8", () => answered(Uint8Array.of(0xff, 0x0a))],
  ["another type", () => answered('{"end":0}\n', "text/html")],
  ["no type", () => new Response(new Uint8Array(3))],
  ["a line that is too long", () => answered(`{"a":"${"x".repeat(17 << 20)}"}\n{"end":0}\n`)],
  ["JSON that is too deep", () => answered(`${"[".repeat(1e6)}\n`)],
  ["an id that is no text", () => summary({ id: 7 })],
  ["an id that is too long", () => summary({ id: "x".repeat(20_000) })],
  ["no time", () => summary({ modified: null })],
  ["a time that is none", () => summary({ modified: "soon" })],
  ["a time after all times", () => summary({ modified: 1e17 })],
  ["a number that is negative", () => summary({ bytes: -1 })],
  ["a number that is none", () => summary({ entries: "9" })],
  ["a number that is too large", () => summary({ foreign: 2 ** 60 })],
  ["entries without their times", () => summary({ entries: 1 })],
  [
    "times that are none",
    () => summary({ entries: 1, first: "x", last: "y", skill: "", final_status: "" }),
  ],
  ["pending bytes that are none", () => summary({ pending: { offset: "0", length: 1 } })],
  ["an error", () => answered('{"error":{"code":"OUT_OF_MEMORY","message":"m"}}\n')],
  ["a status", () => new Response("", { status: 500 })],
  [
    "a status with an endless body",
    () =>
      new Response("x".repeat(1e6), {
        status: 500,
        headers: { "content-type": "application/json" },
      }),
  ],
];

for (const [name, answer] of LISTS) {
  test(`throws when a list is answered with ${name}`, async () => {
    const sessions = await opened(answer);
    await assert.rejects(collected(sessions.list()), (/** @type {any} */ error) => {
      assert.ok(error instanceof SkillLogError, String(error));
      assert.ok(["IO_ERROR", "OUT_OF_MEMORY"].includes(error.code), error.code);
      assert.ok(error.message.length < 600);
      return true;
    });
    await sessions.close();
  });
}

/**
 * Returns a batch of a log without rows.
 *
 * @param {number} log
 */
function batchOf(log) {
  const words = new BigUint64Array(15);
  words[0] = 1n;
  words[9] = BigInt(log);
  return new Uint8Array(words.buffer);
}

const LOG = { log: 0, id: "a", bytes: 1000, modified: 0 };
const START = { restart: true };
const END = { cursor: "x.1", failures: [] };

/** @param {object} members */
const facts = (members) => frames(START, { logs: [{ ...LOG, ...members }] }, END);

/** What a request for rows is answered with. @type {[name: string, answer: () => Response][]} */
const ROWS = [
  ["nothing", () => frames()],
  ["no last frame", () => frames(START)],
  ["a frame that was cut", () => answered(frame(1, "{}").subarray(0, 6), FRAMES)],
  ["half of a head", () => answered(Uint8Array.of(1, 2), FRAMES)],
  ["a frame of an unknown kind", () => frames(START, frame(9, ""), END)],
  [
    "a frame with a length that is too large",
    () => answered(Uint8Array.of(1, 255, 255, 255, 255), FRAMES),
  ],
  ["an unknown frame", () => frames(START, { what: 1 }, END)],
  ["logs before the start", () => frames({ logs: [LOG] }, END)],
  ["logs that are no list", () => frames(START, { logs: { length: 1 } }, END)],
  [
    "too many logs at once",
    () => frames(START, { logs: Array.from({ length: 2000 }, (_, log) => ({ ...LOG, log })) }, END),
  ],
  ["a log twice", () => frames(START, { logs: [LOG, LOG] }, END)],
  ["a log that is null", () => frames(START, { logs: [null] }, END)],
  [
    "a log with another name",
    () => frames(START, { logs: [LOG] }, { logs: [{ ...LOG, id: "b" }] }, END),
  ],
  ["a number of a log that is none", () => facts({ log: -1 })],
  ["a number of a log that is too large", () => facts({ log: 4e9 })],
  ["bytes that are none", () => facts({ bytes: 1.5 })],
  ["damage that is none", () => facts({ damaged: 1, damage: [{ kind: "evil" }] })],
  ["damage that is no list", () => facts({ damaged: 1, damage: "x" })],
  [
    "too much damage",
    () =>
      facts({
        damaged: 1,
        damage: Array.from({ length: 10_001 }, () => ({
          kind: "nul",
          reason: "",
          offset: 0,
          length: 1,
          recovered: 0,
        })),
      }),
  ],
  ["pending bytes that are none", () => facts({ pending: { offset: -1, length: 1 } })],
  ["rows of a log that was not named", () => frames(START, frame(2, batchOf(5)), END)],
  [
    "rows that are none",
    () => frames(START, { logs: [LOG] }, frame(2, Buffer.from("no rows at all")), END),
  ],
  ["progress that is none", () => frames({ progress: { bytes: "x" } }, START, END)],
  ["a cursor that is none", () => frames(START, { cursor: 7, failures: [] })],
  ["failures that are none", () => frames(START, { cursor: "x", failures: {} })],
  ["frames after the last", () => frames(START, END, START)],
  [
    "a failure in its middle",
    () => frames(START, { error: { code: "NOT_A_CODE", message: "x\u001b[31m" } }),
  ],
];

for (const [name, answer] of ROWS) {
  test(`throws when rows are answered with ${name}`, async () => {
    const sessions = await opened(answer);
    await assert.rejects(sessions.index(), (/** @type {any} */ error) => {
      assert.ok(error instanceof SkillLogError, String(error));
      assert.equal(error.code, "IO_ERROR");
      assert.doesNotMatch(error.message, /\p{Cc}/u);
      return true;
    });
    await sessions.close();
  });
}

test("takes members that every object has for no answers", async () => {
  const sessions = await opened(() => answered('{"__proto__":{"end":1}}\n{"constructor":1}\n'));
  await assert.rejects(collected(sessions.list()), { code: "IO_ERROR" });
  assert.equal(/** @type {any} */ ({}).end, undefined);
  await sessions.close();
});

/** @param {import("node:test").TestContext} t */
function directoryOf(t) {
  const dir = temporaryFolder(t);
  for (const id of ["a", "b"]) {
    const lines = Array.from(
      { length: 40 },
      (_, at) => `${line(id, { message: `${at}`, duration_ms: at })}\n`,
    );
    fs.writeFileSync(path.join(dir, `${id}.jsonl`), `${lines.join("")}Killed\n`);
  }
  return dir;
}

/**
 * Returns what a server answers, to change it.
 *
 * @param {import("node:test").TestContext} t
 * @param {(bytes: Uint8Array, url: string) => Uint8Array} change
 */
async function openChanged(t, change) {
  const sessions = await openServed(directoryOf(t), {}, (answer) => async (url, init) => {
    const response = await answer(new Request(url, init));
    const bytes = new Uint8Array(await response.arrayBuffer());
    const { status, headers } = response;
    return new Response(status === 304 ? null : /** @type {any} */ (change(bytes, url)), {
      status,
      headers,
    });
  });
  t.after(() => sessions.close());
  return sessions;
}

test("invents no entry when any byte of the rows is another one", async (t) => {
  let change = (/** @type {Uint8Array} */ bytes) => bytes;
  const sessions = await openChanged(t, (bytes, url) =>
    url.includes("/rows") ? change(bytes) : bytes,
  );
  const local = await sessions.local.index();
  const known = new Set(
    (await local.entries({ start: 0, end: local.length })).map((each) => JSON.stringify(each)),
  );
  const property = fc.asyncProperty(
    fc.array(
      fc.record({
        at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        byte: fc.nat(255),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { freq: 8 }),
    async (changes, cut) => {
      change = (bytes) => {
        const other = Uint8Array.from(bytes);
        for (const { at, byte } of changes) other[Math.floor(at * other.length)] = byte;
        return cut === null ? other : other.subarray(0, Math.floor(cut * other.length));
      };
      try {
        const index = await sessions.index();
        for (const row of index.select()) {
          index.row(row);
          try {
            const read = JSON.stringify(await index.entry(row));
            assert.ok(known.has(read), read);
          } catch (error) {
            assert.ok(error instanceof SkillLogError, String(error));
            assert.ok(["REPLACED", "NOT_FOUND", "IO_ERROR"].includes(error.code), `${error}`);
          }
        }
      } catch (error) {
        assert.ok(error instanceof SkillLogError, String(error));
        assert.notEqual(error.code, "INTERNAL");
      }
    },
  );
  await fc.assert(property, { numRuns: 60 });
});

test("throws when the bytes of an entry are others, fewer or more", async (t) => {
  let change = (/** @type {Uint8Array} */ bytes) => bytes;
  const sessions = await openChanged(t, (bytes, url) =>
    url.includes("/log?") ? change(bytes) : bytes,
  );
  const index = await sessions.index();
  const rows = { start: 0, end: index.length };
  change = (bytes) => Uint8Array.from(bytes, (byte) => (byte === 0x61 ? 0x62 : byte));
  await assert.rejects(index.entries(rows), { code: "REPLACED" });
  change = (bytes) => bytes.subarray(0, bytes.length - 1);
  await assert.rejects(index.entries(rows), { code: "IO_ERROR" });
  change = (bytes) => Uint8Array.of(...bytes, 1);
  await assert.rejects(index.entries(rows), { code: "IO_ERROR" });
  change = (bytes) => bytes;
  assert.equal((await index.entries(rows)).length, index.length);
});

test("shows no hit that is no row when a search is answered with others", async (t) => {
  let hits = /** @type {any} */ ([]);
  const sessions = await openChanged(t, (bytes, url) =>
    url.includes("/search")
      ? Buffer.concat([
          frame(1, JSON.stringify({ done: 1, total: 1, hits })),
          frame(1, '{"end":true}'),
        ])
      : bytes,
  );
  const index = await sessions.index();
  for (hits of [[[0, [1, -5, 1e300, null, "0"]]], [[99, [0]]], [[null, [0]]], [["__proto__", [0]]]])
    assert.deepEqual([...(await index.search("x"))], []);
  for (hits of [7, [7], [[0, 7]], { length: 1 }])
    await assert.rejects(index.search("x"), { code: "IO_ERROR" });
  // More than the arguments of a call may be.
  hits = [[0, new Array(300_000).fill(0)]];
  assert.deepEqual([...new Set(await index.search("x"))], [0]);
  hits = [[0, [0, 0]]];
  assert.deepEqual([...new Set(await index.search("x"))], [0]);
});

test("follows no redirect, and believes no other address", async (t) => {
  const dir = directoryOf(t);
  const local = await Sessions.open(dir);
  const served = serveSessions(local);
  /** @type {string[]} */
  const seen = [];
  const target = createServer(async (request, response) => {
    seen.push(request.headers.authorization ?? "none");
    response.end("{}");
  });
  const server = createServer((request, response) => {
    response.writeHead(302, { location: `http://127.0.0.1:${port(target)}${request.url}` });
    response.end();
  });
  for (const each of [target, server]) {
    await new Promise((done) => each.listen(0, "127.0.0.1", () => done(undefined)));
    t.after(() => each.close());
  }
  const sessions = await Sessions.open(new URL(`http://127.0.0.1:${port(server)}/#token=abc`));
  await assert.rejects(collected(sessions.list()), { code: "IO_ERROR" });
  await assert.rejects(sessions.index(), { code: "IO_ERROR" });
  assert.deepEqual(seen, []);
  await sessions.close();
  const other = await opened(async ({ url }) => {
    const response = await served.answer(new Request(url));
    return Object.defineProperty(response, "url", { value: "http://other.example/" });
  });
  await assert.rejects(collected(other.list()), { code: "IO_ERROR", message: /another address/ });
  await other.close();
  await served.close();
  await local.close();
});

/** @param {import("node:http").Server} server */
function port(server) {
  return /** @type {import("node:net").AddressInfo} */ (server.address()).port;
}

test("sends the token, and shows it in no error", async () => {
  /** @type {any[]} */
  const seen = [];
  const sessions = await Sessions.open(new URL("http://127.0.0.1:9/#token=very-secret_1"), {
    fetch: async (url, init) => {
      seen.push([url, init.headers.authorization, init.redirect]);
      throw new Error(`cannot send ${init.headers.authorization}`);
    },
  });
  await assert.rejects(collected(sessions.list()), (/** @type {any} */ error) => {
    assert.equal(error.code, "IO_ERROR");
    assert.ok(!`${error.message}${error.cause?.message}${error.path}`.includes("very-secret"));
    return true;
  });
  assert.deepEqual(seen, [["http://127.0.0.1:9/api/v1/sessions", "Bearer very-secret_1", "error"]]);
  await sessions.close();
});

test("refuses options that only a directory has, or only a server", async () => {
  const url = new URL("http://127.0.0.1:9");
  for (const options of [
    { recursive: true },
    { cache: true },
    { threads: 1 },
    { fetch: 7 },
    { headers: { Range: "bytes=0-" } },
  ])
    await assert.rejects(Sessions.open(url, /** @type {any} */ (options)), {
      code: "INVALID_ARGUMENT",
    });
  await assert.rejects(Sessions.open("logs", { headers: { A: "b" } }), {
    code: "INVALID_ARGUMENT",
  });
  await assert.rejects(
    Sessions.open(new URL("http://user:secret@127.0.0.1:9")),
    (/** @type {any} */ error) => {
      assert.equal(error.code, "INVALID_ARGUMENT");
      assert.ok(!error.message.includes("secret"));
      return true;
    },
  );
  const remote = await Sessions.open(url);
  assert.throws(() => serveSessions(remote), { code: "INVALID_ARGUMENT" });
  assert.throws(() => serveSessions(/** @type {any} */ ({})), { code: "INVALID_ARGUMENT" });
  await remote.close();
});

test("ends a request when its signal is aborted", async (t) => {
  const stop = new AbortController();
  const reason = new Error("enough");
  const sessions = await opened(() =>
    answered(
      /** @type {any} */ (
        new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(1)) })
      ),
      FRAMES,
    ),
  );
  t.after(() => sessions.close());
  setTimeout(() => stop.abort(reason), 20);
  await assert.rejects(sessions.index({ signal: stop.signal }), reason);
  await assert.rejects(sessions.index({ signal: AbortSignal.abort(reason) }), reason);
});
