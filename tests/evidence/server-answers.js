// Reads logs at URLs whose server lies: about ranges, sizes, versions and lengths.

import assert from "node:assert/strict";

import { SessionLog, SkillLogError } from "skill-log";

import { collected } from "../js/support/collected.js";
import { lineOf, logUniformLengths, numberedEntry } from "../faults/numbered-entry.js";
import { caseRandom } from "./case-random.js";

/** @import { Random } from "../conformance/random.js" */

const session = "served";
const url = new URL("http://served.example/logs/served.jsonl");

/** How many milliseconds a case may take before it counts as hanging. */
const LONGEST = 10_000;

/**
 * The file at the URL: a log that grows, and that another log may replace.
 *
 * @typedef {object} File
 * @property {Buffer} bytes
 * @property {number} version changes with the bytes
 * @property {string[]} entries as JSON, of all bytes
 */

/**
 * An answer before it is sent.
 *
 * @typedef {object} Answer
 * @property {number} status
 * @property {Record<string, string>} headers
 * @property {Buffer} body
 * @property {boolean} [isCut] whether the connection breaks after the body
 */

/**
 * What a lie may change of an answer.
 *
 * @typedef {(answer: Answer, random: Random, file: File, from: number) => void} Lie
 */

/** @param {Random} random */
const someNumber = (random) =>
  random.pick([
    "0",
    "1",
    String(random.below(1 << 20)),
    "4294967296",
    String(Number.MAX_SAFE_INTEGER),
    "9007199254740993",
    "1e3",
    "-1",
    "*",
    "",
  ]);

/** Lies that an answer shows. A reader that is told one must fail, or read the file as it is. */
const shownLies = /** @satisfies {Record<string, Lie>} */ ({
  "a Content-Range of other numbers"(answer, random) {
    const numbers = [1, 2, 3].map(() => someNumber(random));
    answer.headers["content-range"] = `bytes ${numbers[0]}-${numbers[1]}/${numbers[2]}`;
  },
  "a Content-Range that starts elsewhere"(answer, random, file, from) {
    const start = from + random.pick([-1, 1, 512]);
    answer.headers["content-range"] =
      `bytes ${start}-${start + answer.body.length - 1}/${file.bytes.length}`;
  },
  "another range, as its Content-Range says"(answer, random, file, from) {
    if (answer.status !== 206) return;
    const start = Math.max(0, random.pick([0, from - 1, from + 1, from + 512, from - 4096]));
    answer.body = file.bytes.subarray(start, start + answer.body.length);
    answer.headers["content-length"] = String(answer.body.length);
    answer.headers["content-range"] =
      `bytes ${start}-${start + answer.body.length - 1}/${file.bytes.length}`;
  },
  "a Content-Range that is none"(answer, random) {
    answer.headers["content-range"] = random.pick([
      "",
      "bytes",
      "items 0-1/2",
      "bytes 0-/",
      "\u00e9",
    ]);
  },
  "a length that is another"(answer, random) {
    answer.headers["content-length"] = someNumber(random);
  },
  "a body that is cut"(answer, random) {
    answer.body = answer.body.subarray(0, random.below(answer.body.length + 1));
    answer.isCut = random.chance(0.5);
  },
  "a body that goes on"(answer, random) {
    answer.body = Buffer.concat([answer.body, Buffer.alloc(random.between(1, 99), "\n")]);
  },
  "another status"(answer, random) {
    answer.status = random.pick([201, 204, 301, 304, 400, 401, 404, 410, 416, 429, 500, 503]);
    if ([204, 304].includes(answer.status)) answer.body = Buffer.alloc(0);
  },
  "the whole file"(answer, _random, file) {
    answer.status = 200;
    answer.body = file.bytes;
    answer.headers = { ...answer.headers, "content-length": String(file.bytes.length) };
    delete answer.headers["content-range"];
  },
  "a page"(answer) {
    answer.headers["content-type"] = "text/html";
    answer.body = Buffer.from("<!doctype html><title>Sign in</title>");
  },
  "several parts"(answer) {
    answer.headers["content-type"] = "multipart/byteranges; boundary=x";
  },
  "an encoding"(answer, random) {
    answer.headers["content-encoding"] = random.pick(["gzip", "br", "x", "identity, gzip"]);
  },
  "no size"(answer) {
    const range = answer.headers["content-range"] ?? "";
    answer.headers["content-range"] = range.replace(/\d+$/, "*");
  },
  "another version"(answer, random) {
    answer.headers.etag = random.pick(['"other"', 'W/"other"', "", "other"]);
  },
  "another date"(answer, random) {
    answer.headers["last-modified"] = random.pick(["Thu, 01 Jan 1970 00:00:00 GMT", "soon", ""]);
  },
});

