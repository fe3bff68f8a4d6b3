// What archives are made of, and which files are refused as archives.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { Archive, estimate, writeArchive } from "../../js/cli/archiving/archive-file.js";
import { SessionFiles, sessionsOf } from "../../js/cli/archiving/session-files.js";
import { SessionText } from "../../js/cli/archiving/session-text.js";
import { lowXxh64 } from "../../js/cli/archiving/xxh64.js";
import { contentSizeOf, wasmCodec, zstdCodec } from "../../js/cli/archiving/zstd-codec.js";
import { Failure } from "../../js/cli/failures.js";
import { archivedText, partsOf } from "../faults/archived-text.js";
import { seekable } from "../js/support/compressed-files.js";
import { temporaryFolder } from "../js/support/temporary-folder.js";
import { without } from "../programs.js";

const codecs = { Node: await zstdCodec(3), WebAssembly: await wasmCodec(3) };
const codec = codecs.Node;

/** Vectors of xxHash's own tests, whose buffer is made by this generator. */
test("returns the checksum that xxHash states when its test buffer is hashed", () => {
  const buffer = Buffer.alloc(222);
  let generator = 0x9e3779b1n;
  for (let at = 0; at < buffer.length; at += 1) {
    buffer[at] = Number(generator >> 56n);
    generator = BigInt.asUintN(64, generator * 0x9e3779b185ebca8dn);
  }
  const expected = { 0: 0x51d8e999, 1: 0xdb052768, 14: 0x994e35c8, 222: 0xb691c174 };
  const found = Object.keys(expected).map((length) => [
    length,
    lowXxh64(buffer.subarray(0, Number(length))),
  ]);
  assert.deepEqual(Object.fromEntries(found), expected);
});

for (const [name, { compress, decompress }] of Object.entries(codecs)) {
  test(`writes frames that zstd accepts when ${name} compresses`, { skip: without("zstd") }, () => {
    for (const length of [1, 3, 4, 7, 8, 31, 32, 33, 255, 256, 65_535, 65_536]) {
      const text = randomBytes(length);
      text.fill("ab", length >> 1);
      const frame = Buffer.from(compress(text));
      assert.equal(contentSizeOf(frame), length);
      // zstd checks the checksum.
      assert.ok(execFileSync("zstd", ["-dc"], { input: frame }).equals(text), `${length}`);
      for (const other of Object.values(codecs))
        assert.ok(Buffer.from(other.decompress(frame, length)).equals(text), `${length}`);
      frame[frame.length - 1] ^= 1;
      assert.throws(() => decompress(frame, length), `${length}`);
    }
  });
}

/**
 * Archives texts, one part each.
 *
 * @param {string} dir
 * @param {Buffer[]} texts
 */
async function archive(dir, texts) {
  const files = new SessionFiles(dir, "s");
  for (const [parts, bytes] of texts.entries()) {
    const path = join(dir, "text");
    fs.writeFileSync(path, bytes);
    const fd = fs.openSync(path, "r");
    const before = parts > 0 ? new Archive(files.archive, codec) : null;
    const text = { path, fd, size: bytes.length };
    const owner = fs.fstatSync(fd);
    await writeArchive(files.newArchive, { before, parts, text, codec, owner }, () => {});
    fs.renameSync(files.newArchive, files.archive);
    before?.close();
    fs.closeSync(fd);
    fs.unlinkSync(path);
  }
  return files;
}

const a = Buffer.from(`${"first\n".repeat(30_000)}`);
const b = Buffer.from("second, torn");
const c = Buffer.from("third\n");

