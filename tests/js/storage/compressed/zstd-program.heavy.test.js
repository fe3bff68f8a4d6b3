// Files of the program zstd, and of gzip, are read; and zstd unpacks what this package reads.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { SessionLog, encode } from "skill-log";

import { cut, entryOf, seekable } from "../../support/compressed-files.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { without } from "../../../programs.js";

/** Options of the program, each for a way in which it writes frames. */
const OPTIONS = [
  ["-1"],
  ["-3", "--no-check"],
  ["-19"],
  ["--ultra", "-20"],
  ["--long=26"],
  ["-T2", "-B1MiB"],
  ["--rsyncable"],
  ["--format=gzip"],
];

/** 5 MB, some of it hard to compress. */
function text() {
  const lines = [];
  let state = 1;
  for (let number = 0; number < 10_000; number += 1) {
    let noise = "";
    for (let at = 0; at < 40; at += 1) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      noise += state.toString(36);
    }
    const message = `${number} ${"the same words again ".repeat(number % 9)} ${noise}`;
    const timestamp = "2026-01-02T03:04:05Z";
    lines.push(encode({ session_id: "s", skill: "k", final_status: "ok", timestamp, message }));
  }
  return Buffer.concat(lines);
}

test("reads what zstd wrote, whatever its options", { skip: without("zstd") }, async (t) => {
  const dir = temporaryFolder(t);
  const plain = join(dir, "plain.jsonl");
  const bytes = text();
  writeFileSync(plain, bytes);
  for (const options of OPTIONS) {
    const packed = join(dir, "packed");
    execFileSync("zstd", ["-q", "-f", ...options, plain, "-o", packed]);
    const log = await SessionLog.from(packed);
    assert.ok(bytes.equals(await log.bytes()), options.join(" "));
    const { entries, damaged } = await log.verify();
    assert.deepEqual({ entries, damaged }, { entries: 10_000, damaged: 0 });
    await log.close();
  }
  // From a pipe, of which zstd does not know the length.
  const piped = execFileSync("zstd", ["-q", "-c", "-"], { input: bytes, maxBuffer: 1 << 30 });
  assert.ok(bytes.equals(await (await SessionLog.from(piped)).bytes()));
});

test("has zstd unpack a file in the seekable format", { skip: without("zstd") }, (t) => {
  const dir = temporaryFolder(t);
  const bytes = text();
  for (const hasSums of [false, true]) {
    const packed = join(dir, "seekable.zst");
    const plain = join(dir, "plain");
    writeFileSync(
      packed,
      seekable(
        cut(bytes, 1 << 16).map((part) => entryOf(part)),
        hasSums,
      ),
    );
    execFileSync("zstd", ["-q", "-d", "-f", packed, "-o", plain]);
    assert.ok(bytes.equals(readFileSync(plain)));
  }
});

test("reads a text of more than is kept, forwards, backwards and at random", {
  skip: without("zstd"),
}, async (t) => {
  const dir = temporaryFolder(t);
  const part = text();
  const count = Math.ceil((70 << 20) / part.length);
  const plain = join(dir, "plain.jsonl");
  writeFileSync(plain, Buffer.concat(Array(count).fill(part)));
  for (const options of [["-1"], ["-1", "-T2", "-B4MiB"], ["--format=gzip", "-1"]]) {
    const packed = join(dir, "packed");
    execFileSync("zstd", ["-q", "-f", ...options, plain, "-o", packed]);
    const log = await SessionLog.from(packed);
    const index = await log.index();
    assert.equal(index.length, count * 10_000, options.join(" "));
    for (const row of [index.length - 1, 5, index.length >> 1])
      assert.match(String((await index.entry(row)).message), new RegExp(`^${row % 10_000} `));
    assert.deepEqual(await log.last(), [await index.entry(index.length - 1)]);
    await log.close();
  }
});
