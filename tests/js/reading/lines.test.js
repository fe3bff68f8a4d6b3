// Canonical lines in bulk are the lines of the entries, one by one.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { encode, RawJson, SessionLog, Sessions } from "skill-log";

import { randomFiles } from "../../conformance/random-files.js";
import { Random } from "../../conformance/random.js";
import { collected } from "../support/collected.js";
import { line, TORN } from "../support/lines.js";
import { temporaryFolder } from "../support/temporary-folder.js";

/** @import { Entry, LinesChunk, LogIndex } from "skill-log" */

/** Matches one escape: of a pair of surrogates, of a lone one, or any other. */
const ESCAPE =
  /\\u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|\\u[dD][89a-fA-F][\da-fA-F]{2}|\\[^]/g;

/** @param {string} json */
const withoutLoneSurrogates = (json) =>
  json.replace(ESCAPE, (escape) => (/^\\u[dD].{3}$/.test(escape) ? "\ufffd" : escape));

/**
 * Returns the line that is expected of an entry, and what is changed of it.
 *
 * @param {Entry} entry read with `{ input: "raw" }`
 */
function expectedOf(entry) {
  const changed = { timestamps: 0, invalidUtf8: 0, loneSurrogates: 0 };
  const expected = { ...entry };
  if (/[+-]2[45]:\d\d$/.test(entry.timestamp)) {
    changed.timestamps = 1;
    const [, local, fraction = "", sign, hours, minutes] = /** @type {RegExpExecArray} */ (
      /^(.{19})(\.\d+)?([+-])(..):(..)$/.exec(entry.timestamp)
    );
    const offset = Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes)) * 60_000;
    const first = Date.parse("0000-01-01T00:00:00Z");
    const last = Date.parse("9999-12-31T23:59:59Z");
    const time = Math.min(Math.max(Date.parse(`${local}Z`) - offset, first), last);
    expected.timestamp = new Date(time).toISOString().replace(".000Z", `${fraction}Z`);
  }
  if (entry.input) {
    const { bytes, text } = /** @type {RawJson} */ (entry.input);
    if (!Buffer.from(text).equals(bytes)) changed.invalidUtf8 = 1;
    const whole = withoutLoneSurrogates(text);
    if (whole !== text) changed.loneSurrogates = 1;
    expected.input = new RawJson(whole);
  }
  return { line: Buffer.from(encode(expected)), changed };
}

/** @param {Entry[]} entries */
function allExpected(entries) {
  const each = entries.map(expectedOf);
  return {
    lines: Buffer.concat(each.map(({ line }) => line)).toString("latin1"),
    chunks: sumOf(each.map(({ changed }) => ({ lines: 1, changed }))),
  };
}

/** @param {LinesChunk[]} chunks */
function sumOf(chunks) {
  const sum = { lines: 0, timestamps: 0, invalidUtf8: 0, loneSurrogates: 0 };
  for (const { lines, changed } of chunks) {
    sum.lines += lines;
    sum.timestamps += changed.timestamps;
    sum.invalidUtf8 += changed.invalidUtf8;
    sum.loneSurrogates += changed.loneSurrogates;
  }
  return sum;
}

/**
 * @param {(onChunk: (chunk: LinesChunk) => void) => AsyncIterable<Uint8Array>} read
 */
async function readLines(read) {
  /** @type {LinesChunk[]} */
  const chunks = [];
  const lines = Buffer.concat(await collected(read((chunk) => chunks.push(chunk))));
  return { lines: lines.toString("latin1"), chunks: sumOf(chunks) };
}

/** Entries with timestamps that Go reads and refuses to write. */
const far = [
  "2024-03-01T00:00:00.5+24:30",
  "0000-01-01T00:00:00.5+24:30",
  "9999-12-31T23:59:00-24:60",
].map((timestamp) => line("far").replace("2026-01-02T03:04:05Z", timestamp));

/**
 * Bytes of logs: random files, and each way in which an entry's line is not canonical.
 *
 * @returns {Generator<Buffer>}
 */