/** Lies that nobody can see in an answer: bytes that are not the file's. */
const hiddenLies = /** @satisfies {Record<string, Lie>} */ ({
  "bytes of another place"(answer, random, file) {
    const { length } = answer.body;
    const from = random.below(Math.max(1, file.bytes.length - length));
    const body = Buffer.from(file.bytes.subarray(from, from + length));
    if (body.length === length) answer.body = body;
  },
  "bytes of chance"(answer, random) {
    answer.body = Buffer.from(answer.body);
    for (let count = random.between(1, 20); count > 0 && answer.body.length > 0; count -= 1)
      answer.body[random.below(answer.body.length)] = random.below(256);
  },
});

/**
 * Lies by which the file seems to end elsewhere. No reader can tell its end from the truth then.
 *
 * @type {readonly (readonly (keyof typeof shownLies)[])[]} told together
 */
const sizeLies = [["a Content-Range of other numbers"]];

/** @type {Record<string, Lie>} */
const lies = { ...shownLies, ...hiddenLies };

/** Makes a server of a log, which lies about it or does not. */
class Server {
  #random;
  #lies;
  #number = 0;
  #headers;
  /** Whether it sends ranges, or always the whole file. */
  #hasRanges;
  /** @type {File} */
  file = { bytes: Buffer.alloc(0), version: 0, entries: [] };
  /** @type {Set<string>} each entry that the file had, as JSON */
  known = new Set();
  /** How many entries the file had at each answer at least. */
  least = 0;
  isReplaced = false;
  /** @type {string[]} the lies that were told */
  told = [];

  /** @param {Random} random @param {string[]} names of the lies that may be told */
  constructor(random, names) {
    this.#random = random;
    this.#lies = names;
    this.#headers = random.pick(["strong", "weak", "date", "none"]);
    this.#hasRanges = random.chance(0.7);
    this.#grow(random.between(0, 40), "writer");
    this.least = this.file.entries.length;
  }

  /** @param {number} count @param {string} writer */
  #grow(count, writer) {
    const random = this.#random;
    const most = random.pick([400, 4_000, 60_000, 600_000]);
    const lengths = logUniformLengths({ seed: random.below(2 ** 31), count, least: 150, most });
    const lines = lengths.map((length) => {
      const entry = numberedEntry({ session, writer, number: this.#number++, length });
      this.file.entries.push(JSON.stringify(entry));
      this.known.add(JSON.stringify(entry));
      return lineOf(entry);
    });
    this.file.bytes = Buffer.concat([this.file.bytes, ...lines]);
    this.file.version += 1;
  }

  /** What happens to the file between two answers. */
  #pass() {
    const random = this.#random;
    if (random.chance(0.15)) this.#grow(random.between(1, 5), "writer");
    if (!random.chance(0.02)) return;
    this.isReplaced = true;
    this.file = { bytes: Buffer.alloc(0), version: this.file.version, entries: [] };
    this.#grow(random.between(0, 30), "replacer");
  }

