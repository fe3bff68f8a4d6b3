// Checks that the corpus is what it claims, because figures are compared across runs.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { decode, encode } from "skill-log";

import { entries, lineLength, mix, nonAsciiPercent, note, writeLog } from "./corpus.js";

const count = 2_000;
const list = entries(count);
const lines = list.map((entry) => Buffer.from(encode(entry)).subarray(0, -1));

const directory = mkdtempSync(join(tmpdir(), "skill-log-corpus-"));
after(() => rmSync(directory, { recursive: true }));

test("makes as many lines of each class of sizes as the class's share", () => {
  for (const { name, percent, from, to } of mix) {
    const found = lines.filter(({ length }) => length >= from && length <= to);
    assert.equal(found.length, (count * percent) / 100, name);
    const middle =
      found.filter(({ length }) => length < Math.sqrt(from * to)).length / found.length;
    assert.ok(
      middle > 0.3 && middle < 0.7,
      `${name}: ${middle} of them lie below the geometric mean`,
    );
  }
});

test("puts text that is not ASCII into its share of each hundred entries", () => {
  for (let start = 0; start < count; start += 100) {
    const found = lines
      .slice(start, start + 100)
      .filter((line) => line.some((byte) => byte > 0x7f));
    assert.equal(found.length, nonAsciiPercent);
  }
  const all = Buffer.concat(lines).toString();
  for (const script of [
    /[à-ÿ]/,
    /\p{Script=Han}/u,
    /\p{Script=Hiragana}/u,
    /\p{Emoji_Presentation}/u,
  ])
    assert.match(all, script);
});

test("makes notes of 930 bytes on average", () => {
  const sizes = entries(count, { classes: note }).map((entry) => encode(entry).length - 1);
  const mean = sizes.reduce((sum, size) => sum + size) / count;
  assert.ok(Math.abs(mean - 930) < 10, `${mean}`);
});

test("predicts the length of a line, and decodes the same entry from it", () => {
  for (const [i, line] of lines.entries()) {
    assert.equal(line.length, lineLength(list[i]));
    assert.deepEqual(decode(line), list[i]);
  }
});

test("makes the same bytes when the seed is the same", () => {
  const bytes = (/** @type {number} */ seed) => JSON.stringify(entries(300, { seed }));
  assert.equal(bytes(1), JSON.stringify(list.slice(0, 300)));
  assert.notEqual(bytes(1), bytes(2));
});

test("writes a log of the size asked for, with the same entries", () => {
  const path = join(directory, "bench.jsonl");
  const written = writeLog(path, 3_000_000);
  assert.equal(statSync(path).size, written.bytes);
  const largest = mix[mix.length - 1].to + 1;
  assert.ok(written.bytes >= 3_000_000 && written.bytes < 3_000_000 + largest);
  const expected = lines.slice(0, written.entries).map((line) => `${line}\n`);
  assert.ok(readFileSync(path).equals(Buffer.from(expected.join(""))));
});
