// The fault: most of a large log is damaged. Repair must take little memory and save little more.

import assert from "node:assert/strict";
import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { facts, run } from "./child.js";
import { temporaryDirectory } from "./directory.js";

const session = "ruined";
const MiB = 2 ** 20;

/** The most MiB by which a repair may raise memory. */
const most = 150;

/** Makes a mebibyte that repeats a text. @param {string} text */
const filled = (text) => Buffer.alloc(MiB, text);
const lineOf = (/** @type {string} */ text) => {
  const bytes = filled(text);
  bytes[MiB - 1] = 0x0a;
  return bytes;
};

/** @type {{ what: string, bytes: Buffer, times: number }[]} */
const logs = [
  { what: "long lines of nothing", bytes: lineOf("x"), times: 256 },
  { what: "long lines of braces", bytes: lineOf("{"), times: 64 },
  { what: "long lines of starts of entries", bytes: lineOf('{"session_id":"'), times: 64 },
  { what: "short lines", bytes: filled("x\n"), times: 256 },
];

for (const { what, bytes, times } of logs) {
  test(`repairs a log in bounded memory when it has ${times} MiB of ${what}`, {
    timeout: 600_000,
  }, async (t) => {
    const dir = temporaryDirectory();
    const file = openSync(join(dir, `${session}.jsonl`), "wx");
    for (let i = 0; i < times; i++) writeSync(file, bytes);
    closeSync(file);
    const start = performance.now();
    const { repaired, left, memory } = await facts("measured-repair.js", [dir, session]);
    const speed = (times * MiB) / 1000 / (performance.now() - start);
    const saved = statSync(join(dir, `${session}.damaged`)).size;
    t.diagnostic(
      `${speed.toFixed()} MB/s, ${memory.toFixed()} MiB, ${(saved / times / MiB).toFixed(2)} bytes saved per byte`,
    );
    assert.deepEqual({ repaired, left }, { repaired: 1, left: 0 });
    assert.ok(memory < most, `${memory} MiB`);
    assert.ok(saved < 2 * times * MiB, `${saved} bytes`);
    rmSync(dir, { recursive: true });
  });
}

test("changes nothing when a line does not fit the core's memory", async () => {
  const dir = temporaryDirectory();
  const bytes = Buffer.concat([
    Buffer.from("x\n"),
    Buffer.alloc(64 * MiB, "x"),
    Buffer.from("\nx\n"),
  ]);
  writeFileSync(join(dir, `${session}.jsonl`), bytes);
  const { code, stderr } = await run("single-repair.js", [dir, session], {
    preload: "small-memory.js",
  });
  assert.notEqual(code, 0);
  assert.match(stderr, /: nothing was changed\n/);
  assert.match(stderr, /code: 'OUT_OF_MEMORY'/);
  assert.deepEqual(readdirSync(dir), [`${session}.jsonl`]);
  assert.ok(readFileSync(join(dir, `${session}.jsonl`)).equals(bytes));
});
