// What an export of hosts and the engines over it are measured against.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs, { linkSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { HostLake } from "../../js/cli/exporting/lake/host-lake.js";
import { digestOf } from "../../js/cli/exporting/lake/identities.js";
import { UNKNOWN } from "../../js/cli/exporting/lake/log-reading.js";
import { SUMMARY } from "../../js/cli/exporting/lake/summary.js";
import { root } from "../../scripts/command.js";
import { ask, query } from "../../tests/engines/engine.js";
import { cluster } from "../../tests/engines/stats.js";
import { sessionsOf } from "../directories.js";
import { logOf } from "../logs.js";
import { spread } from "../measure.js";
import {
  timeAgainstExported,
  timeAgainstExportedSessions,
  timeAgainstRuns,
} from "../plots/subjects.js";
import { scratch } from "../scratch.js";

/** @import { Engine } from "../../tests/engines/engine.js" */

/**
 * @typedef {object} Kind
 * @property {string} name
 * @property {string} unit of the sizes
 * @property {number[]} sizes
 * @property {import("../plots/draw.js").Subject} subject
 * @property {(size: number, rounds: number) => Promise<Record<string, number>> | Record<string, number>
 *   } measure returns the seconds that each way takes
 */

/** @type {Kind[]} */
export const kinds = [
  {
    name: "size",
    unit: "GB",
    sizes: [1, 2, 4],
    subject: timeAgainstExported,
    measure(size) {
      const log = logOf(1000 * size);
      const dir = scratch();
      linkSync(log.path, join(dir, `${log.id}.jsonl`));
      return measureExport(dir, log.entries);
    },
  },
  {
    name: "sessions",
    unit: "sessions",
    sizes: [100, 1_000, 10_000],
    subject: timeAgainstExportedSessions,
    measure(size) {
      const { dir, entries } = sessionsOf(size, "2kb");
      return measureExport(dir, entries);
    },
  },
  {
    name: "runs",
    unit: "earlier runs",
    sizes: [100, 1_000, 10_000],
    subject: timeAgainstRuns,
    measure: measureRuns,
  },
];

const engines = /** @type {const} */ ({
  DuckDB: "duckdb",
  "ClickHouse (chdb)": "clickhouse",
  "Spark, 2 processes": "spark",
});

/**
 * Exports a directory, and counts in each engine.
 *
 * @param {string} dir
 * @param {number} entries
 */
function measureExport(dir, entries) {
  const lake = join(scratch(), "lake");
  /** @type {Record<string, number>} */
  const seconds = { "skill-log export": exportTo(lake, dir) };
  for (const [name, engine] of Object.entries(engines)) {
    const queries = [query(engine, "totals.sql")];
    // The first query of an engine finds it cold.
    const requests = [
      { files: [oneEntry()], queries },
      { lake, queries, timed: true },
    ];
    const [, answer] = ask(engine, requests, cluster);
    assert.equal(answer.rows?.[0][0].entries, entries, answer.error);
    seconds[`${name}, totals.sql`] = /** @type {number} */ (answer.seconds);
  }
  rmSync(lake, { recursive: true });
  return seconds;
}

/** Returns the path of a file with an entry. */
function oneEntry() {
  const file = join(scratch(), "one.jsonl");
  const entry = {
    session_id: "s",
    timestamp: "2026-01-01T00:00:00Z",
    skill: "a",
    final_status: "",
  };
  writeFileSync(file, `${JSON.stringify(entry)}\n`);
  return file;
}

/**
 * Runs an export to its end. Returns its seconds.
 *
 * @param {string} lake
 * @param {string} dir
 */
function exportTo(lake, dir) {
  const words = ["export", `h=${dir}`, "--partition", "-o", lake, "--quiet"];
  const start = performance.now();
  const program = join(root, "dist/cli/skill-log.js");
  const { status, stderr } = spawnSync(process.execPath, [program, ...words], { encoding: "utf8" });
  const seconds = (performance.now() - start) / 1_000;
  assert.equal(status, 0, stderr);
  return seconds;
}

/** How many sessions each run finds an entry in, and how many runs find entries of a session. */
const SESSIONS = 5;
const RUNS = 4;
const QUARTER = 15 * 60_000;

/**
 * Measures an export that has nothing new, after a number of runs. The logs of those are gone.
 *
 * @param {number} runs
 * @param {number} rounds
 */
async function measureRuns(runs, rounds) {
  const [dir, lake] = [join(scratch(), "logs"), join(scratch(), "lake")];
  mkdirSync(dir);
  const format = { extension: ".jsonl", compression: undefined, header: Buffer.alloc(0) };
  const { fsyncSync } = fs;
  // Takes minutes for thousands of runs, and nothing here must survive a power cut.
  fs.fsyncSync = () => {};
  const hostLake = HostLake.open(lake, "h");
  for (let run = 0; run < runs; run += 1) {
    const batch = hostLake.startBatch(format);
    for (let index = 0; index < SESSIONS; index += 1) {
      const session = `run-${Math.floor(run / RUNS) * SESSIONS + index}`;
      const timestamp = new Date(Date.UTC(2026, 0) + run * QUARTER).toISOString();
      const entry = { session_id: session, timestamp, skill: "tdd", final_status: "pass" };
      const line = Buffer.from(`${JSON.stringify(entry)}\n`);
      const digest = digestOf(line);
      batch.begin(session);
      await batch.add({
        ...{ offset: (run % RUNS) * line.length, digest, timestamp, line },
        changed: undefined,
      });
      const resume = ((run % RUNS) + 1) * line.length;
      const stamp = [1, run, 2, resume, 3, 4].map((part) => part * 1e15).join(":");
      batch.end({ ...UNKNOWN, stamp, resume, prefix: digest.toString("hex").repeat(2) });
    }
    await hostLake.commit(batch, format);
  }
  fs.fsyncSync = fsyncSync;
  const median = () => spread(Array.from({ length: rounds }, () => exportTo(lake, dir))).median;
  exportTo(lake, dir);
  const seconds = { "nothing new": median() };
  rmSync(join(lake, "_skill-log", "host=h", SUMMARY));
  return { ...seconds, "nothing new, the summary lost": median() };
}
