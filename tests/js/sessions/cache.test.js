// The cache of many logs gives the answers that no cache gives.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { SessionLog, Sessions } from "skill-log";

import { Random } from "../../conformance/random.js";
import { line } from "../support/lines.js";
import {
  BODY,
  cacheFile,
  changeCaches,
  directories,
  indexLater,
  LATER,
  LOGS,
  sign,
} from "./cached-logs.js";
import { assertSameAsEach } from "./same-as-each.js";

test("gives the same index from the cache", async (t) => {
  const { dir, cache } = directories(t, LOGS);
  await assertSameAsEach(dir, await indexLater(dir, cache));
  const file = cacheFile(cache, "rows");
  const before = fs.statSync(file).mtimeMs;
  await assertSameAsEach(dir, await indexLater(dir, cache));
  assert.equal(fs.statSync(file).mtimeMs, before, "a cache that lacks nothing is not written");
});

/** @type {[what: string, more: string][]} */
const growths = [
  ["a line end", "\n"],
  ["an entry", `\n${line("a")}\n`],
  ["an entry on the last line", `${line("a")}\n`],
  ["NULs", "\0\0\0\n"],
];

for (const [what, more] of growths) {
  test(`gives the same index when logs in the cache grow by ${what}`, async (t) => {
    const { dir, cache } = directories(t, LOGS);
    await indexLater(dir, cache);
    // This index is from the cache, and grows.
    const index = await indexLater(dir, cache);
    for (const name of Object.keys(LOGS)) fs.appendFileSync(path.join(dir, `${name}.jsonl`), more);
    await index.refresh();
    await assertSameAsEach(dir, index);
    // This index is of the cache, which has less.
    await assertSameAsEach(dir, await indexLater(dir, cache));
  });
}

test("forgets damage when a log in the cache was repaired", async (t) => {
  const { dir, cache } = directories(t, LOGS);
  await indexLater(dir, cache);
  const log = await SessionLog.open(dir, "b");
  await log.repair();
  await log.close();
  await assertSameAsEach(dir, await indexLater(dir, cache));
});

test("takes no rows from the cache when files were renamed, copied, linked or replaced", async (t) => {
  const { dir, cache } = directories(t, LOGS);
  await indexLater(dir, cache);
  const at = (/** @type {string} */ name) => path.join(dir, `${name}.jsonl`);
  fs.renameSync(at("a"), at("x"));
  fs.copyFileSync(at("b"), at("a"));
  fs.linkSync(at("c"), at("y"));
  fs.renameSync(at("c"), at("e"));
  fs.writeFileSync(at("d"), `${line("d")}\n`);
  await assertSameAsEach(dir, await indexLater(dir, cache));
  await assertSameAsEach(dir, await indexLater(dir, cache));
});

test("notices a change within one tick of the clock that keeps the size", async (t) => {
  const { dir, cache } = directories(t, {});
  const file = path.join(dir, "a.jsonl");
  for (let round = 0; round < 20; round += 1) {
    fs.writeFileSync(file, `${line("a")}\n`);
    const sessions = await Sessions.open(dir, { cache });
    await sessions.index();
    await sessions.close();
    const { atimeMs, mtimeMs } = fs.statSync(file);
    fs.writeFileSync(file, `${line("b")}\n`);
    fs.utimesSync(file, atimeMs / 1000, mtimeMs / 1000);
    const again = await Sessions.open(dir, { cache });
    await assertSameAsEach(dir, await again.index());
    await again.close();
  }
});

test("gives the same index when the cache was changed or cut anywhere", async (t) => {
  await changeCaches(t, 300);
});

