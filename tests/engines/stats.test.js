// The queries of integrations/ answer in the real engines what `skill-log stats --json` answers.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";

import { encode } from "skill-log";

import { randomEntry } from "../conformance/random-entries.js";
import { Random } from "../conformance/random.js";
import { TORN } from "../js/support/lines.js";
import { temporaryFolder } from "../js/support/temporary-folder.js";
import { ask, query, skillLog, withoutEngines } from "./engine.js";
import { cluster, statsOf, statsQueries } from "./stats.js";

/** @import { Engine } from "./engine.js" */

/**
 * Texts, timestamps and durations at the ends of what the format holds. No two timestamps are the
 * same instant, because then the first one in the log is shown.
 */
const edges = [
  { timestamp: "0000-01-01T00:00:00.000000001Z", skill: "" },
  { timestamp: "0000-02-29T12:00:00+23:59" },
  { timestamp: "0001-01-01T00:00:00Z", skill: "a\0b" },
  { timestamp: "1899-12-31T23:59:59.999999999-23:59", skill: 'it\'s "quoted" \\ ; -- 日本語' },
  { timestamp: "1900-02-28T23:59:00Z" },
  { timestamp: "1969-12-31T23:59:59.5Z" },
  { timestamp: "1970-01-01T00:59:00+01:00", duration_ms: -5 },
  { timestamp: "2000-02-29T23:59:59Z", duration_ms: 9007199254740991 },
  { timestamp: "2026-03-01T01:30:00+05:30" },
  { timestamp: "2026-02-28T20:00:00.000000001Z" },
  { timestamp: "2299-12-31T23:59:59Z" },
  { timestamp: "9999-12-31T23:59:59.999999998Z" },
  { timestamp: "9999-12-31T23:59:59.999999999Z" },
];

/** Lengths of time that need bars of other lengths: when the last entry is, where there is any. */
const ends = {
  "no entry": undefined,
  "an instant": "1969-12-31T23:59:59.75Z",
  "a minute": "1970-01-01T00:01:00Z",
  "a day": "1970-01-02T07:00:00+07:00",
  "24 bars": "1970-01-01T22:59:59Z",
  "a year": "1971-01-01T00:00:00Z",
};

/**
 * Writes a log of entries from an instant to another, and its export.
 *
 * @param {import("node:test").TestContext} t
 * @param {string | undefined} until
 */
function span(t, until) {
  const folder = temporaryFolder(t);
  const timestamps = until ? ["1969-12-31T23:59:59.5Z", until, until] : [];
  const lines = timestamps.map((timestamp) =>
    encode({ session_id: "s", skill: "a", final_status: "", timestamp }),
  );
  fs.writeFileSync(path.join(folder, "s.jsonl"), Buffer.concat(lines));
  const file = path.join(temporaryFolder(t), "entries.jsonl");
  skillLog("export", folder, "-o", file);
  return { folder, file };
}

/** @param {import("node:test").TestContext} t */
function logs(t) {
  const folder = temporaryFolder(t);
  const random = new Random(16);
  for (let session = 0; session < 5; session += 1) {
    const id = `session-${session}`;
    const lines = Array.from({ length: 400 * session }, () => encode(randomEntry(random, id)));
    if (session === 4) {
      for (const edge of edges)
        lines.push(encode({ session_id: id, skill: "edge", final_status: "", ...edge }));
      // Damage, which neither counts.
      lines.push(Buffer.from(`${TORN}\n`), Buffer.from("\0\0\0\n"));
    }
    if (lines.length > 0) fs.writeFileSync(path.join(folder, `${id}.jsonl`), Buffer.concat(lines));
  }
  return folder;
}

for (const engine of /** @type {Engine[]} */ (["duckdb", "clickhouse", "spark"])) {
  const programs = engine === "spark" ? ["java"] : [];
  test(`${engine} answers as skill-log stats when it is asked by the queries of integrations/`, {
    skip: withoutEngines(...programs),
  }, (t) => {
    const folder = logs(t);
    const expected = statsOf(folder);
    const file = path.join(temporaryFolder(t), "entries.jsonl");
    skillLog("export", folder, "-o", file);
    // And of times that need shorter bars.
    const spans = Object.entries(ends)
      // A query takes seconds in Spark.
      .filter(([name]) => engine !== "spark" || ["no entry", "24 bars"].includes(name))
      .map(([name, until]) => ({ name, ...span(t, until) }));
    const [{ rows, error }, ...spanAnswers] = ask(
      engine,
      [
        { files: [file], queries: statsQueries(engine) },
        ...spans.map(({ file }) => ({ files: [file], queries: [query(engine, "over_time.sql")] })),
      ],
      cluster,
    );
    assert.equal(error, undefined);
    assert.equal(expected[0][0].entries, 4000 + edges.length);
    assert.deepEqual(rows, expected);
    for (const [at, { name, folder }] of spans.entries()) {
      const [, , , bars] = statsOf(folder);
      assert.deepEqual(spanAnswers[at], { rows: [bars] }, name);
    }
  });
}
