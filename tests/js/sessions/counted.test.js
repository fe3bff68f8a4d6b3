// Counting by the cache counts what searching an index finds, and leaves every log that it cannot
// know.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";

import { Sessions } from "skill-log";

import { Random } from "../../conformance/random.js";
import { directories, later, listLater } from "./cached-logs.js";

/** @param {string} message spelled as in JSON */
const line = (message) =>
  `{"session_id":"s","timestamp":"2026-01-31T18:00:00Z","skill":"a","final_status":"ok","message":"${message}"}`;

/** Lines of a clean log, some of which have the text. */
const LINES = [
  line("no"),
  line("a needle"),
  line("needle needle"),
  line("NEEDLE"),
  line("n\\u0065edle"),
  line("need le"),
  line("\\\\needle"),
  line("nee\\u017fdle"),
  `  ${line("needle")}  `,
  `${line("needle")}\r`,
  "",
];

/** Texts, and whether case is ignored. */
const TEXTS = /** @type {const} */ ([
  ["needle", false],
  ["Needle", true],
  ["\\needle", false],
  ["absent", false],
]);

/** What a log may have beside its lines, and what may happen to it later. */
const ODD = [
  `${line("needle")}${line("needle")}`,
  '{"needle":1}',
  line("needle").slice(0, 60),
  "\0",
];

/** @param {Random} random @param {boolean} isClean */
function textOf(random, isClean) {
  const lines = Array.from({ length: random.below(6) }, () => LINES[random.below(LINES.length)]);
  if (!isClean) lines.splice(random.below(lines.length + 1), 0, ODD[random.below(ODD.length)]);
  return lines.join("\n") + (random.below(8) === 0 ? "" : "\n");
}

/** @type {((file: string, random: Random) => void)[]} */
const CHANGES = [
  (file) => fs.appendFileSync(file, `${line("needle")}\n`),
  (file) => fs.rmSync(file),
  (file, random) => fs.writeFileSync(`${file}.new`, textOf(random, true)),
  (file) => fs.truncateSync(file, Math.floor(fs.statSync(file).size / 2)),
  (file) => fs.writeFileSync(file, fs.readFileSync(file, "utf8").replaceAll("needle", "neadle")),
  (file) => {
    fs.renameSync(file, `${file}.old`);
    fs.symlinkSync(`${file}.old`, file);
  },
  (file) => {
    fs.rmSync(file);
    fs.mkdirSync(file);
  },
];

for (const seed of [1, 2])
  test(`counts what an index finds when logs change at random (seed ${seed})`, async (t) => {
    const random = new Random(seed);
    let counted = 0;
    for (let round = 0; round < 12; round += 1) {
      const logs = Array.from({ length: 64 }, (_, at) => [`l${at}`, textOf(random, at % 20 > 0)]);
      const { base, dir, cache } = directories(t, Object.fromEntries(logs));
      await listLater(dir, cache);
      for (let changes = round % 4; changes > 0; changes -= 1)
        CHANGES[random.below(CHANGES.length)](
          path.join(dir, `l${20 * changes + random.below(19) + 1 - 20}.jsonl`),
          random,
        );
      for (const [text, ignoreCase] of TEXTS)
        await later(dir, cache, async (sessions) => {
          const found = await sessions.countCached(text, { ignoreCase });
          assert.ok(found, "so many logs are known");
          counted += found.counts.length;
          const expected = await countsOf(dir, text, ignoreCase);
          for (const { session, count, bytes } of found.counts) {
            assert.equal(count, expected.get(session), `${session}, ${text}, round ${round}`);
            assert.equal(bytes, fs.statSync(path.join(dir, `${session}.jsonl`)).size);
          }
          const named = [...found.counts.map(({ session }) => session), ...found.left].sort();
          const isLog = (/** @type {string} */ name) => name.endsWith(".jsonl");
          const there = fs.readdirSync(dir).filter(isLog);
          assert.deepEqual(named, there.map((name) => name.slice(0, -6)).sort());
        });
      fs.rmSync(base, { recursive: true });
    }
    assert.ok(counted > 1_000, `${counted} logs were counted`);
  });

/**
 * Counts with an index of all logs, made without a cache.
 *
 * @param {string} dir
 * @param {string} text
 * @param {boolean} ignoreCase
 */
async function countsOf(dir, text, ignoreCase) {
  const sessions = await Sessions.open(dir, { cache: false, threads: 1 });
  const index = await sessions.index({ onFailure: () => {} });
  const counts = new Map(index.logs().map(({ session }) => [session, 0]));
  for (const row of await index.search(text, { ignoreCase })) {
    const { session } = index.row(row);
    counts.set(session, (counts.get(session) ?? 0) + 1);
  }
  await sessions.close();
  return counts;
}

test("counts nothing when an index serves better", async (t) => {
  const { dir, cache } = directories(t, { a: `${line("18:00 needle")}\n` });
  const count = (/** @type {string} */ text, /** @type {object} */ options) =>
    later(dir, cache, (sessions) => sessions.countCached(text), options);
  assert.equal(await count("needle", {}), null, "there is no cache yet");
  await listLater(dir, cache);
  assert.equal((await count("needle", {}))?.counts[0].count, 1);
  assert.equal(await count("18:00", {}), null, "timestamps may have the text");
  assert.equal(await count("", {}), null, "every entry has it");
  assert.equal(await count("needle", { cache: false }), null);
  assert.equal(await count("needle", { recursive: true }), null);
  fs.writeFileSync(path.join(dir, "b.jsonl"), `${line("needle")}\n`);
  assert.equal(await count("needle", {}), null, "half of the logs are left");
});

test("rejects when an argument of a count is wrong, or the call was aborted", async (t) => {
  const { dir } = directories(t, {});
  const sessions = await Sessions.open(dir);
  const call = (/** @type {any} */ text, /** @type {any} */ options) =>
    sessions.countCached(text, options);
  await assert.rejects(call(/a/, {}), { code: "INVALID_ARGUMENT" });
  await assert.rejects(call("a", { ignoreCase: 1 }), { code: "INVALID_ARGUMENT" });
  await assert.rejects(call("a", { rows: [] }), { code: "INVALID_ARGUMENT" });
  await assert.rejects(call("a", { signal: AbortSignal.abort() }), { name: "AbortError" });
  await sessions.close();
  await assert.rejects(call("a", {}), { code: "CLOSED" });
});
