// Logs at URLs that are replaced while they are read, before each of the requests in turn. A
// reading returns one file's entries, or rejects with REPLACED. An index reads the other file.

import assert from "node:assert/strict";
import test from "node:test";
import { isDeepStrictEqual } from "node:util";
import { SessionLog, SkillLogError } from "skill-log";

import { Random } from "../../conformance/random.js";
import { UNCHANGED } from "../indexing/holes.js";
import { numbersOf, rowsOf } from "../indexing/row-of.js";
import { line } from "../support/lines.js";
import {
  dated,
  hastilyDated,
  logServer,
  ranges,
  rangesOfUnknownSize,
  rangesUntold,
  tagged,
  weaklyTagged,
  whole,
  wholeOfUnknownSize,
} from "./log-server.js";

/** @typedef {import("./log-server.js").Answer} Answer */

/** Answers some requests with ranges, and then with the whole file. @type {Answer} */
const rangesForAWhile = (request, response, file) =>
  ((rangesLeft -= 1) >= 0 ? ranges : whole)(request, response, file);
let rangesLeft = 0;

const servers = {
  "an ETag": tagged(ranges),
  "a weak ETag": weaklyTagged(ranges),
  "a date": dated(ranges),
  "the date of this second": hastilyDated(ranges),
  "nothing of its version": ranges,
  "nothing of its size": rangesOfUnknownSize,
  "an ETag, and nothing of its size": tagged(rangesOfUnknownSize),
  "a date, and no Content-Range": dated(rangesUntold),
  "no Content-Range": rangesUntold,
  "the whole of it": whole,
  "the whole of it, and not how much that is": wholeOfUnknownSize,
  "ranges, and then the whole": rangesForAWhile,
  "ranges and an ETag, and then the whole": tagged(rangesForAWhile),
};

/** Returns lines that differ in their times only. @param {number} count @param {number} year */
function linesOf(count, year, from = 0) {
  const lines = Array.from({ length: count }, (_, i) => {
    const timestamp = new Date(Date.UTC(year, 0) + (from + i) * 1000)
      .toISOString()
      .replace(".000Z", "Z");
    return `${line("tdd", { timestamp, message: "the same in each of them, ".repeat(20) })}\n`;
  });
  return Buffer.from(lines.join(""));
}

/** More entries than are read at once, forwards or backwards. */
const COUNT = 600;
const original = linesOf(COUNT, 2025);
const others = {
  "of the same size": linesOf(COUNT, 2026),
  "larger by an entry": linesOf(COUNT + 1, 2026),
  "much larger": linesOf(2 * COUNT, 2026),
  "smaller by an entry": linesOf(COUNT - 1, 2026),
  "much smaller": linesOf(10, 2026),
  empty: Buffer.alloc(0),
};

/**
 * The original with another entry near each end. Only a server's facts show that it is another
 * file.
 */
const changed = Buffer.from(original);
for (const from of [2, COUNT - 5].map((i) => (i * original.length) / COUNT))
  changed.write("2027", changed.indexOf('"timestamp":"', from) + 13);

/** @param {AsyncIterable<import("skill-log").Entry>} entries */
async function timesOf(entries) {
  const times = [];
  for await (const { timestamp } of entries) times.push(timestamp);
  return times;
}

/** @param {AsyncIterable<import("skill-log").LogRecord>} records */
async function* entriesIn(records) {
  for await (const { entry } of records) yield entry;
}

/**
 * Ways to read a log. Each returns the times of its entries, and asserts that all else agrees.
 *
 * @type {Record<string, (log: SessionLog) => Promise<string[]>>}
 */
const works = {
  "read forwards": (log) => timesOf(log.entries({ onDamage() {} })),
  "read backwards": async (log) =>
    (await timesOf(log.entries({ reverse: true, onDamage() {} }))).reverse(),
  "followed to its end": (log) => timesOf(entriesIn(log.follow({ onDamage() {} }))),
  async verified(log) {
    const { entries, damaged, bytes, pending } = await log.verify();
    const found = [original, ...Object.values(others)].find((file) => file.length === bytes);
    assert.deepEqual([entries, damaged, pending], [found && timesIn(found).length, 0, null]);
    return [];
  },
  async "indexed, and its entries read"(log) {
    const index = await log.index();
    noteRemoved(index);
    assert.deepEqual([index.damaged, index.pending], [0, null]);
    const numbers = numbersOf(index);
    const times = numbers.map((i) => index.row(i).timestamp);
    assert.deepEqual(
      (await index.entries(numbers)).map(({ timestamp }) => timestamp),
      times,
    );
    // By rows in turns from both ends, then by a single row.
    const some = Array.from({ length: 4 }, (_, i) => [i, times.length - 1 - i, times.length >> 1])
      .flat()
      .filter((i) => i >= 0 && i < times.length);
    assert.deepEqual(
      (await index.entries(some.map((i) => numbers[i]))).map(({ timestamp }) => timestamp),
      some.map((i) => times[i]),
    );
    if (times.length > 0)
      assert.equal((await index.entry(numbers[times.length - 1])).timestamp, times.at(-1));
    return times;
  },
  async "indexed, and the index refreshed"(log) {
    const index = await log.index();
    await index.refresh();
    // The log is replaced at most once, and that may be now.
    for (let left = 2; !isDeepStrictEqual(await index.refresh(), UNCHANGED); left -= 1)
      assert(left > 0, "each refresh changes the index");
    noteRemoved(index);
    assert.deepEqual([index.damaged, index.pending], [0, null]);
    return rowsOf(index).map(({ timestamp }) => timestamp);
  },
};

