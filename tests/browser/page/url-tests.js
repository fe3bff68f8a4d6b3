// Logs at URLs, as a page and a worker read them: of their own origin and of another, from servers
// that answer in different ways. tests/js/storage/http.test.js tests all that a log may hold.

import assert from "node:assert/strict";
import test from "node:test";
import { SessionLog } from "skill-log";

import { entry, line, TORN } from "../../js/support/lines.js";
import { rowsOf } from "../../js/indexing/row-of.js";

/** Puts a log on the server. @param {string | Uint8Array} bytes */
async function put(bytes, name = `${crypto.randomUUID()}.jsonl`, headers = {}) {
  const body = /** @type {string | Uint8Array<ArrayBuffer>} */ (bytes);
  await fetch(`/logs/put/${name}`, { method: "PUT", body, headers });
  return name;
}

/** The same server by another name, which is another origin to browsers. */
const other = location.origin.replace("127.0.0.1", "localhost");

/** @type {Record<string, (name: string) => string | URL>} */
const readable = {
  "a path": (name) => `/logs/ranges/${name}`,
  "a URL object": (name) => new URL(`/logs/ranges/${name}#row`, location.href),
  "a path relative to the page": (name) => `logs/ranges/${name}`,
  "a server without ranges": (name) => `/logs/whole/${name}`,
  "another origin, which exposes Content-Range": (name) => `${other}/logs/exposed/${name}`,
  "another origin, which exposes no header": (name) => `${other}/logs/allowed/${name}`,
  "another origin without ranges": (name) => `${other}/logs/allowed-whole/${name}`,
};

// Larger than one request.
const text = `${Array.from({ length: 1000 }, (_, i) => `${line(`e${i}`, { message: "é".repeat(700) })}\n`).join("")}${TORN}\n${TORN}${line("f")}\n`;

/** @param {AsyncIterable<import("skill-log").LogRecord>} records */
async function placesOf(records) {
  const places = [];
  for await (const { entry, offset } of records) places.push([entry.skill, offset]);
  return places;
}

/** Returns what each way to read a log returns. @param {SessionLog} log */
async function readings(log) {
  const index = await log.index();
  return JSON.stringify({
    records: await placesOf(log.records({ onDamage() {} })),
    backwards: await placesOf(log.records({ reverse: true, onDamage() {} })),
    index: [rowsOf(index), index.damage, index.bytes],
    hits: [...(await index.search("e999"))],
    last: await index.entry(index.length - 1),
    report: await log.verify(),
  });
}

/** @type {Promise<string> | undefined} */
let expected;

for (const [what, urlOf] of Object.entries(readable)) {
  test(`reads a log and its new entries in every way when it is at ${what}`, async () => {
    const name = await put(text);
    const log = await SessionLog.from(urlOf(name));
    assert.equal(
      await readings(log),
      await (expected ??= SessionLog.from(Buffer.from(text)).then(readings)),
    );
    const index = await log.index();
    await put(`${text}${line("g")}\n${TORN}`, name);
    assert.deepEqual(await index.refresh(), { added: 1, removed: 0 });
    assert.deepEqual(await index.entry(index.length - 1), entry("g"));
    assert.equal((await log.read({ onDamage() {} })).length, 1002);
  });
}

/** @typedef {{ code: string, message: RegExp }} Refusal */

/** @type {Record<string, [urlOf: (name: string) => string, error: Refusal]>} */
const unreadable = {
  "another origin, which allows no reading": [
    (name) => `${other}/logs/ranges/${name}`,
    { code: "IO_ERROR", message: /^cannot read URL: there is no response: / },
  ],
  "another origin, which sends no size": [
    (name) => `${other}/logs/allowed-unsized/${name}`,
    {
      code: "IO_ERROR",
      message:
        /^cannot read URL: the server does not send the file's size; for a page of another origin it must expose Content-Range$/,
    },
  ],
  "another origin, which has no such file": [
    () => `${other}/logs/allowed/none`,
    { code: "NOT_FOUND", message: /^URL: no such file$/ },
  ],
};