test("rejects with REPLACED, or gives the right entry, when the cache was forged", async (t) => {
  const { dir, cache } = directories(t, LOGS);
  const index = await indexLater(dir, cache);
  const right = await index.entries(index.select());
  const file = cacheFile(cache, "rows");
  const whole = fs.readFileSync(file);
  const random = new Random(11);
  let [forged, replaced] = [0, 0];
  for (let round = 0; round < 400; round += 1) {
    const bytes = Buffer.from(whole);
    const first = BODY + 8 * random.below(3);
    const at = random.chance(0.2) ? first : BODY + random.below(bytes.length - BODY);
    bytes[at] ^= random.chance(0.5) ? 1 << random.below(8) : random.below(256);
    sign(bytes);
    fs.writeFileSync(file, bytes);
    const { now } = Date;
    Date.now = () => now() + LATER;
    const sessions = await Sessions.open(dir, { cache });
    const found = await sessions.index();
    Date.now = now;
    found.logs();
    found.stats();
    assert.ok(Array.isArray(found.damage));
    for (const row of found.select()) {
      forged += 1;
      found.row(row);
      try {
        const entry = await found.entry(row);
        assert.ok(right.some((each) => JSON.stringify(each) === JSON.stringify(entry)));
      } catch (error) {
        assert.equal(/** @type {any} */ (error).code, "REPLACED", `round ${round}: ${error}`);
        replaced += 1;
      }
    }
    await sessions.close();
  }
  assert.ok(forged > replaced && replaced > 0);
});

/** @type {[what: string, forge: (text: string) => string][]} */
const notes = [
  ["no JSON", (text) => text.replace("[[", "[,")],
  ["of the wrong shape", (text) => text.replace('"damaged":', '"damagex":')],
  ["of a kind that does not exist", (text) => text.replace('"torn"', '"born"')],
];

for (const [what, forge] of notes) {
  test(`reads the logs when the cache's notes are ${what}`, async (t) => {
    const { dir, cache } = directories(t, LOGS);
    await indexLater(dir, cache);
    const file = cacheFile(cache, "rows");
    const text = fs.readFileSync(file, "latin1");
    assert.notEqual(forge(text), text);
    const bytes = Buffer.from(forge(text), "latin1");
    sign(bytes);
    fs.writeFileSync(file, bytes);
    // The logs grow, so that what the cache has is only their start.
    for (const name of Object.keys(LOGS))
      fs.appendFileSync(path.join(dir, `${name}.jsonl`), `\n${line("z")}\n`);
    await assertSameAsEach(dir, await indexLater(dir, cache));
  });
}

test("writes a private cache, and no cache is an error when it cannot be written", async (t) => {
  const { base, dir, cache } = directories(t, LOGS);
  await indexLater(dir, cache);
  assert.equal(fs.statSync(cache).mode & 0o777, 0o700);
  assert.equal(fs.statSync(cacheFile(cache, "rows")).mode & 0o777, 0o600);
  const file = path.join(base, "file");
  fs.writeFileSync(file, "");
  await assertSameAsEach(dir, await indexLater(dir, path.join(file, "below")));
  await assertSameAsEach(dir, await indexLater(dir, file));
  // A directory where the cache's file goes.
  const name = path.basename(cacheFile(cache, "rows"));
  fs.rmSync(path.join(cache, name));
  fs.mkdirSync(path.join(cache, name));
  await assertSameAsEach(dir, await indexLater(dir, cache));
  assert.deepEqual(fs.readdirSync(cache), [path.basename(cacheFile(cache, "list")), name]);
});

test("keeps the user's files in the directory of the cache", async (t) => {
  const { dir, cache } = directories(t, LOGS);
  fs.mkdirSync(cache);
  const own = ["my.rows.csv", "0123456789abcdef.rows.txt", "x.rows"];
  for (const name of own) {
    fs.writeFileSync(path.join(cache, name), "mine");
    fs.utimesSync(path.join(cache, name), 1, 1);
  }
  const lost = path.join(cache, "0123456789abcdef.rows.0123456789ab");
  fs.writeFileSync(lost, "of a writer that was killed");
  fs.utimesSync(lost, 1, 1);
  await indexLater(dir, cache);
  const left = fs.readdirSync(cache);
  assert.ok(own.every((name) => left.includes(name)) && left.length === own.length + 2);
});