function* logs() {
  yield Buffer.from("");
  yield Buffer.from(far.join("\n"));
  yield Buffer.from(`${line("a")}\r\n\r\n${TORN}${line("b")}\n{}\nnull\n[]\n${line("c")}`);
  yield Buffer.from(
    `{"skill":"\\u000a\\/","message":"\\ud800\xff","input":["\\ud800", "\xe2\x80"],"session_id":"s"}`,
    "latin1",
  );
  const random = new Random(7);
  for (const file of randomFiles(random, 1500)) yield file;
}

test("returns the line of each entry when a log has any lines", async () => {
  let changed = 0;
  for (const bytes of logs()) {
    const log = await SessionLog.from(bytes);
    const entries = await log.read({ input: "raw", onDamage() {} });
    const expected = allExpected(entries);
    assert.deepEqual(await readLines((onChunk) => log.lines({ onDamage() {}, onChunk })), expected);
    changed += expected.chunks.invalidUtf8 + expected.chunks.loneSurrogates;
    const index = await log.index();
    assert.deepEqual(
      await readLines((onChunk) => index.lines({ start: 0, end: index.length }, { onChunk })),
      expected,
    );
  }
  assert.ok(changed > 20);
});

/** A log of some megabytes, with damage, in which many lines cross the ends of chunks. */
const large = Buffer.concat(
  Array.from({ length: 900 }, (_, at) => {
    const message = `${at}\n"`.repeat((at * 37) % 2000);
    return Buffer.from(
      `${line(`s${at}`, { message })}\n${at % 100 === 0 ? `${TORN}${line("r")}\n` : ""}`,
    );
  }),
);

test("returns a part of the lines when a range is read", async () => {
  const log = await SessionLog.from(large);
  const records = await collected(log.records({ onDamage() {} }));
  for (const [from, to] of [
    [0, 0],
    [0, 1],
    [0, records[500].offset],
    [0, records[500].offset + 1],
    [records[500].offset, records[501].offset],
    [records[899].end, large.length + 5],
  ]) {
    /** @type {number[]} */
    const damage = [];
    const onDamage = (/** @type {{ offset: number }} */ { offset }) => void damage.push(offset);
    const chunks = await collected(log.lines({ from, to, onDamage }));
    const wanted = records.filter(({ offset }) => offset >= from && offset < to);
    const expected = Buffer.concat(wanted.map(({ entry }) => Buffer.from(encode(entry))));
    assert.ok(Buffer.concat(chunks).equals(expected), `${from} to ${to}`);
    assert.ok(damage.every((offset) => offset >= from && offset < to));
  }
});

test("continues after the last line when it starts at the end of a chunk", async () => {
  const log = await SessionLog.from(large);
  const all = Buffer.concat(await collected(log.lines({ onDamage() {} })));
  /** @type {number[]} */
  const ends = [];
  let read = 0;
  const onChunk = (/** @type {LinesChunk} */ { end = NaN }) => void ends.push(end);
  for await (const chunk of log.lines({ onDamage() {}, onChunk })) {
    read += chunk.length;
    const rest = await collected(log.lines({ from: ends.at(-1), onDamage() {} }));
    assert.ok(Buffer.concat(rest).equals(all.subarray(read)));
  }
  assert.ok(ends.length > 2);
});

test("returns whole lines of its own when the caller keeps the chunks", async () => {
  const log = await SessionLog.from(large);
  const chunks = await collected(log.lines({ onDamage() {} }));
  const copies = chunks.map((chunk) => chunk.slice());
  await collected(log.lines({ onDamage() {} }));
  assert.deepEqual(chunks, copies);
  for (const chunk of chunks) {
    assert.equal(chunk.at(-1), 10);
    assert.equal(chunk[0], "{".charCodeAt(0));
    assert.equal(chunk.buffer.byteLength, chunk.length);
  }
});