/** @type {{ title: string, parts: Buffer[], files?: Record<string, Buffer>, text: Buffer[] }[]} */
const states = [
  { title: "a log", parts: [], files: { "s.jsonl": a }, text: [a] },
  { title: "an archive", parts: [a], text: [a] },
  { title: "an archive of three parts", parts: [a, b, c], text: [a, b, Buffer.from("\n"), c] },
  {
    title: "an archive and a log",
    parts: [b],
    files: { "s.jsonl": c },
    text: [b, Buffer.from("\n"), c],
  },
  {
    title: "a log that is being archived, and a new log",
    parts: [],
    files: { "s.jsonl.0.archiving": b, "s.jsonl": c },
    text: [b, Buffer.from("\n"), c],
  },
  {
    title: "a log that is archived in part",
    parts: [a, b],
    files: { "s.jsonl.1.archiving": Buffer.concat([b, c]), "s.jsonl": c },
    text: [a, b, c, c],
  },
  {
    title: "a log that is not archived, beside an archive",
    parts: [a, b],
    files: { "s.jsonl.2.archiving": c },
    text: [a, b, Buffer.from("\n"), c],
  },
  { title: "nothing", parts: [], text: [] },
];

for (const { title, parts, files: others = {}, text } of states) {
  test(`reads the text of a session from any place when it has ${title}`, async (t) => {
    const dir = temporaryFolder(t);
    const files = await archive(dir, parts);
    for (const [name, bytes] of Object.entries(others)) fs.writeFileSync(join(dir, name), bytes);
    const expected = Buffer.concat(text);
    assert.ok((await archivedText(dir, "s")).equals(expected), "by the rules of FORMAT.md");
    const own = await SessionText.open(files, () => codec);
    assert.equal(own.size, expected.length);
    for (const [offset, length] of [
      [0, expected.length],
      [65_530, 20],
      [expected.length - 10, 100],
      [a.length - 5, 20],
      [expected.length, 1],
    ]) {
      const at = Math.max(0, offset);
      assert.ok(own.read(at, length).equals(expected.subarray(at, at + length)), `${offset}`);
    }
    own.close();
  });
}

test("takes a log once when its other name says that it is archived", async (t) => {
  const dir = temporaryFolder(t);
  fs.writeFileSync(join(dir, "s.jsonl"), c);
  fs.linkSync(join(dir, "s.jsonl"), join(dir, "s.jsonl.0.archiving"));
  const text = await SessionText.open(new SessionFiles(dir, "s"), () => codec);
  assert.equal(text.read(0, 100).toString(), c.toString());
  text.close();
  assert.ok((await archivedText(dir, "s")).equals(c));
});

test("estimates the bytes of an archive exactly when the log is short", async (t) => {
  const dir = temporaryFolder(t);
  const { archive: path } = await archive(dir, [a]);
  const file = join(dir, "a");
  fs.writeFileSync(file, a);
  const fd = fs.openSync(file, "r");
  // Without the 17 bytes around the table.
  assert.equal(estimate({ path: file, fd, size: a.length }, codec), fs.statSync(path).size - 17);
  fs.closeSync(fd);
});

test("refuses a frame when its checksum is wrong", async (t) => {
  const dir = temporaryFolder(t);
  const { archive: path } = await archive(dir, [a]);
  const bytes = fs.readFileSync(path);
  bytes[20] ^= 1;
  fs.writeFileSync(path, bytes);
  const own = new Archive(path, codec);
  assert.throws(
    () => [...own.text()],
    (error) => error instanceof Failure && /byte 0/.test(error.message),
  );
  own.close();
});

/** Changes that an archive must not have. @type {[string, (bytes: Buffer) => Buffer, RegExp][]} */
const faults = [
  ["is empty", () => Buffer.alloc(0), /no seek table/],
  ["has no table", (bytes) => bytes.subarray(0, -17), /no seek table/],
  ["is cut in its table", (bytes) => bytes.subarray(0, -1), /no seek table/],
  ["states a frame that is too long", (bytes) => put(bytes, 9 + 8, 17 << 20), /more than 8 MiB/],
  ["has more frames than bytes", (bytes) => put(bytes, 9, 0x7000000), /seek table is wrong/],
  [
    "has more frames than the format allows",
    (bytes) => put(bytes, 9, 0xffffffff),
    /seek table is wrong/,
  ],
  [
    "has reserved bits",
    (bytes) => {
      bytes[bytes.length - 5] = 0x04;
      return bytes;
    },
    /seek table is wrong/,
  ],
  [
    "claims checksums",
    (bytes) => {
      bytes[bytes.length - 5] = 0x80;
      return bytes;
    },
    /seek table is wrong/,
  ],
  [
    "states another length of its table",
    (bytes) => put(bytes, 9 + 4 + 8 * 3, 99),
    /seek table is wrong/,
  ],
  [
    "has bytes before its frames",
    (bytes) => Buffer.concat([Buffer.alloc(9), bytes]),
    /another file/,
  ],
  ["states a longer frame", (bytes) => put(bytes, 9 + 8, 5000), /another file/],
  ["states too much text", (bytes) => put(bytes, 9 + 4, 0xffffffff), /more than 8 MiB/],
];

