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

/** How far to put the clock forward, in milliseconds, so that no file seems to be new,
 * and each that ends within a line is unfinished. */
export const LATER = 120_000;

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
 * Opens logs, as if a while after they were written.
 *
 * @template T
 * @param {string} dir
 * @param {string | false} cache
 * @param {(sessions: Sessions) => Promise<T>} use
 * @param {import("skill-log").SessionsOptions} [options]
 */
export async function later(dir, cache, use, options) {
  await wait(12);
  const { now } = Date;
  Date.now = () => now() + LATER;
  try {
    const sessions = await Sessions.open(dir, { cache, ...options });
    const used = await use(sessions);
    await sessions.close();
    return used;
  } finally {
    Date.now = now;
    await wait(12);
  }
}

/**
 * Indexes logs with a cache, as if a while after they were written.
 *
 * @param {string} dir
 * @param {string} cache
 */
export function indexLater(dir, cache) {
  return later(dir, cache, (sessions) => sessions.index());
}

/**
 * Lists logs with a cache or without one, as if a while after they were written.
 *
 * @param {string} dir
 * @param {string | false} cache
 */
export function listLater(dir, cache) {
  return later(dir, cache, (sessions) => listed(sessions));
}

/** @param {Sessions} sessions */
async function listed(sessions) {
  const summaries = [];
  for await (const summary of sessions.list()) summaries.push(summary);
  return summaries;
}

/**
 * Returns the file of a cache that has the rows, or the summaries of a list.
 *
 * @param {string} cache
 * @param {"rows" | "list"} kind
 */
export function cacheFile(cache, kind) {
  const names = fs.readdirSync(cache).filter((name) => name.endsWith(`.${kind}`));
  assert.equal(names.length, 1, `one cache of the kind: ${names.join(", ")}`);
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
  await indexLater(dir, cache);
  await changeFile(dir, cache, "rows", count, async (sessions) => {
    const index = await sessions.index();
    return [index.range(0, index.length), index.damage, index.stats()];
  });
}

/**
 * Changes or cuts a cache of summaries many times, and asserts that the list is the same.
 *
 * @param {TestContext} t
 * @param {number} count
 */
export async function changeLists(t, count) {
  const { dir, cache } = directories(t, LOGS);
  await listLater(dir, cache);
  await changeFile(dir, cache, "list", count, listed);
}

/**
 * Changes or cuts the one file of a cache many times, and asserts that the same is found.
 *
 * @param {string} dir
 * @param {string} cache
 * @param {"rows" | "list"} kind
 * @param {number} count
 * @param {(sessions: Sessions) => Promise<unknown>} find
 */
async function changeFile(dir, cache, kind, count, find) {
  const file = cacheFile(cache, kind);
  const whole = fs.readFileSync(file);
  const random = new Random(7);
  const { now } = Date;
  let expected;
  for (let round = 0; round < count; round += 1) {
    const bytes = Buffer.from(whole);
    const at = random.below(bytes.length);
    if (random.chance(0.7)) bytes[at] ^= 1 << random.below(8);
    // The first round has the cache as it is.
    if (round > 0) fs.writeFileSync(file, random.chance(0.7) ? bytes : bytes.subarray(0, at));
    Date.now = () => now() + LATER;
    const sessions = await Sessions.open(dir, { cache });
    const found = JSON.stringify(await find(sessions));
    Date.now = now;
    expected ??= found;
    assert.equal(found, expected, `round ${round}, byte ${at}`);
    await sessions.close();
    for (const name of fs.readdirSync(cache))
      if (name !== path.basename(file)) fs.rmSync(path.join(cache, name));
  }
}
