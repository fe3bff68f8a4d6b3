// The fault: a log or a line is far larger than any should be, or a log is full of damage.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { closeSync, ftruncateSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { facts } from "./child.js";
import { temporaryDirectory } from "./directory.js";
import { lineOf, numberedEntry } from "./numbered-entry.js";

const session = "huge";
const MiB = 2 ** 20;
const GiB = 2 ** 30;
const defaultLimit = 256 * MiB;
const largestLimit = GiB;

/**
 * Makes a line. All lines without `more` have the same length.
 *
 * @param {string} skill
 * @param {object} [more]
 */
const line = (skill, more) =>
  lineOf({ ...numberedEntry({ session, writer: skill, number: 1 }), ...more });
const { length } = line("a");
const torn = line("torn").subarray(0, -20);

/**
 * Writes a log of parts: bytes, repeated bytes, or an offset up to which to leave a hole. A hole is
 * read as NULs and takes no room on the disk.
 *
 * @param {(Uint8Array | { to: number } | { times: number, bytes: Uint8Array })[]} parts
 */
function logOf(parts) {
  const dir = temporaryDirectory();
  const file = openSync(join(dir, `${session}.jsonl`), "wx");
  let at = 0;
  const write = (/** @type {Uint8Array} */ bytes) => {
    at += writeSync(file, bytes, 0, bytes.length, at);
  };
  for (const part of parts) {
    if ("to" in part) at = part.to;
    else if ("times" in part) for (let i = 0; i < part.times; i++) write(part.bytes);
    else write(part);
  }
  ftruncateSync(file, at);
  closeSync(file);
  return { dir, size: at };
}

/**
 * Reads a log in each way named, in another process.
 *
 * @param {{ dir: string }} log
 * @param {number} limit
 * @param {string[]} ways
 */
async function reading({ dir }, limit, ...ways) {
  return facts("reader.js", [dir, session, limit, ...ways]);
}

test("indexes and reads in under 150 MB when a log has 10 GB, most of it holes", async (t) => {
  /** @type {[string, number, boolean][]} */
  const rows = [];
  const parts = [];
  const damaged = [];
  const put = (/** @type {string} */ skill, /** @type {number} */ offset, isRecovered = false) => {
    if (offset > 0) parts.push({ to: offset });
    parts.push(line(skill));
    rows.push([skill, offset, isRecovered]);
  };
  put("a", 0);
  put("b", length);
  let lineNumber = 3;
  let start = 2 * length;
  // Per gigabyte: an entry after a hole, on its own line or not, and a torn entry.
  for (let number = 1; number < 10; number++) {
    const isFused = number % 2 === 0;
    const offset = number * GiB + 12_345;
    if (!isFused) parts.push({ to: offset - 1 }, Buffer.from("\n"));
    put(`${number}`, offset, isFused);
    parts.push(torn, Buffer.from("\n"));
    const end = isFused ? offset + length - 1 : offset - 1;
    damaged.push(["too_long", lineNumber, start, end - start, isFused ? 1 : 0]);
    lineNumber += isFused ? 1 : 2;
    damaged.push(["torn", lineNumber, offset + length, torn.length, 0]);
    lineNumber += 1;
    start = offset + length + torn.length + 1;
  }
  const size = 10_000_000_000;
  damaged.push(["too_long", lineNumber, start, size - 2 * length - 1 - start, 0]);
  parts.push({ to: size - 2 * length - 1 }, Buffer.from("\n"));
  put("y", size - 2 * length);
  put("z", size - length);

  const log = logOf(parts);
  assert.equal(log.size, size);
  const { index, each, last, peak } = await reading(log, 16 * MiB, "last", "index", "each");
  assert.equal(last, "z");
  assert.deepEqual(index, {
    rows,
    damaged: damaged.length,
    damage: damaged,
    pending: null,
    bytes: size,
  });
  assert.deepEqual(
    each,
    rows.map(([skill]) => skill),
  );
  t.diagnostic(`memory rose by ${peak} MB`);
  if (peak !== null) assert(peak < 150, `memory rose by ${peak} MB`);
});

test("reports one damage and loses no entry when a log has 1 GB of NULs", async () => {
  const log = logOf([line("a"), { to: 1_000_000_000 }, line("b"), line("c")]);
  const { index, verify, reverse } = await reading(log, defaultLimit, "index", "verify", "reverse");
  const bytes = 1_000_000_000 + 2 * length;
  assert.deepEqual(index, {
    rows: [
      ["a", 0, false],
      ["b", 1_000_000_000, true],
      ["c", 1_000_000_000 + length, false],
    ],
    damaged: 1,
    damage: [["too_long", 2, length, 1_000_000_000 - 1, 1]],
    pending: null,
    bytes,
  });
  assert.deepEqual(verify, {
    bytes,
    lines: 3,
    entries: 3,
    recovered: 1,
    damaged: 1,
    pending: null,
  });
  assert.deepEqual(reverse, { skills: ["c", "b", "a"], code: null });
});

