// Logs whose rows are in a cache, and caches that were changed or forged.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Sessions } from "skill-log";

import { hash, initSync } from "../../../dist/skill_log.js";
import { Random } from "../../conformance/random.js";
import { line, TORN } from "../support/lines.js";
import { temporaryFolder } from "../support/temporary-folder.js";

/** @import { TestContext } from "node:test" */

initSync({ module: fs.readFileSync(new URL("../../../dist/skill_log_bg.wasm", import.meta.url)) });

/** Where the hash of a cache stands. It is of the bytes after it. */
const HASH = 16;
export const BODY = HASH + 8;

/** How far to put the clock forward, in milliseconds, so that no file seems to be new. */
export const LATER = 5_000;

/**
 * @param {TestContext} t
 * @param {Record<string, string>} files
 */
export function directories(t, files) {
  const base = temporaryFolder(t);
  const dir = path.join(base, "logs");
  fs.mkdirSync(dir);
  for (const [name, text] of Object.entries(files))
    fs.writeFileSync(path.join(dir, `${name}.jsonl`), text);
  return { base, dir, cache: path.join(base, "cache") };
}

/**
 * Indexes logs with a cache, as if a while after they were written.
 *
 * @param {string} dir
 * @param {string} cache
 */
export async function indexLater(dir, cache) {
  await wait(12);
  const { now } = Date;
  Date.now = () => now() + LATER;
  try {
    const sessions = await Sessions.open(dir, { cache });
    const index = await sessions.index();
    await sessions.close();
    return index;
  } finally {
    Date.now = now;
    await wait(12);
  }
}

/** @param {string} cache */
export function cacheFile(cache) {
  const names = fs.readdirSync(cache);
  assert.equal(names.length, 1, `one cache, and no other file: ${names.join(", ")}`);
  return path.join(cache, names[0]);
}

/** Writes the hash of a forged cache. @param {Uint8Array} bytes */
export function sign(bytes) {
  new DataView(bytes.buffer, bytes.byteOffset).setBigUint64(HASH, hash(bytes.subarray(BODY)), true);
}

export const LOGS = {
  a: `${line("a")}\n${line("b", { message: "a needle" })}\n`,
  b: `${line("b")}\n${TORN}\n${line("a")}\nKilled`,
  c: `${line("c")}\n${line("b")}`,
  d: `\0\0${TORN}`,
  empty: "",
};

/**
 * Changes or cuts a cache many times, and asserts that the index is the same.
 *
 * @param {TestContext} t
 * @param {number} count
 */
export async function changeCaches(t, count) {
  const { dir, cache } = directories(t, LOGS);
  const index = await indexLater(dir, cache);
  const file = cacheFile(cache);
  const whole = fs.readFileSync(file);
  const expected = JSON.stringify([index.range(0, index.length), index.damage, index.stats()]);
  const random = new Random(7);
  for (let round = 0; round < count; round += 1) {
    const bytes = Buffer.from(whole);
    const at = random.below(bytes.length);
    if (random.chance(0.7)) bytes[at] ^= 1 << random.below(8);
    fs.writeFileSync(file, random.chance(0.7) ? bytes : bytes.subarray(0, at));
    const { now } = Date;
    Date.now = () => now() + LATER;
    const sessions = await Sessions.open(dir, { cache });
    const found = await sessions.index();
    Date.now = now;
    const got = JSON.stringify([found.range(0, found.length), found.damage, found.stats()]);
    assert.equal(got, expected, `round ${round}, byte ${at}`);
    await sessions.close();
  }
  cacheFile(cache);
}