for (const [what, [urlOf, { code, message }]] of Object.entries(unreadable)) {
  test(`rejects with the reason when a log is at ${what}`, async () => {
    const url = urlOf(await put(text));
    const error = await SessionLog.from(url).then(
      () => assert.fail("the log was opened"),
      (thrown) => thrown,
    );
    assert.deepEqual(
      [error.name, error.code, error.path],
      ["SkillLogError", code, url],
      error.message,
    );
    assert.match(error.message.replace(url, "URL"), message);
  });
}

const headers = { Authorization: "Bearer word" };

/** @type {Record<string, import("skill-log").FromOptions>} */
const asked = {
  "with an object of headers": { headers },
  "with a Headers": { headers: new Headers(headers) },
  "by a fetch of the page's": {
    fetch: (url, init) => fetch(url, { ...init, headers: { ...init.headers, ...headers } }),
  },
};

for (const [how, options] of Object.entries(asked)) {
  test(`reads and indexes a log when it is asked for ${how}`, async () => {
    const name = await put(text);
    for (const origin of ["", other]) {
      const url = `${origin}/logs/guarded/${name}`;
      const log = await SessionLog.from(url, options);
      assert.equal(
        await readings(log),
        await (expected ??= SessionLog.from(Buffer.from(text)).then(readings)),
      );
      await assert.rejects(SessionLog.from(url), { code: "IO_ERROR", status: 401 });
    }
  });
}

test("rejects without the headers and the URL's secrets when a URL cannot be read", async () => {
  const secret = "s3cr3t";
  const failing = [
    () =>
      SessionLog.from(`/logs/none/none?${secret}`, {
        headers: { Authorization: secret },
        fetch: async (url) => Promise.reject(new TypeError(`${url} ${secret}`)),
      }),
    () => SessionLog.from(`http://me:${secret}@localhost/s.jsonl`),
    () => SessionLog.from(`//me:${secret}@localhost/s.jsonl`),
    () => SessionLog.from(`ftp://me:${secret}@localhost/s.jsonl`),
    () => SessionLog.from(`http://me:${secret}@localhost:no-port/s.jsonl`),
    () => SessionLog.from("/s.jsonl", { headers: { Authorization: `${secret}\n.` } }),
    () => SessionLog.from(new Blob([]), { headers: { Authorization: secret } }),
    // No server listens at this port.
    () =>
      SessionLog.from(`http://127.0.0.1:1/s.jsonl?${secret}`, {
        headers: { Authorization: secret },
      }),
  ];
  for (const call of failing) {
    const error = await call().then(
      () => assert.fail("the log was opened"),
      (thrown) => thrown,
    );
    assert(["IO_ERROR", "INVALID_ARGUMENT"].includes(error.code), error.code);
    for (let each = error; each; each = each.cause)
      assert(
        !`${each.message} ${each.stack} ${JSON.stringify(each)}`.includes(secret),
        String(each),
      );
  }
});

test("refreshes to the rows of one file when a log is replaced meanwhile", async () => {
  const linesOf = (/** @type {string} */ skill, /** @type {number} */ count) =>
    Array.from(
      { length: count },
      (_, i) => `${line(skill, { message: `${skill} ${i} `.repeat(100) })}\n`,
    ).join("");
  const first = linesOf("old", 50);
  const grown = linesOf("old", 3_000);
  const another = linesOf("another", 4_000);
  const outcomes = new Set();
  for (let after = 0; after < 16; after += 1) {
    const name = await put(first);
    const log = await SessionLog.from(`/logs/ranges/${name}`);
    const index = await log.index();
    await put(grown, name);
    await put(another, name, { After: String(after) });
    const { added, removed } = await index.refresh();
    assert.deepEqual([50 + added, removed], [index.length, index.removed]);
    const rows = rowsOf(index);
    const isOther = rows[0].skill === "another";
    const expected = isOther ? ["another", 4_000] : ["old", 3_000];
    assert.deepEqual([rows.at(-1)?.skill, rows.length], expected, `after ${after} requests`);
    assert.deepEqual([...new Set(rows.map(({ skill }) => skill))], [expected[0]]);
    assert(isOther ? removed >= 50 : removed === 0, `removed ${removed} rows`);
    outcomes.add(isOther);
  }
  assert.equal(outcomes.size, 2, [...outcomes].join());
});
