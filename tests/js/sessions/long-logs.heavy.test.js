// Long logs are read in parts, which changes nothing but the time that reading takes.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { SessionLog, Sessions } from "skill-log";

import { line, TORN } from "../support/lines.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { lines, PART } from "./long-lines.js";
import { assertSameAsEach } from "./same-as-each.js";

const damage = `${TORN}${line("b")}\n${TORN}\nKilled\n`;
const veryLong = `${line("c", { message: "needle".repeat(3 << 20) })}\n`;

/** @type {[what: string, text: () => string][]} */
const longLogs = [
  ["lines that end at the edges of parts", () => lines(PART) + lines(PART) + lines(PART / 2)],
  ["lines that end a byte before the edges", () => lines(PART - 1) + lines(PART) + lines(PART / 2)],
  ["lines that end a byte after the edges", () => lines(PART + 1) + lines(PART) + lines(PART / 2)],
  ["damage at the edges", () => lines(PART - 300) + damage.repeat(4) + lines(PART) + damage],
  ["a line over several parts", () => lines(PART - 7) + veryLong + damage + lines(PART) + TORN],
  [
    "a line that ends at an edge",
    () => lines(2 * PART - veryLong.length + PART) + veryLong + damage,
  ],
  ["only one line", () => veryLong.trimEnd()],
  ["NULs at an edge", () => `${lines(PART - 2)}\0\0\0\0\n${lines(PART)}\0\0`],
  ["empty lines at an edge", () => lines(PART - 2) + "\n\n\n\n" + lines(PART)],
];

test("has the same rows, numbers and damage when several threads read long logs", async (t) => {
  for (const [what, text] of longLogs) {
    const dir = temporaryFolder(t);
    fs.writeFileSync(path.join(dir, "long.jsonl"), text());
    fs.writeFileSync(path.join(dir, "a.jsonl"), `${line("a")}\n`);
    /** @type {unknown[]} */
    const found = [];
    for (const threads of [1, 2, 4]) {
      const sessions = await Sessions.open(dir, { threads });
      const index = await sessions.index();
      try {
        await assertSameAsEach(dir, index, { isRead: threads === 2 });
      } catch (error) {
        /** @type {any} */ (error).message = `${what}, ${threads} threads: ${error}`;
        throw error;
      }
      found.push([index.range(0, index.length), index.damage]);
      await sessions.close();
    }
    assert.deepEqual(found[1], found[0], what);
    assert.deepEqual(found[2], found[0], what);
    fs.rmSync(dir, { recursive: true });
  }
});

/** The fewest bytes of a log for which `SessionLog.index` starts threads. */
const THREADED = 8 * PART;

/** What is known of an index of one log. @param {import("skill-log").LogIndex} index */
const known = (index) => ({
  rows: index.range(0, index.length),
  damage: index.damage,
  damaged: index.damaged,
  pending: index.pending,
  bytes: index.bytes,
});

test("has the same rows, numbers and damage when several threads read one long log", async (t) => {
  const file = path.join(temporaryFolder(t), "long.jsonl");
  // Each text starts at an edge of the parts.
  const text = longLogs.map(([, text]) => {
    const own = Buffer.from(text());
    return own.toString() + lines(PART + ((PART - (own.length % PART)) % PART));
  });
  fs.writeFileSync(file, text.join("") + TORN);
  assert.ok(fs.statSync(file).size > THREADED);
  const log = await SessionLog.from(file);
  const found = known(await log.index({ threads: 3 }));
  const expected = known(await log.index({ threads: 1 }));
  assert.ok(expected.damaged > 20 && expected.pending);
  assert.deepEqual(found, expected);
});

/** @type {[what: string, change: (file: string) => void, isOther: boolean][]} */
const changes = [
  ["grows", (file) => fs.appendFileSync(file, `\n${damage}${lines(THREADED)}`), false],
  [
    "is replaced by a rename",
    (file) => {
      fs.writeFileSync(`${file}.new`, lines(THREADED + PART, "other"));
      fs.renameSync(`${file}.new`, file);
    },
    true,
  ],
  ["is rewritten", (file) => fs.writeFileSync(file, lines(THREADED + PART, "other")), true],
];

for (const [what, change, isOther] of changes)
  for (const isAborted of [false, true])
    test(`reads on when one long log ${what} after ${isAborted ? "an abort" : "it was read"}`, async (t) => {
      const file = path.join(temporaryFolder(t), "long.jsonl");
      fs.writeFileSync(file, lines(THREADED + 9) + line("c"));
      const log = await SessionLog.from(file);
      const aborting = new AbortController();
      /** @type {import("skill-log").LogIndex | undefined} */
      let index;
      const indexing = log.index({
        threads: 2,
        signal: aborting.signal,
        onStart: (started) => (index = started),
        onProgress: () => isAborted && aborting.abort(),
      });
      await (isAborted ? assert.rejects(indexing, { name: "AbortError" }) : indexing);
      assert.ok(index && index.length > 0);
      change(file);
      const { removed } = await index.refresh();
      assert.equal(removed > 0, isOther);
      const found = index.range(0, index.length).filter((row) => row);
      const expected = await log.index({ threads: 1 });
      const plain = (/** @type {any[]} */ rows) => rows.map(({ ...row }) => row);
      assert.deepEqual(plain(found), plain(expected.range(0, expected.length)));
      assert.deepEqual(index.damage, expected.damage);
    });

test("removes the rows of a long log when another long log replaces it", async (t) => {
  for (const way of ["rename", "rewrite"]) {
    for (const threads of [1, 2]) {
      const dir = temporaryFolder(t);
      const file = path.join(dir, "long.jsonl");
      fs.writeFileSync(file, lines(PART + 9));
      const sessions = await Sessions.open(dir, { threads });
      const index = await sessions.index();
      const { length } = index;
      const other = way === "rename" ? path.join(dir, "other") : file;
      fs.writeFileSync(other, lines(3 * PART, "other"));
      if (way === "rename") fs.renameSync(other, file);
      const { removed } = await index.refresh();
      assert.equal(removed, length, `${way}, ${threads} threads`);
      await assertSameAsEach(dir, index, { isRead: false });
      await sessions.close();
    }
  }
});

test("reads a long log on when it grows by several parts", async (t) => {
  const dir = temporaryFolder(t);
  const file = path.join(dir, "long.jsonl");
  fs.writeFileSync(file, lines(PART + 9) + line("c"));
  const sessions = await Sessions.open(dir, { threads: 2 });
  const index = await sessions.index();
  fs.appendFileSync(file, `\n${lines(2 * PART)}${damage}${lines(PART)}`);
  const { removed } = await index.refresh();
  assert.equal(removed, 0);
  await assertSameAsEach(dir, index, { isRead: false });
  await sessions.close();
});
