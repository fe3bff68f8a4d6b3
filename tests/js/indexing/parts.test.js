// A log that is read in parts has what it has when it is read at once: small parts, in one thread.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import fc from "fast-check";

import { OWN } from "../../../js/errors.js";
import { fewLogs } from "../../../js/indexing/few-logs.js";
import { LogIndex } from "../../../js/indexing/log-index.js";
import { OneLog } from "../../../js/indexing/one-log.js";
import { openPath } from "../../../js/storage/node/source.js";
import { openToScan } from "../../../js/storage/node/scanned-file.js";
import { ScanThreads } from "../../../js/threads/scan-threads.js";
import { line, TORN } from "../support/lines.js";
import { temporaryFolder } from "../support/temporary-folder.js";

/** @import { InParts } from "../../../js/threads/log-parts.js" */

/** The bytes of a part: less than many a piece. */
const PART = 512;

const message = fc.nat(700).map((length) => "m".repeat(length));
const piece = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(message, fc.integer({ min: 1, max: 9 }))
      .map(([message, count]) => `${line("a", { message })}\n`.repeat(count)),
  },
  message.map((message) => line("unended", { message })),
  fc.tuple(message, fc.nat(20)).map(([message, count]) => line("f", { message }).repeat(count)),
  message.map((message) => `${line("o", { input: { one: JSON.parse(line("i")), message } })}\n`),
  message.map((message) => `Killed ${message}\n`),
  fc.constantFrom("\n", "\n\n\n", "\0\0\0", "\0\n", TORN, `${TORN}\n`),
);
const text = fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join(""));

/** @type {Record<string, (file: string, text: string, at: number) => void>} */
const ways = {
  grows: (file, text) => fs.appendFileSync(file, text),
  "is cut": (file, _, at) => fs.truncateSync(file, Math.floor(at * fs.statSync(file).size)),
  "is rewritten": (file, text) => fs.writeFileSync(file, text),
  "is replaced": (file, text) => {
    fs.writeFileSync(`${file}.new`, text);
    fs.renameSync(`${file}.new`, file);
  },
  "stays as it is": () => {},
};

const change = fc.record({
  way: fc.constantFrom(...Object.keys(ways)),
  text,
  at: fc.double({ min: 0, max: 1, noNaN: true }),
});

/**
 * @param {string} file
 * @param {number} maxLineBytes
 * @param {InParts} [inParts]
 */
async function indexed(file, maxLineBytes, inParts) {
  const log = new OneLog(() => openPath(file), maxLineBytes);
  const index = new LogIndex(OWN, fewLogs([log], ["s"], inParts));
  await index.refresh();
  return index;
}

/** @param {LogIndex} index */
const known = (index) => ({
  rows: index.range(0, index.length),
  damage: index.damage,
  damaged: index.damaged,
  pending: index.pending,
  bytes: index.bytes,
  removed: index.removed,
});

test("has the rows of its own file when threads read another file", async (t) => {
  const folder = temporaryFolder(t);
  const [file, other] = ["s.jsonl", "other.jsonl"].map((name) => path.join(folder, name));
  fs.writeFileSync(file, `${line("own")}\n`.repeat(100));
  fs.writeFileSync(other, `${line("oth")}\n`.repeat(100));
  const threads = new ScanThreads({ openToScan }, 1);
  t.after(() => threads.close());
  const { ref, stamp = [], close } = await openPath(other);
  await close();
  let asked = 0;
  const index = await indexed(file, 1 << 20, () => {
    asked += 1;
    return { threads, ref, stamp, least: PART };
  });
  assert.equal(asked, 1);
  assert.deepEqual([...new Set(index.range(0, index.length).map(({ skill }) => skill))], ["own"]);
  assert.deepEqual([index.length, index.removed], [200, 100]);
});

test("has the same rows, damage and changes when a log is read in parts, in any of many ways", async (t) => {
  const file = path.join(temporaryFolder(t), "s.jsonl");
  const threads = new ScanThreads({ openToScan }, 1);
  t.after(() => threads.close());
  /** @type {InParts} */
  const inParts = ({ ref, stamp = [] }) => ({ threads, ref, stamp, least: PART });
  // Nobody is writing, so that NULs are damage at once.
  const rest = (/** @type {number} */ time) => fs.utimesSync(file, time, time);
  const run = async (
    /** @type {string} */ first,
    /** @type {{ way: string, text: string, at: number }[]} */ changes,
    /** @type {number} */ maxLineBytes,
  ) => {
    fs.writeFileSync(file, first);
    rest(1000);
    const whole = await indexed(file, maxLineBytes);
    const parts = await indexed(file, maxLineBytes, inParts);
    assert.deepEqual(known(parts), known(whole));
    for (const [number, { way, text, at }] of changes.entries()) {
      ways[way](file, text, at);
      rest(1001 + number);
      assert.deepEqual(await parts.refresh(), await whole.refresh(), way);
      assert.deepEqual(known(parts), known(whole), way);
    }
  };
  const limit = fc.constantFrom(600, 2000, 1 << 20);
  const changes = fc.array(change, { maxLength: 4 });
  await fc.assert(fc.asyncProperty(text, changes, limit, run), { numRuns: 300 });
});