/** @param {Buffer} bytes @param {number} fromEnd @param {number} value */
function put(bytes, fromEnd, value) {
  bytes.writeUInt32LE(value, bytes.length - fromEnd);
  return bytes;
}

for (const [title, change, expected] of faults) {
  test(`refuses a file as an archive when it ${title}`, async (t) => {
    const dir = temporaryFolder(t);
    const { archive: path } = await archive(dir, [a]);
    assert.equal(partsOf(fs.readFileSync(path)).length, 1);
    fs.writeFileSync(path, change(fs.readFileSync(path)));
    assert.throws(
      () => new Archive(path, codec),
      (error) => error instanceof Failure && expected.test(error.message),
    );
  });
}

for (const stated of [0, 7]) {
  test(`refuses a frame when the table states ${stated} bytes of text instead of 6`, async (t) => {
    const dir = temporaryFolder(t);
    const { archive: path } = await archive(dir, [c]);
    fs.writeFileSync(path, put(fs.readFileSync(path), 9 + 4, stated));
    const own = new Archive(path, codec);
    assert.throws(
      () => [...own.text()],
      new RegExp(`holds 6 bytes, and the seek table says ${stated}`),
    );
    own.close();
  });
}

/** A frame that does not say how much text it holds: readers believe it beside frames of one length. */
const unsized = Buffer.concat([
  Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0, 1 | (c.length << 3), 0, 0]),
  c,
]);

test("adds nothing to an archive when its frames do not say how much text they hold", async (t) => {
  const dir = temporaryFolder(t);
  fs.writeFileSync(join(dir, "s.jsonl.zst"), seekable([{ frame: unsized, length: c.length }]));
  const before = new Archive(join(dir, "s.jsonl.zst"), codec);
  fs.writeFileSync(join(dir, "text"), a);
  const fd = fs.openSync(join(dir, "text"), "r");
  const text = { path: "text", fd, size: a.length };
  const of = { before, parts: 1, text, codec, owner: fs.fstatSync(fd) };
  await assert.rejects(
    writeArchive(join(dir, "new"), of, () => {}),
    /unarchive it first/,
  );
  before.close();
  fs.closeSync(fd);
});

for (const [name, { decompress }] of Object.entries(codecs)) {
  test(`takes no memory for more text than is expected when ${name} decompresses`, () => {
    // Blocks of 128 KiB of one byte.
    const block = (/** @type {number} */ isLast) => {
      const bytes = Buffer.alloc(4);
      bytes.writeUIntLE((131_072 << 3) | (1 << 1) | isLast, 0, 3);
      return bytes;
    };
    const start = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0x38]);
    const blocks = Array.from({ length: 1000 }, (_, at) => block(at === 999 ? 1 : 0));
    assert.throws(() => decompress(Buffer.concat([start, ...blocks]), 65_536));
  });
}

test("finds the sessions of a directory by the names of their files alone", (t) => {
  const dir = temporaryFolder(t);
  for (const name of [
    "log.jsonl",
    "both.jsonl",
    "both.jsonl.zst",
    "moved.jsonl.12.archiving",
    "a.jsonl.5.jsonl",
    "x.jsonl.012.archiving",
    "x.jsonl.zst.archiving",
    "x.jsonl.unarchiving",
    "x.damaged",
    "prune.audit",
  ])
    fs.writeFileSync(join(dir, name), "");
  const found = [...sessionsOf(dir).values()].map(({ id, asides }) => [id, ...asides]);
  assert.deepEqual(found, [["a.jsonl.5"], ["both"], ["log"], ["moved", 12]]);
});
