// The faults: many processes append to many sessions while others read them, and readers that write
// the cache are killed.

import assert from "node:assert/strict";
import fs from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";

import { Sessions } from "skill-log";

import { Random } from "../conformance/random.js";
import { ready, run, start } from "./child.js";
import { temporaryDirectory } from "./directory.js";
import { lineOf, numberedEntry } from "./numbered-entry.js";
import { onDisk } from "./small-disk.js";

/** How often a reader is killed. */
const KILLS = 200;

test("sees every entry once when eight processes append to 500 sessions", async () => {
  const dir = temporaryDirectory();
  const cache = join(temporaryDirectory(), "cache");
  const each = 700;
  const readers = ["list", "index", "refresh", "follow"].map((way) => ({
    way,
    ...start("many-sessions-reader.js", [dir, cache, way, 8 * each]),
  }));
  await ready(...readers);
  const writers = Array.from({ length: 8 }, (_, at) =>
    run("many-sessions-writer.js", [dir, `w${at}`, 500, each]),
  );
  for (const { code, stdout, stderr } of await Promise.all(writers)) {
    assert.equal(code, 0, stderr);
    assert.equal(stdout.trim().split("\n").length, each);
  }
  for (const { process } of readers) process.stdin.end();
  for (const { way, ended } of readers) {
    const { code, stdout, stderr } = await ended;
    assert.equal(code, 0, `${way}: ${stderr}`);
    const { count, damaged } = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
    assert.deepEqual({ way, count, damaged }, { way, count: 8 * each, damaged: 0 });
  }
  for (const options of [{ cache }, {}]) {
    const sessions = await Sessions.open(dir, options);
    const index = await sessions.index();
    const entries = await index.entries(index.select());
    const names = entries.map(({ skill, phase }) => `${skill} ${phase}`);
    assert.deepEqual([names.length, new Set(names).size], [8 * each, 8 * each]);
    await sessions.close();
  }
});

test("the cache never lies when readers are killed while they write it", async () => {
  const dir = temporaryDirectory();
  const cache = join(temporaryDirectory(), "cache");
  const random = new Random(5);
  let number = 0;
  for (let round = 0; round < KILLS; round += 1) {
    for (let more = 0; more < 100; more += 1, number += 1) {
      const session = `${random.below(200)}`;
      const entry = numberedEntry({ session, writer: "w", number, length: 300 });
      fs.appendFileSync(join(dir, `${session}.jsonl`), lineOf(entry));
    }
    const way = random.chance(0.5) ? "index" : "list";
    const reader = start("many-sessions-reader.js", [dir, cache, way, 0]);
    // It starts, then reads, then writes the cache.
    await wait(60 + random.below(150));
    reader.process.kill("SIGKILL");
    await reader.ended;
    const sessions = await Sessions.open(dir, { cache });
    const index = await sessions.index();
    const entries = await index.entries(index.select());
    const numbers = new Set(entries.map(({ phase }) => Number(phase)));
    let listed = 0;
    for await (const summary of sessions.list()) listed += summary.entries;
    const expected = [number, number, number, 0];
    assert.deepEqual([entries.length, numbers.size, listed, index.damaged], expected);
    await sessions.close();
  }
  // What killed writers left goes when it is an hour old.
  for (const name of fs.readdirSync(cache)) fs.utimesSync(join(cache, name), 1, 1);
  // So many logs are not in the cache that it is written again.
  for (let more = 0; more < 500; more += 1)
    fs.writeFileSync(join(dir, `more-${more}.jsonl`), "{}\n");
  const sessions = await Sessions.open(dir, { cache });
  await sessions.index();
  await sessions.close();
  const names = fs.readdirSync(cache).map((name) => name.replace(/^[\da-f]{16}\./, ""));
  assert.deepEqual(names.sort(), ["list", "rows"]);
});

test("reads the logs, and leaves no file, when the disk of the cache is full", {
  skip: process.platform !== "linux" && "the test mounts a disk as Linux does",
}, async () => {
  const dir = temporaryDirectory();
  const cache = temporaryDirectory();
  fs.writeFileSync(join(dir, "a.jsonl"), "{}\n".repeat(20_000));
  const under = onDisk(cache, `"$@" </dev/null; ls -A ${cache} >&2`);
  const { code, stdout, stderr } = await run("many-sessions-reader.js", [dir, cache, "index", 0], {
    under,
  });
  assert.equal(code, 0, stderr);
  assert.equal(stderr, "");
  assert.equal(JSON.parse(stdout.trim().split("\n").at(-1) ?? "").count, 20_000);
});