const parts = (/** @type {object} */ more) => {
  const [head, tail] = line("big", more).toString().split("@");
  return [Buffer.from(head), Buffer.from(tail)];
};

/**
 * Entries of 600 MB. All texts of an entry are sliced from one JavaScript string, which holds at
 * most 512 MB. A raw input needs no string.
 */
const huge = [
  {
    name: "one string",
    around: parts({ message: "@" }),
    bytes: Buffer.alloc(MiB, "x"),
    raw: "OUT_OF_MEMORY",
  },
  {
    name: "strings of 1 KB",
    around: parts({ input: ["@"] }),
    bytes: Buffer.from(`${"x".repeat(1021)}","`.repeat(1024)),
    raw: "big",
  },
];

for (const {
  name,
  around: [head, tail],
  bytes,
  raw,
} of huge) {
  test(`reports OUT_OF_MEMORY and reads the others when an entry has 600 MB in ${name}`, async (t) => {
    const log = logOf([line("a"), head, { times: 600, bytes }, tail, line("b")]);
    const tooLong = log.size - 2 * length - 1;
    const after = log.size - length;
    const bounded = await reading(log, defaultLimit, "index", "read", "each");
    const rows = [
      ["a", 0, false],
      ["b", after, false],
    ];
    assert.deepEqual(bounded.index, {
      rows,
      damaged: 1,
      damage: [["too_long", 2, length, tooLong, 0]],
      pending: null,
      bytes: log.size,
    });
    assert.deepEqual(
      [bounded.read, bounded.each],
      [
        ["a", "b"],
        ["a", "b"],
      ],
    );

    const {
      index,
      verify,
      each,
      raw: eachRaw,
      read,
      entries,
      reverse,
      peak,
    } = await reading(
      log,
      largestLimit,
      ...["index", "verify", "each", "raw", "read", "entries", "reverse"],
    );
    rows.splice(1, 0, ["big", length, false]);
    assert.deepEqual(index, { rows, damaged: 0, damage: [], pending: null, bytes: log.size });
    assert.deepEqual(verify, {
      bytes: log.size,
      lines: 3,
      entries: 3,
      recovered: 0,
      damaged: 0,
      pending: null,
    });
    assert.deepEqual(each, ["a", "OUT_OF_MEMORY", "b"]);
    assert.deepEqual(eachRaw, ["a", raw, "b"]);
    assert.equal(read.code, "OUT_OF_MEMORY");
    assert.match(read.message, /^\d+ bytes of text do not fit a JavaScript string$/);
    assert.deepEqual(entries, { skills: ["a"], code: "OUT_OF_MEMORY" });
    assert.deepEqual(reverse, { skills: ["b"], code: "OUT_OF_MEMORY" });
    t.diagnostic(`memory rose by ${peak} MB`);
    rmSync(log.dir, { recursive: true });
  });
}

test("reports nothing when a log has 10 million blank lines", async () => {
  const log = logOf([line("a"), Buffer.alloc(10_000_000, "\n"), line("b")]);
  const { index, verify, peak } = await reading(log, defaultLimit, "index", "verify");
  const after = 10_000_000 + length;
  assert.deepEqual(index, {
    rows: [
      ["a", 0, false],
      ["b", after, false],
    ],
    damaged: 0,
    damage: [],
    pending: null,
    bytes: log.size,
  });
  assert.deepEqual(verify, {
    bytes: log.size,
    lines: 10_000_002,
    entries: 2,
    recovered: 0,
    damaged: 0,
    pending: null,
  });
  if (peak !== null) assert(peak < 150, `memory rose by ${peak} MB`);
});

test("reports each damage and loses no entry when a log has a million damaged lines", async (t) => {
  // The faults alternate, because neighbouring lines with the same fault are one damage.
  const half = { times: 500, bytes: Buffer.from("x\n{\n".repeat(500)) };
  const log = logOf([line("a"), half, line("b"), half, line("c")]);
  const { index, read, verify, peak } = await reading(log, defaultLimit, "read", "index", "verify");
  assert.deepEqual(read, ["a", "b", "c"]);
  assert.deepEqual(index.rows, [
    ["a", 0, false],
    ["b", 1_000_000 + length, false],
    ["c", 2_000_000 + 2 * length, false],
  ]);
  assert.equal(index.damaged, 1_000_000);
  assert.deepEqual(index.damage[0], ["corrupt", 2, length, 1, 0]);
  assert.deepEqual(index.damage.at(-1), ["torn", 1_000_002, log.size - length - 2, 1, 0]);
  assert.deepEqual(verify, {
    bytes: log.size,
    lines: 1_000_003,
    entries: 3,
    recovered: 0,
    damaged: 1_000_000,
    pending: null,
  });
  t.diagnostic(`memory rose by ${peak} MB`);
});
