// What `skill-log stats --json` answers, as the queries of integrations/ answer it.

import { query, skillLog } from "./engine.js";

/** @import { Engine, Row } from "./engine.js" */

/** Spark's two worker processes, each with a core. */
export const cluster = { SPARK_MASTER: "local-cluster[2,1,1024]" };

/** Returns the queries whose answers `statsOf` has. @param {Engine} engine */
export function statsQueries(engine) {
  return ["totals", "groups", "bytes", "over_time"].map((name) => query(engine, `${name}.sql`));
}

/**
 * Returns the rows that each of the queries must have.
 *
 * @param {...string} logs the operands and options of `skill-log stats`
 * @returns {Row[][]}
 */
export function statsOf(...logs) {
  const stats = JSON.parse(skillLog("stats", ...logs, "--json"));
  const { sessions, entries, first, last, bytes, over_time } = stats;
  const groups = ["day", "model", "phase", "session", "skill", "status"].flatMap((kind) =>
    rowsOf(kind, JSON.parse(skillLog("stats", ...logs, "--json", "--by", kind)).groups),
  );
  return [[{ sessions, entries, first, last }], groups, [{ bytes }], barsOf(over_time)];
}

/**
 * Returns the rows of a table of `skill-log stats` as the queries have them.
 *
 * @param {string} kind
 * @param {any[]} groups
 */
function rowsOf(kind, groups) {
  return groups
    .map(({ name, entries, attempts_mean, attempts_max, ...measured }) => ({
      kind,
      name,
      entries,
      attempts_mean,
      attempts_max,
      verified_rate: measured.verified_rate ?? null,
      first_try_rate: measured.first_try_rate ?? null,
      p50: measured.duration_ms?.p50 ?? null,
      p95: measured.duration_ms?.p95 ?? null,
      max: measured.duration_ms?.max ?? null,
    }))
    .sort(
      (a, b) => b.entries - a.entries || Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)),
    );
}

/**
 * Returns the bars of `over_time` as the queries have them: in seconds.
 *
 * @param {{ since: string, until: string, entries: number }[]} bars
 */
const barsOf = (bars) =>
  bars.map(({ since, until, entries }) => ({
    since: Date.parse(since) / 1000,
    until: Date.parse(until) / 1000,
    entries,
  }));