  /** @param {string} _url @param {{ headers: Record<string, string> }} init */
  fetch = async (_url, { headers }) => {
    this.#pass();
    const { file } = this;
    const range = this.#hasRanges ? headers.Range : undefined;
    const [, first = "0", end = ""] = /^bytes=(\d+)-(\d*)$/.exec(range ?? "") ?? [];
    const from = Number(first);
    const to = Math.min(end === "" ? Infinity : Number(end) + 1, file.bytes.length);
    const body = file.bytes.subarray(from, to);
    const isPart = range !== undefined && body.length > 0;
    /** @type {Answer} */
    const answer = {
      status: isPart ? 206 : range ? 416 : 200,
      headers: {
        ...this.#versionHeaders(),
        ...(isPart && { "content-range": `bytes ${from}-${to - 1}/${file.bytes.length}` }),
        ...(range && !isPart && { "content-range": `bytes */${file.bytes.length}` }),
        "content-length": String(body.length),
      },
      body,
    };
    if (this.#lies.length > 0 && this.#random.chance(0.3)) {
      const name = this.#random.pick(this.#lies);
      this.told.push(name);
      lies[name](answer, this.#random, file, from);
    }
    return this.#responseOf(answer);
  };

  /** @returns {Record<string, string>} */
  #versionHeaders() {
    const { version } = this.file;
    const date = "Tue, 01 Dec 2026 00:00:00 GMT";
    const modified = new Date(Date.UTC(2026, 0, 1) + version * 1000).toUTCString();
    if (this.#headers === "strong") return { etag: `"${version}"`, date };
    if (this.#headers === "weak")
      return { etag: `W/"${version}"`, "last-modified": modified, date };
    return this.#headers === "date" ? { "last-modified": modified, date } : {};
  }

  /** @param {Answer} answer */
  #responseOf({ status, headers, body, isCut }) {
    const sent = Object.entries(headers).filter(([, value]) => /^[\x20-\x7e]+$/.test(value));
    const parts = this.#random.chance(0.5) ? [body] : halvesOf(body, this.#random);
    const stream = new ReadableStream({
      pull(controller) {
        const part = parts.shift();
        if (part) controller.enqueue(new Uint8Array(part));
        else if (isCut) controller.error(new TypeError("terminated"));
        else controller.close();
      },
    });
    const hasBody = ![204, 304].includes(status);
    return new Response(hasBody ? stream : null, { status, headers: Object.fromEntries(sent) });
  }
}

/** @param {Buffer} body @param {Random} random */
function halvesOf(body, random) {
  const middle = random.below(body.length + 1);
  return [body.subarray(0, middle), body.subarray(middle)];
}

/**
 * Ways to read a log. Each returns the entries that it found, in their order in the log, and
 * reports damage.
 *
 * @type {Record<string, (log: SessionLog, random: Random, onDamage: (damage: object) => void) =>
 *   Promise<object[]>>}
 */
const readings = {
  async forwards(log, _random, onDamage) {
    return collected(log.entries({ onDamage }));
  },
  async backwards(log, random, onDamage) {
    const found = [];
    const most = random.between(1, 100);
    for await (const entry of log.entries({ reverse: true, onDamage }))
      if (found.unshift(entry) === most) break;
    return found;
  },
  async lines(log, _random, onDamage) {
    const chunks = await collected(log.lines({ onDamage }));
    const text = Buffer.concat(chunks).toString();
    return text
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  },
  async index(log, random) {
    const index = await log.index();
    const passes = random.below(3);
    for (let pass = 0; pass < passes; pass += 1) await index.refresh();
    return index.entries({ start: 0, end: index.length });
  },
  async "some rows"(log, random) {
    const index = await log.index();
    const rows = Array.from({ length: index.length }, (_, row) => row);
    return index.entries(rows.filter(() => random.chance(0.2)));
  },
  async search(log, random) {
    const index = await log.index();
    const rows = await index.search(`"${random.below(10)}`);
    return index.entries(rows);
  },
  async verify(log, _random, onDamage) {
    const { pending } = await log.verify({ onDamage });
    if (pending) onDamage(pending);
    return [];
  },
};

/** @type {import("./row.js").Row} */
export const row = {
  name: "server-answers",
  about: "Reads logs from a server that lies about ranges, sizes, versions and bytes",
  counts: "readings",
  short: 1_000,
  full: 200_000,
  async open(seed) {
    return {
      run: (number) => readFromServer(caseRandom(seed, number)),
    };
  },
};

/**
 * Reads a log a few times.
 *
 * @param {Random} random
 * @returns {Promise<import("./row.js").Outcome>}
 */
async function readFromServer(random) {
  // In a third of the cases the server is honest, so that no reading may fail.
  const names = random.pick([[], Object.keys(shownLies), Object.keys(lies)]);
  const server = new Server(
    random,
    names.filter(() => random.chance(0.2)),
  );
  const wanted = Array.from({ length: random.between(1, 4) }, () =>
    random.pick(Object.keys(readings)),
  );
  const met = { complete: 0, "that may lack entries": 0, failed: 0, "of changed bytes": 0 };
  let log;
  for (const name of wanted) {
    const least = server.isReplaced ? 0 : server.file.entries.length;
    /** @type {object[]} */
    let found;
    /** @type {object[]} */
    const damage = [];
    try {
      log ??= await SessionLog.from(url, { fetch: server.fetch });
      found = await inTime(readings[name](log, random, (each) => damage.push(each)));
    } catch (error) {
      checkError(error, server);
      met.failed += 1;
      continue;
    }
    // Bytes that are not the file's may be another entry.
    if (server.told.some((lie) => lie in hiddenLies)) met["of changed bytes"] += 1;
    else if (checkRead(server, found, damage, { name, least })) met.complete += 1;
    else met["that may lack entries"] += 1;
  }
  return { units: wanted.length, met };
}

/**
 * Checks that entries that were read are the file's, in their order. They must be all, and no line
 * damaged, unless a lie moved the file's end or the file was replaced.
 *
 * @param {Server} server
 * @param {object[]} found
 * @param {object[]} damage
 * @param {{ name: string, least: number }} reading the way to read, and how many entries there were
 *   before
 * @returns {boolean} whether all entries had to be there
 */
function checkRead({ told, known, isReplaced }, found, damage, { name, least }) {
  const what = `${name} after ${told.join(", ") || "no lie"}`;
  for (const entry of found)
    assert.ok(known.has(JSON.stringify(entry)), `${what} invents ${JSON.stringify(entry)}`);
  const numbers = found.map((entry) => Number(/** @type {{ phase: string }} */ (entry).phase));
  for (let at = 1; at < numbers.length; at += 1)
    assert.ok(
      numbers[at] > numbers[at - 1],
      `${what}: ${numbers[at]} comes after ${numbers[at - 1]}`,
    );
  const said = new Set(told);
  const isMoved = sizeLies.some((together) => together.every((lie) => said.has(lie)));
  if (isReplaced || isMoved) return false;
  assert.deepEqual(damage, [], `${what} finds damage`);
  if (!["forwards", "backwards", "lines", "index"].includes(name)) return false;
  // No entry was removed, so an entry's number is its place.
  const first = name === "backwards" ? (numbers[0] ?? 0) : 0;
  assert.deepEqual(
    numbers,
    numbers.map((_, at) => first + at),
    `${what} lacks entries`,
  );
  const end = first + numbers.length;
  assert.ok(end >= least, `${what} ends after ${end} of ${least} entries`);
  return true;
}

/**
 * Checks that a failure has a type, and that an honest server fails no reading of its log.
 *
 * @param {unknown} error
 * @param {Server} server
 */
function checkError(error, server) {
  assert.ok(
    error instanceof SkillLogError,
    `not typed: ${error instanceof Error ? error.stack : error}`,
  );
  assert.ok(["IO_ERROR", "NOT_FOUND", "REPLACED"].includes(error.code), error.stack);
  if (server.told.length > 0) return;
  assert.ok(server.isReplaced && error.code === "REPLACED", error.stack);
}

/**
 * @template T
 * @param {Promise<T>} reading
 * @returns {Promise<T>}
 */
async function inTime(reading) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const late = new Promise((_done, failed) => {
    timer = setTimeout(() => failed(new Error(`hangs for ${LONGEST} ms`)), LONGEST);
  });
  try {
    return await Promise.race([reading, /** @type {Promise<never>} */ (late)]);
  } finally {
    clearTimeout(timer);
  }
}
