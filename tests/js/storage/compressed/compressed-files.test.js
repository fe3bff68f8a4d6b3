// Compressed logs give what their texts give, in each way of reading, or say where they cannot.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { gzipSync } from "node:zlib";

import { SessionLog, Sessions, encode } from "skill-log";

import {
  cut,
  entryOf,
  frame,
  seekable,
  SKIPPABLE,
  uncheckedFrame,
} from "../../support/compressed-files.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

/** @param {number} count @param {number} [padding] bytes of each message */
function textOf(count, padding = 20) {
  const lines = [];
  for (let number = 0; number < count; number += 1)
    lines.push(
      encode({
        session_id: "s",
        skill: number % 3 === 0 ? "search" : "edit",
        final_status: "pass",
        timestamp: new Date(1.8e12 + number * 1000).toISOString(),
        message: `${number} ${"ab cd".repeat(padding / 5)}`,
      }),
    );
  return Buffer.concat(lines);
}

const small = textOf(6);
/** Over several frames of 64 KiB, with damage, a blank line, and a pending end. */
const large = Buffer.concat([
  textOf(420, 200),
  Buffer.from('{"session_id":"s","sk\n\nnone\n'),
  textOf(150, 100),
  Buffer.from('{"session_id":"s","skill":"la'),
]);

/** Kinds of compressed files. @type {Record<string, (text: Buffer) => Uint8Array>} */
const kinds = {
  "one frame": frame,
  "one frame without a checksum": uncheckedFrame,
  "frames of 64 KiB without a table": (text) => Buffer.concat(cut(text, 1 << 16).map(frame)),
  "skippable frames between": (text) =>
    Buffer.concat([
      SKIPPABLE,
      ...cut(text, 999).flatMap((part) => [frame(part), SKIPPABLE]),
      SKIPPABLE,
    ]),
  "the seekable format": (text) => seekable(cut(text, 1 << 16).map((part) => entryOf(part))),
  "the seekable format with sums": (text) =>
    seekable(
      cut(text, 1 << 16).map((part) => entryOf(part, uncheckedFrame)),
      true,
    ),
  "the seekable format with uneven frames": (text) =>
    seekable([
      ...cut(text.subarray(0, 5000), 4999).map((part) => entryOf(part)),
      { frame: Buffer.from(SKIPPABLE), length: 0 },
      ...cut(text.subarray(5000), 1 << 15).map((part) => entryOf(part)),
    ]),
  gzip: (text) => gzipSync(text),
  "gzip of two members": (text) =>
    Buffer.concat([gzipSync(text.subarray(0, 777)), gzipSync(text.subarray(777))]),
  "gzip before zeros": (text) => Buffer.concat([gzipSync(text), Buffer.alloc(512)]),
};

/** Ways to read a log, each with what it returns. @type {Record<string, (log: SessionLog) => Promise<unknown>>} */
const ways = {
  read: (log) => log.read({ onDamage() {} }),
  "read, raw": async (log) =>
    (await log.read({ input: "raw", onDamage() {} })).map((entry) => Buffer.from(encode(entry))),
  records: async (log) => {
    const damage = /** @type {unknown[]} */ ([]);
    const found = [];
    for await (const each of log.records({ onDamage: (each) => damage.push(each) }))
      found.push(each);
    return [found, damage];
  },
  backwards: async (log) => {
    const found = [];
    for await (const each of log.records({ reverse: true, onDamage() {} })) found.push(each);
    return found;
  },
  "a range": async (log) => {
    const found = [];
    for await (const each of log.records({ from: 1000, to: 90_000, onDamage() {} }))
      found.push(each);
    return found;
  },
  last: (log) => log.last({ count: 3, onDamage() {} }),
  bytes: async (log) => Buffer.from(await log.bytes({ from: 130, to: 70_000 })),
  lines: async (log) => {
    const found = [];
    for await (const each of log.lines({ onDamage() {} })) found.push(Buffer.from(each));
    return Buffer.concat(found);
  },
  follow: async (log) => {
    const found = [];
    for await (const each of log.follow({ onDamage() {} })) found.push(each);
    return found;
  },
  verify: (log) => log.verify(),
  "strict read": async (log) => {
    try {
      return await log.read({ strict: true });
    } catch (error) {
      const { code, line, offset, reason } = /** @type {any} */ (error);
      return { code, line, offset, reason };
    }
  },
  index: async (log) => {
    const index = await log.index();
    const { length, bytes, damage, pending } = index;
    const rows = Array.from({ length }, (_, row) => index.row(row));
    const some = [length - 1, 0, length >> 1].filter((row) => row >= 0 && row < length);
    const entries = [];
    for (const row of some) entries.push(await index.entry(row));
    return { length, bytes, damage, pending, rows, entries, hits: await index.search("7 ab") };
  },
};