test("returns the lines of rows in their order when rows are chosen", async () => {
  const log = await SessionLog.from(large);
  const index = await log.index();
  const entries = await log.read({ onDamage() {} });
  for (const rows of [
    [],
    [5],
    [900, 3, 3, 899, 0],
    index.select({ skill: ["r", "s10", "s899"] }),
  ]) {
    const expected = Buffer.concat(Array.from(rows, (row) => Buffer.from(encode(entries[row]))));
    assert.ok(Buffer.concat(await collected(index.lines(rows))).equals(expected));
  }
});

test("returns the lines of rows in their order when they are of several logs", async (t) => {
  const random = new Random(3);
  const dir = temporaryFolder(t);
  for (const id of ["a", "b", "c"]) {
    const entries = Array.from({ length: 60 }, (_, at) =>
      line(`${id}${at}`, { message: "m".repeat(random.pick([0, 10, 300_000])) }),
    );
    fs.writeFileSync(path.join(dir, `${id}.jsonl`), `${entries.join("\n")}\n`);
  }
  const sessions = await Sessions.open(dir);
  const index = await sessions.index();
  const all = Array.from({ length: index.length }, (_, row) => row);
  for (const rows of [all, [...all].reverse(), random.shuffle([...all, ...all])]) {
    const entries = await index.entries(rows);
    const { lines, chunks } = await readLines((onChunk) => index.lines(rows, { onChunk }));
    assert.equal(lines, entries.map((entry) => Buffer.from(encode(entry)).toString()).join(""));
    assert.equal(chunks.lines, rows.length);
  }
  await sessions.close();
});

test("returns doubtful entries and refuses lines as records do", async () => {
  const inner = line("inner");
  const bytes = Buffer.from(`${TORN.slice(0, -1)},"input":${inner}\n${line("b")}\n{"skill":1}\n`);
  const log = await SessionLog.from(bytes);
  for (const doubtful of [false, true]) {
    const entries = await log.read({ doubtful, onDamage() {} });
    const chunks = await collected(log.lines({ doubtful, onDamage() {} }));
    assert.equal(
      Buffer.concat(chunks).toString(),
      entries.map((entry) => Buffer.from(encode(entry)).toString()).join(""),
    );
  }
  const strict = await SessionLog.from(Buffer.from(`${line("a")}\n{"skill":1}\n${line("b")}\n`));
  /** @type {Uint8Array[]} */
  const before = [];
  await assert.rejects(
    async () => {
      for await (const chunk of strict.lines({ strict: true })) before.push(chunk);
    },
    { code: "INVALID_LINE", line: 2 },
  );
  assert.equal(Buffer.concat(before).toString(), `${line("a")}\n`);
});

test("rejects when an option is wrong, the signal is aborted or the log is closed", async () => {
  const log = await SessionLog.from(large);
  const index = await log.index();
  const all = { start: 0, end: index.length };
  const reason = new Error("stop");
  const signal = AbortSignal.abort(reason);
  /** @type {[read: () => AsyncIterable<unknown>, error: object][]} */
  const cases = [
    [() => log.lines(/** @type {any} */ ({ input: "raw" })), { code: "INVALID_ARGUMENT" }],
    [() => log.lines(/** @type {any} */ ({ reverse: true })), { code: "INVALID_ARGUMENT" }],
    [() => log.lines(/** @type {any} */ ({ onChunk: 1 })), { code: "INVALID_ARGUMENT" }],
    [() => log.lines({ from: -1 }), { code: "INVALID_ARGUMENT" }],
    [() => log.lines({ signal }), reason],
    [() => index.lines([index.length]), { code: "INVALID_ARGUMENT" }],
    [() => index.lines(all, /** @type {any} */ ({ onChunk: 1 })), { code: "INVALID_ARGUMENT" }],
    [() => index.lines(all, { signal }), reason],
  ];
  for (const [read, error] of cases) await assert.rejects(collected(read()), error);
  const stopped = new AbortController();
  await assert.rejects(async () => {
    for await (const chunk of log.lines({ signal: stopped.signal, onDamage() {} }))
      if (chunk) stopped.abort(reason);
  }, reason);
  await log.close();
  await assert.rejects(collected(log.lines()), { code: "CLOSED" });
});
