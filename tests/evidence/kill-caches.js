// A process is killed (SIGKILL) while it reads logs and writes their caches.

import assert from "node:assert/strict";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { Sessions } from "skill-log";

import { lineOf, numberedEntry } from "../faults/numbered-entry.js";
import { caseRandom } from "./case-random.js";
import { removeOrKeep } from "./kept-folders.js";
import { momentOf } from "./moments.js";
import { WarmWorkers } from "./workers.js";

/** The logs, those of them that change from case to case, and the entries of each at first. */
const LOGS = 40;
const CHANGED_LOGS = 20;
const ENTRIES = 100;

/** How old logs are until a cache is believed, in milliseconds: FAT has times of two seconds. */
const BELIEVED_AGE = 2_100;

/** After so many cases, the logs and the cache are as at first, so that they do not grow on. */
const LIFE = 50;

/** About how many changes writing two caches makes: a file is made, written and renamed. */
const CHANGES = 10;

/** @type {import("./row.js").Row} */
export const row = {
  name: "kill-caches",
  about: "Kills processes while they list and index a directory and write its caches",
  counts: "kills",
  short: 8,
  full: 500,
  code: ["tests/evidence/children"],
  async open(seed) {
    const warm = new WarmWorkers("cacher.js", 2);
    const base = mkdtempSync(join(tmpdir(), "skill-log-kills-"));
    const dir = join(base, "logs");
    const cache = join(base, "cache");
    const logs = new Logs(dir);
    await pause(BELIEVED_AGE);
    const duration = await durationOf(warm, { dir, cache });
    return {
      async run(number) {
        if (number % LIFE === 0) {
          logs.shorten();
          rmSync(cache, { recursive: true });
        }
        return killCaching({ seed, warm, dir, cache, logs, duration }, number);
      },
      async close(isFailed) {
        await warm.close();
        removeOrKeep(row.name, base, isFailed);
      },
    };
  },
};

/** Logs that other processes append to. */
class Logs {
  #dir;
  #numbers = 0;
  /** @type {number[]} the sizes of the logs at first */
  #sizes;

  /** @param {string} dir */
  constructor(dir) {
    this.#dir = dir;
    mkdirSync(dir);
    for (let each = 0; each < LOGS; each++) this.append(each, ENTRIES);
    this.#sizes = Array.from({ length: LOGS }, (_, log) => statSync(this.#path(log)).size);
  }

  /** @param {number} log */
  #path(log) {
    return join(this.#dir, `s${log}.jsonl`);
  }

  /** @param {number} log @param {number} count */
  append(log, count) {
    const session = `s${log}`;
    const lines = Array.from({ length: count }, () =>
      lineOf(numberedEntry({ session, writer: "writer", number: this.#numbers++, length: 250 })),
    );
    appendFileSync(this.#path(log), Buffer.concat(lines));
  }

  /** Takes all entries away that were appended since the logs were made. */
  shorten() {
    for (let log = 0; log < CHANGED_LOGS; log++) truncateSync(this.#path(log), this.#sizes[log]);
  }
}

/**
 * Returns how many milliseconds a new process takes to read all and to write both caches.
 *
 * @param {WarmWorkers} warm
 * @param {{ dir: string, cache: string }} job
 */
async function durationOf(warm, job) {
  const worker = await warm.take();
  const start = performance.now();
  await worker.run(job);
  const duration = performance.now() - start;
  await worker.end();
  assert.ok(readdirSync(job.cache).length >= 2, "no caches were written");
  return duration;
}

/**
 * Changes logs, kills a process that reads them and writes the caches, and compares what a cache
 * says with what the logs say.
 *
 * @param {{ seed: number, warm: WarmWorkers, dir: string, cache: string, logs: Logs, duration:
 *   number }} run
 * @param {number} number
 */
async function killCaching({ seed, warm, dir, cache, logs, duration }, number) {
  const random = caseRandom(seed, number);
  for (let each = 0; each < CHANGED_LOGS; each++)
    if (random.chance(0.7)) logs.append(each, random.between(1, 3));
  if (random.chance(0.2)) rmSync(cache, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  const before = namesIn(cache);
  const worker = await warm.take();
  const begin = () => worker.begin({ dir, cache });
  await momentOf(random, { dir: cache, changes: CHANGES, duration, begin });
  const isDone = worker.isDone;
  await worker.kill();
  const after = namesIn(cache);
  const isNew = (/** @type {string} */ name) => !before.includes(name);
  const met = {
    "before a cache was written": 0,
    "within a write": 0,
    "after a cache was written": 0,
  };
  if (after.some((name) => isNew(name) && /\.[\da-f]{12} /.test(name))) met["within a write"] = 1;
  else if (after.some(isNew)) met["after a cache was written"] = 1;
  else met["before a cache was written"] = 1;

  assert.deepEqual(
    await read(dir, cache),
    await read(dir, false),
    "a cache shows other logs than there are",
  );
  return isDone ? 0 : { units: 1, met };
}

/** Returns the name of each file of a directory, with when it was written. @param {string} cache */
function namesIn(cache) {
  return readdirSync(cache).map((name) => `${name} ${statSync(join(cache, name)).mtimeMs}`);
}

/**
 * Lists and indexes all logs.
 *
 * @param {string} dir
 * @param {string | false} cache
 */
async function read(dir, cache) {
  const sessions = await Sessions.open(dir, { cache, threads: 1 });
  const summaries = [];
  for await (const summary of sessions.list()) summaries.push(summary);
  const index = await sessions.index();
  const rows = index.range(0, index.length).map((row) => JSON.stringify(row));
  await sessions.close();
  return {
    summaries: summaries.sort((one, other) => (one.id < other.id ? -1 : 1)),
    rows: rows.sort(),
  };
}
