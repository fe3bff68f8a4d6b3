// 8 hosts with 4 sessions each: what engines find in an export that was killed again and again is what
// the writers' ledgers have, and what `skill-log stats` answers over the logs.
// `ENTRIES=200000 EXPORT_KILLS=50` is the full size.

import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import test, { after, before } from "node:test";

import { encode } from "skill-log";

import { checkLedger } from "../cli/hosts/ledger.js";
import { temporaryFolder } from "../js/support/temporary-folder.js";
import { ask, skillLog, withoutEngines } from "./engine.js";
import { cluster, statsOf, statsQueries } from "./stats.js";

/** @import { Engine } from "./engine.js" */

const entries = Number(process.env.ENTRIES ?? 4800);
const exportKills = Number(process.env.EXPORT_KILLS ?? 6);

const identities = "SELECT phase, session_id FROM entries";

/** @type {Awaited<ReturnType<typeof checkLedger>>} */
let written;
/** @type {ReturnType<typeof statsOf>} */
let stats;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "skill-log-"));
after(() => fs.rmSync(folder, { recursive: true }));
before(async () => {
  if (withoutEngines()) return;
  written = await checkLedger(folder, {
    ...{ seed: 4, hosts: 8, sessions: 4, entries, exportKills, writerKills: 1 },
    options: ["--compress", "gzip"],
  });
  // The export leaves out foreign lines, whose time is the year 1 for `stats`.
  stats = statsOf(written.logs, "--recursive", "--since", "2026-01-01");
});

for (const engine of /** @type {Engine[]} */ (["duckdb", "clickhouse", "spark"])) {
  const programs = engine === "spark" ? ["java"] : [];
  test(`${engine} finds what the ledgers of 8 hosts have when hosts and exports were killed`, {
    skip: withoutEngines(...programs),
  }, (t) => {
    const { lake, exported, appended, began, killed } = written;
    const requests = [{ lake, queries: [...statsQueries(engine), identities] }];
    const split = engine === "spark" ? largeExport(t) : undefined;
    const [{ rows = [], error }, parts] = ask(
      engine,
      [...requests, ...(split ? [{ files: [split.file], executors: true }] : [])],
      cluster,
    );
    assert.equal(error, undefined);
    const found = rows.pop()?.map(({ phase, session_id: session }) => {
      const [host] = phase.split("/");
      assert.ok(session.startsWith(`${host}/`), `${phase} is in ${session}`);
      return `${phase} ${session.slice(host.length + 1)}`;
    });
    const distinct = new Set(found);
    assert.equal(distinct.size, found?.length, "an entry is there twice");
    for (const identity of appended) assert.ok(distinct.has(identity), `${identity} is missing`);
    for (const identity of distinct) assert.ok(began.has(identity), `nobody wrote ${identity}`);
    assert.equal(distinct.size, exported.size);
    assert.deepEqual(rows, stats);
    t.diagnostic(JSON.stringify({ entries: distinct.size, killed }));
    if (split) checkSplit(parts, split);
  });
}

/**
 * Exports a log to a file that Spark reads in two parts.
 *
 * @param {import("node:test").TestContext} t
 */
function largeExport(t) {
  const folder = temporaryFolder(t);
  const line = encode({
    ...{ session_id: "s", timestamp: "2026-01-01T00:00:00Z", skill: "a", final_status: "x" },
    message: "m".repeat(8000),
  });
  const count = Math.ceil((16 << 20) / line.length);
  const log = path.join(folder, "s.jsonl");
  fs.writeFileSync(log, Buffer.concat(Array.from({ length: count }, () => line)));
  const lake = path.join(folder, "lake");
  skillLog("export", log, "--partition", "-o", lake);
  const [name] = fs.readdirSync(path.join(lake, "date=2026-01-01"));
  return { file: path.join(lake, "date=2026-01-01", name), count };
}

/**
 * Checks that both of Spark's processes read a part of the file.
 *
 * @param {import("./engine.js").Answer} answer
 * @param {ReturnType<typeof largeExport>} of
 */
function checkSplit({ rows: [parts] = [], error }, { file, count }) {
  assert.equal(error, undefined);
  assert.deepEqual(parts.map(({ executor }) => executor).sort(), ["0", "1"]);
  assert.deepEqual([...new Set(parts.map(({ start }) => start > 0))].sort(), [false, true]);
  for (const part of parts) assert.ok(part.file.endsWith(file), part.file);
  assert.equal(
    parts.reduce((sum, part) => sum + part.entries, 0),
    count,
  );
}
