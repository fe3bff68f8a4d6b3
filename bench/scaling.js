// Measures how time grows with the size of a log, for each way to read a log.

import assert from "node:assert/strict";
import { createReadStream } from "node:fs";

import { SessionLog } from "skill-log";

import { lineOf } from "./fit.js";
import { logOf } from "./logs.js";
import { spread } from "./measure.js";
import { openDuckDb } from "./peers/duckdb.js";
import { goRead } from "./peers/go.js";
import { readline, split } from "./peers/readers.js";

/** @typedef {import("./logs.js").Log} Log */

/**
 * A way to read a log, and the largest size to try it at, in MB. `run` returns the number of
 * entries, and the time if it measured its own.
 *
 * @typedef {{ name: string, upTo: number, run: (log: Log) => Promise<import("./counted.js").Count>
 *   }} Way
 */

const sizes = [16, 64, 256, 1024, 4096];

/**
 * @param {{ quick: boolean }} scale
 * @returns {Promise<import("./fit.js").Line[]>}
 */
export async function scaling({ quick }) {
  const duckDb = await openDuckDb();
  const lines = [];
  for (const { name, upTo, run } of ways(duckDb)) {
    const points = [];
    for (const size of sizes.filter((each) => each <= upTo)) {
      const log = logOf(quick ? size / 10 : size);
      await cache(log);
      const times = [];
      // Small logs end before the code is compiled, so their round 0 does not count. Large logs
      // vary less.
      const [first, last] = size <= 256 ? [0, 3] : [1, 1];
      for (let round = first; round <= last; round++) {
        const time = await timeOf(log, run);
        if (round > 0) times.push(time);
      }
      points.push({ size: log.bytes / 1e6, seconds: spread(times).median / 1_000 });
    }
    lines.push(lineOf(name, points));
  }
  duckDb?.close();
  return lines;
}

/**
 * @param {Awaited<ReturnType<typeof openDuckDb>>} duckDb
 * @returns {Way[]}
 */
function ways(duckDb) {
  const go = goOnce();
  return [
    { name: "skill-log index", upTo: 4096, run: indexed },
    { name: "skill-log entries", upTo: 1024, run: eachEntry },
    ...(duckDb
      ? [
          {
            name: "DuckDB, the index's columns",
            upTo: 4096,
            run: (/** @type {Log} */ { path }) => duckDb.index(path),
          },
        ]
      : []),
    { name: readline.name, upTo: 1024, run: (log) => parsed(readline, log) },
    // A string holds at most 512 MB.
    { name: split.name, upTo: 256, run: (log) => parsed(split, log) },
    ...(go ? [{ name: "the Go original's Read", upTo: 1024, run: go }] : []),
  ];
}

/** @param {Log} log */
async function indexed({ path }) {
  const log = await SessionLog.from(path);
  const { length } = await log.index();
  await log.close();
  return length;
}

/** @param {Log} log */
async function eachEntry({ path }) {
  const log = await SessionLog.from(path);
  let count = 0;
  for await (const { skill } of log.entries()) count += Number(skill !== undefined);
  await log.close();
  return count;
}

/**
 * @param {import("./peers/readers.js").Reader} reader
 * @param {Log} log
 */
async function parsed({ read }, { path }) {
  let count = 0;
  await read(path, () => void count++);
  return count;
}

/** Starts a process per read with Go, so that its memory is free again after the read. */
function goOnce() {
  const probe = goRead({ dir: "", id: "", path: "", bytes: 0, entries: 0 });
  probe?.end();
  if (!probe) return null;
  return async (/** @type {Log} */ log) => {
    const go = goRead(log);
    if (!go) throw new Error("Go is no longer there");
    const result = await go.read();
    go.end();
    return result;
  };
}

/** Reads the file once, so that the timed read finds it in the page cache. @param {Log} log */
async function cache({ path, bytes }) {
  let read = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }))
    read += chunk.length;
  assert.equal(read, bytes);
}

/**
 * @param {Log} log
 * @param {Way["run"]} run
 */
async function timeOf(log, run) {
  const start = performance.now();
  const result = await run(log);
  const time = performance.now() - start;
  assert.equal(typeof result === "number" ? result : result.count, log.entries);
  // A log is read in one time, and never in several figures.
  return typeof result === "number" ? time : /** @type {number} */ (result.measured);
}