for (const [kind, packed] of Object.entries(kinds)) {
  test(`reads what the text has when it is compressed: ${kind}`, async (t) => {
    const dir = temporaryFolder(t);
    for (const [name, text] of Object.entries({ small, large, empty: Buffer.alloc(0) })) {
      const bytes = packed(text);
      // A file without a frame is an empty log, which may grow.
      if (bytes.length === 0) continue;
      const path = join(dir, `${name}.jsonl.x`);
      writeFileSync(path, bytes);
      const plain = await SessionLog.from(text);
      const blob = new Blob([Uint8Array.from(bytes)]);
      // The large text takes a while.
      const sources = name === "large" ? { path } : { path, bytes, Blob: blob };
      for (const [source, given] of Object.entries(sources)) {
        const log = await SessionLog.from(given);
        for (const [way, run] of Object.entries(ways))
          assert.deepEqual(await run(log), await run(plain), `${name}, ${source}, ${way}`);
        await log.close();
      }
    }
  });
}

test("reads compressed logs in a list like others", async (t) => {
  const dir = temporaryFolder(t);
  const paths = Object.entries(kinds).map(([, packed], number) => {
    const path = join(dir, `${number}.jsonl`);
    writeFileSync(path, packed(large));
    return path;
  });
  const plain = join(dir, "plain.jsonl");
  writeFileSync(plain, large);
  const sessions = await Sessions.open([...paths, plain]);
  const index = await sessions.index();
  const own = await (await SessionLog.from(plain)).index();
  assert.equal(index.length, own.length * (paths.length + 1));
  const hits = await index.search("7 ab");
  assert.equal(hits.length, (await own.search("7 ab")).length * (paths.length + 1));
  for (const row of [0, index.length >> 1, index.length - 1])
    assert.deepEqual(await index.entry(row), await own.entry(row % own.length));
  assert.deepEqual(await index.refresh(), { added: 0, removed: 0 });
  const [first, ...others] = await sessions.verify();
  for (const { session: _, ...report } of others) {
    const { session: _session, ...expected } = first;
    const bare = (/** @type {any} */ { damage, pending, ...rest }) => ({
      ...rest,
      damage: damage.length,
      pending: pending && { offset: pending.offset, length: pending.length },
    });
    assert.deepEqual(bare(report), bare(expected));
  }
  await sessions.close();
});

/**
 * Reads the entries of bytes, and returns them with the code of the error that ended reading.
 *
 * @param {Uint8Array} bytes
 */
async function read(bytes) {
  const entries = [];
  try {
    const log = await SessionLog.from(bytes);
    for await (const entry of log.entries({ onDamage() {} })) entries.push(entry);
    return { entries, code: undefined, error: undefined };
  } catch (error) {
    return { entries, code: /** @type {any} */ (error).code, error };
  }
}

const parts = cut(small, 300);
/** Small files of each format. @type {Record<string, Uint8Array>} */
const files = {
  zstd: frame(small),
  "several frames": Buffer.concat(parts.map(frame)),
  seekable: seekable(parts.map((part) => entryOf(part))),
  "seekable with sums": seekable(
    parts.map((part) => entryOf(part, uncheckedFrame)),
    true,
  ),
  gzip: gzipSync(small),
  "two members": Buffer.concat(cut(small, 600).map((part) => gzipSync(part))),
};

