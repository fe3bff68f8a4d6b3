// A list from the cache of summaries says what reading the logs says.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { Sessions } from "skill-log";

import { Random } from "../../conformance/random.js";
import { line } from "../support/lines.js";
import {
  BODY,
  cacheFile,
  changeLists,
  directories,
  indexLater,
  LATER,
  listLater,
  LOGS,
  sign,
} from "./cached-logs.js";
import { assertSameAsEach } from "./same-as-each.js";

test("lists the same from the cache, and opens no log, when nothing changed", async (t) => {
  const { dir, cache } = directories(t, LOGS);
  const expected = await listLater(dir, false);
  assert.deepEqual(await listLater(dir, cache), expected);
  const before = fs.statSync(cacheFile(cache, "list")).mtimeMs;
  t.mock.method(fs, "openSync", refuseLogs(fs.openSync));
  assert.deepEqual(await listLater(dir, cache), expected);
  assert.equal(fs.statSync(cacheFile(cache, "list")).mtimeMs, before, "it lacked nothing");
});

/** @param {typeof fs.openSync} open */
function refuseLogs(open) {
  return (/** @type {Parameters<typeof fs.openSync>} */ ...args) => {
    assert.ok(!String(args[0]).endsWith(".jsonl"), `${args[0]} was opened`);
    return open(...args);
  };
}

/** @type {[what: string, change: (at: (name: string) => string) => void][]} */
const changes = [
  ["logs grow", (at) => Object.keys(LOGS).forEach((name) => fs.appendFileSync(at(name), "\n"))],
  ["a log gets an entry", (at) => fs.appendFileSync(at("a"), `${line("z")}\n`)],
  ["logs are removed", (at) => ["a", "c"].forEach((name) => fs.rmSync(at(name)))],
  ["a log is cut", (at) => fs.truncateSync(at("a"), 20)],
  [
    "logs change their names",
    (at) => {
      fs.renameSync(at("a"), at("x"));
      fs.renameSync(at("b"), at("a"));
      fs.renameSync(at("x"), at("b"));
    },
  ],
  ["a log is replaced", (at) => [fs.rmSync(at("a")), fs.writeFileSync(at("a"), LOGS.c)]],
  ["a log comes", (at) => fs.writeFileSync(at("new"), LOGS.b)],
];

for (const [what, change] of changes) {
  test(`lists what there is when ${what}`, async (t) => {
    const { dir, cache } = directories(t, LOGS);
    await listLater(dir, cache);
    change((name) => path.join(dir, `${name}.jsonl`));
    const expected = await listLater(dir, false);
    for (let round = 0; round < 3; round += 1)
      assert.deepEqual(await listLater(dir, cache), expected, `round ${round}`);
  });
}

test("lists a change within one tick of the clock that keeps the size", async (t) => {
  const { dir, cache } = directories(t, {});
  const file = path.join(dir, "a.jsonl");
  const skill = async () => {
    const sessions = await Sessions.open(dir, { cache });
    const { value } = await sessions.list().next();
    await sessions.close();
    return value?.skill;
  };
  for (let round = 0; round < 20; round += 1) {
    fs.writeFileSync(file, `${line("a")}\n`);
    assert.equal(await skill(), "a");
    const { atimeMs, mtimeMs } = fs.statSync(file);
    fs.writeFileSync(file, `${line("b")}\n`);
    fs.utimesSync(file, atimeMs / 1000, mtimeMs / 1000);
    assert.equal(await skill(), "b");
  }
});

test("lists the same when the cache was changed or cut anywhere", async (t) => {
  await changeLists(t, 300);
});

test("gives summaries of the right shape when the cache was forged", async (t) => {
  const { dir, cache } = directories(t, LOGS);
  await listLater(dir, cache);
  const file = cacheFile(cache, "list");
  const whole = fs.readFileSync(file);
  const random = new Random(5);
  const { now } = Date;
  for (let round = 0; round < 1000; round += 1) {
    const bytes = Buffer.from(whole);
    const first = BODY + 8 * random.below(2);
    const at = random.chance(0.2) ? first : BODY + random.below(bytes.length - BODY);
    bytes[at] ^= random.chance(0.5) ? 1 << random.below(8) : random.below(256);
    sign(bytes);
    fs.writeFileSync(file, bytes);
    Date.now = () => now() + LATER;
    const sessions = await Sessions.open(dir, { cache });
    let count = 0;
    for await (const summary of sessions.list()) {
      assert.deepEqual(typesOf(summary), expectedTypes(summary.entries > 0), `round ${round}`);
      count += 1;
    }
    Date.now = now;
    assert.equal(count, Object.keys(LOGS).length);
    await sessions.close();
  }
});

/** @param {Record<string, any>} summary */
function typesOf({ pending: _, modified, ...rest }) {
  const types = Object.entries(rest).map(([name, value]) => [name, typeof value]);
  return { ...Object.fromEntries(types), modified: modified instanceof Date };
}

/** @param {boolean} hasEntries */
function expectedTypes(hasEntries) {
  const text = { first: "string", last: "string", skill: "string", final_status: "string" };
  const counts = { bytes: "number", entries: "number", damaged: "number", foreign: "number" };
  return { id: "string", ...counts, ...(hasEntries && text), modified: true };
}

test("keeps the rows of logs that were not read when much has changed", async (t) => {
  const { dir, cache } = directories(t, LOGS);
  await indexLater(dir, cache);
  await listLater(dir, cache);
  const rows = cacheFile(cache, "rows");
  const before = fs.statSync(rows).mtimeMs;
  fs.writeFileSync(path.join(dir, "long.jsonl"), `${line("long")}\n`.repeat(60_000));
  assert.equal((await listLater(dir, cache)).length, 6);
  assert.notEqual(fs.statSync(rows).mtimeMs, before, "the cache lacked much");
  t.mock.method(fs, "openSync", refuseLogs(fs.openSync));
  const index = await indexLater(dir, cache);
  t.mock.restoreAll();
  await assertSameAsEach(dir, index);
});