/** How many indexes removed rows of a file, and read another file. */
let renewed = 0;

/** @param {import("skill-log").LogIndex} index */
function noteRemoved(index) {
  if (index.removed > 0) renewed += 1;
}

/** @type {WeakMap<Buffer, string[]>} */
const known = new WeakMap();

/** @param {Buffer} file */
function timesIn(file) {
  const times =
    known.get(file) ??
    [...file.toString().matchAll(/"timestamp":"(.*?)"/g)].map(([, time]) => time);
  known.set(file, times);
  return times;
}

/**
 * Does some work on a log, and calls `before` before each request to its server.
 *
 * @param {import("./log-server.js").LogServer} server
 * @param {Answer} answer
 * @param {(log: SessionLog) => Promise<string[]>} work
 * @param {(request: number) => void} before
 * @returns {Promise<string[] | null>} null after a REPLACED
 */
async function doneWhile(server, answer, work, before) {
  let requests = 0;
  server.answer = (request, response) => {
    before((requests += 1));
    answer(request, response, server.file);
  };
  try {
    return await work(await SessionLog.from(server.url));
  } catch (error) {
    assert.ok(error instanceof SkillLogError);
    assert.equal(error.code, "REPLACED", error.stack);
    return null;
  }
}

for (const [says, answer] of Object.entries(servers)) {
  for (const [done, work] of Object.entries(works)) {
    const served = `${done}, from a server that sends ${says}`;
    test(`returns one file's entries, or REPLACED, when replaced while ${served}`, async (t) => {
      const server = await logServer(t, original);
      let requests = 0;
      rangesLeft = 3;
      const before = (/** @type {number} */ request) => (requests = request);
      const times = await doneWhile(server, answer, work, before);
      if (done !== "verified") assert.deepEqual(times, timesIn(original));
      const most = requests + 1;
      let refused = 0;
      renewed = 0;
      const hasVersion = /an ETag|a date/.test(says);
      for (const [is, other] of Object.entries({
        ...others,
        ...(hasVersion && { "the same in most bytes": changed }),
      })) {
        for (let replaced = 1; replaced < most; replaced += 1) {
          rangesLeft = 3;
          server.file = original;
          const given = await doneWhile(server, answer, work, (request) => {
            if (request === replaced) server.file = other;
          });
          if (given === null) refused += 1;
          else if (done !== "verified") {
            const isOfOne = [original, other].some((file) =>
              isDeepStrictEqual(timesIn(file), given),
            );
            assert(
              isOfOne,
              `${given.length} entries of two files, of which the second is ${is}: it came before request ${replaced} of ${requests}`,
            );
          }
        }
      }
      // A server that sends the whole file at once leaves no time to replace it.
      if (!says.startsWith("the whole"))
        assert(refused + renewed > 0, "no reading met a replaced log");
    });

    test(`returns the log's entries when it grows while ${served}`, async (t) => {
      const server = await logServer(t, original);
      for (const often of [1, 2, 3]) {
        rangesLeft = 3;
        server.file = original;
        let count = COUNT;
        const grow = (/** @type {number} */ request) => {
          if (request % often !== 0) return;
          server.file = Buffer.concat([original, linesOf((count += 1) - COUNT, 2025, COUNT)]);
        };
        const growing =
          done === "verified"
            ? async (/** @type {SessionLog} */ log) => (await log.verify(), [])
            : done.endsWith("refreshed")
              ? refreshedOnce
              : work;
        const times = await doneWhile(server, answer, growing, grow);
        assert(times, `REPLACED for a log that grew at each request that ${often} divides`);
        if (done === "verified") continue;
        assert(times.length >= COUNT);
        assert.deepEqual(times, timesIn(server.file).slice(0, times.length));
      }
    });
  }
}

/** @param {SessionLog} log */
async function refreshedOnce(log) {
  const index = await log.index();
  const { length } = index;
  assert.deepEqual(await index.refresh(), { added: index.length - length, removed: 0 });
  return rowsOf(index).map(({ timestamp }) => timestamp);
}

test("returns one file's entries, or REPLACED, when a log changes at random", async (t) => {
  const server = await logServer(t, original);
  const random = new Random(7);
  let given = 0;
  for (let round = 0; round < 300; round += 1) {
    const [says, answer] = random.pick(Object.entries(servers));
    const [done, work] = random.pick(
      Object.entries(works).filter(([done]) => !/refreshed|verified/.test(done)),
    );
    let year = 2000;
    let count = COUNT;
    /** Every state of every file. @type {Buffer[]} */
    const states = [(server.file = linesOf(count, year))];
    rangesLeft = random.below(8);
    const times = await doneWhile(server, answer, work, () => {
      const chance = random.below(8);
      if (chance > 1) return;
      if (chance === 0) count = COUNT - 1 + random.below(4);
      year += chance === 0 ? 1 : 0;
      server.file = chance === 0 ? linesOf(count, year) : linesOf((count += 1), year);
      states.push(server.file);
    });
    if (times === null) continue;
    given += 1;
    const isOfOne = states.some((state) => isDeepStrictEqual(timesIn(state), times));
    assert(
      isOfOne,
      `round ${round}: ${done}, from a server that sends ${says}: ${times.length} entries, from ${times[0]} to ${times.at(-1)}`,
    );
  }
  assert(given > 50, `only ${given} readings returned entries`);
});