for (const [kind, bytes] of Object.entries(files)) {
  test(`returns what came, and an error, when a file is cut at any byte: ${kind}`, async () => {
    const { entries: all } = await read(small);
    for (let length = 4; length < bytes.length; length += 1) {
      const { entries, code, error } = await read(bytes.subarray(0, length));
      assert.deepEqual(entries, all.slice(0, entries.length), `${length} bytes`);
      // Where a frame ends, nothing says that others followed.
      if (code === undefined) assert.ok(endsFrame(kind, bytes, length), `${length}: no error`);
      else assert.equal(code, "NOT_DECOMPRESSED", `${length}: ${error}`);
    }
  });

  test(`returns no other entry without an error when a byte is flipped: ${kind}`, async () => {
    const { entries: all } = await read(small);
    assert.equal(all.length, 6);
    for (let at = 0; at < bytes.length; at += 1) {
      for (const bits of [[1, 0x80, 0xff][at % 3]]) {
        const flipped = Uint8Array.from(bytes);
        flipped[at] ^= bits;
        const { entries, code, error } = await read(flipped);
        const isPlain = at < 4 && code === undefined;
        // Nothing checks the text of a frame that seems to be cut.
        const isCut = /ends too early/.test(String(error));
        if (!isCut) assert.deepEqual(entries, all.slice(0, entries.length), `byte ${at} ^ ${bits}`);
        if (entries.length < all.length && !isPlain)
          assert.ok(
            code === "NOT_DECOMPRESSED" || code === "OUT_OF_MEMORY",
            `byte ${at} ^ ${bits}: ${code}`,
          );
      }
    }
  });
}

/**
 * Returns whether a frame ends at a length.
 *
 * @param {string} kind
 * @param {Uint8Array} bytes
 * @param {number} length
 */
function endsFrame(kind, bytes, length) {
  if (kind === "zstd" || kind === "gzip") return false;
  const made = kind === "two members" ? cut(small, 600).map((part) => gzipSync(part)) : null;
  const framed = made ?? parts.map(kind === "seekable with sums" ? uncheckedFrame : frame);
  let end = 0;
  return framed.some((each) => (end += each.length) === length);
}

test("tells where the text ends when a large file is damaged", async () => {
  const frames = cut(large, 1 << 16).map((part) => entryOf(part));
  const bytes = seekable(frames);
  const start = frames[0].frame.length + frames[1].frame.length;
  bytes[start + 40] ^= 1;
  for (const given of [bytes, bytes.subarray(0, -20)]) {
    const { entries, error } = await read(given);
    const { entries: expected } = await read(large.subarray(0, 2 << 16));
    assert.deepEqual(entries, expected.slice(0, entries.length));
    assert.ok(expected.length - entries.length <= 1);
    const { code, offset, position } = /** @type {any} */ (error);
    assert.deepEqual({ code, offset }, { code: "NOT_DECOMPRESSED", offset: 2 << 16 });
    assert.ok(position >= start && position < start + frames[2].frame.length);
  }
});

/** Tables that lie. @type {Record<string, (entries: ReturnType<typeof entryOf>[]) => void>} */
const lies = {
  "a length that is too long": (entries) => void (entries[1].length += 1),
  "lengths that are exchanged": (entries) => {
    entries[0].length += 5;
    entries[1].length -= 5;
  },
  "a frame that is missing": (entries) => void entries.splice(1, 1),
  "frames that are exchanged": (entries) => {
    [entries[0], entries[1]] = [
      { ...entries[0], length: entries[1].length },
      { ...entries[1], length: entries[0].length },
    ];
  },
  "no text in the last frame": (entries) => void (entries[entries.length - 1].length = 0),
  "text in the first frame alone": (entries) => {
    for (const entry of entries.slice(1)) entry.length = 0;
  },
};

for (const [lie, tell] of Object.entries(lies)) {
  test(`believes no table that has ${lie}`, async () => {
    const framed = cut(small, 150);
    const entries = framed.map((part) => entryOf(part));
    const told = entries.map((entry) => ({ ...entry }));
    tell(told);
    const data = Buffer.concat(entries.map(({ frame }) => frame));
    const table = seekable(told).subarray(told.reduce((sum, { frame }) => sum + frame.length, 0));
    const { entries: all } = await read(small);
    const { entries: found, code } = await read(Buffer.concat([data, table]));
    if (code === undefined) assert.deepEqual(found, all);
    else assert.deepEqual(found, all.slice(0, found.length));
    const log = await SessionLog.from(Buffer.concat([data, table]));
    assert.deepEqual(
      Buffer.from(await log.bytes({ from: small.length - 100 })),
      small.subarray(-100),
    );
  });
}

test("asks for little memory when a header claims a large window", async () => {
  // A window of 2 GiB, and one raw block.
  const header = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8];
  const { code, error } = await read(Uint8Array.from([...header, 9, 0, 0, 65]));
  assert.equal(code, "OUT_OF_MEMORY");
  assert.match(String(error), /window of more than 64 MiB/);
});
