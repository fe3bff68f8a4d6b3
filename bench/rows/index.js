// Indexing a whole log from its file.

import { linkSync, rmSync } from "node:fs";
import { join } from "node:path";

import { SessionLog } from "skill-log";

import { counted } from "../counted.js";
import { indexRow } from "../index-row.js";
import { logOf } from "../logs.js";
import { has, lineEnds, printed } from "../peers/commands.js";
import { openDuckDb } from "../peers/duckdb.js";
import { goRead } from "../peers/go.js";
import { held, readers } from "../peers/readers.js";
import { scratch } from "../scratch.js";
import { indexed as indexedEach } from "./sessions.js";

const jqRow =
  "[.timestamp, .skill, .phase, .final_status, .model_used, .duration_ms, (.attempts | length), .attempts[-1].verified]";

/** @type {import("../measure.js").Row[]} */
export const rows = [
  {
    name: "index/256",
    title: "index a 256 MB log",
    rounds: 3,
    async setUp({ quick }) {
      const log = logOf(quick ? 25.6 : 256);
      const { path, bytes, entries } = log;
      const go = goRead(log);
      const duckDb = await openDuckDb();
      return {
        unit: "MB/s",
        value: (time) => bytes / 1_000 / time,
        contenders: [
          counted("skill-log index", entries, () => indexed(path)),
          counted(
            "readFile + split + JSON.parse, all entries held",
            entries,
            async () => (await held(path)).length,
            { atLeast: 10 },
          ),
          ...(await readers()).map(({ name, read }) =>
            counted(`${name}, rows held`, entries, async () => {
              /** @type {object[]} */
              const rows = [];
              await read(path, (entry) => rows.push(indexRow(entry)));
              return rows.length;
            }),
          ),
          ...(go ? [counted("the Go original's Read", entries, go.read, { atLeast: 10 })] : []),
          ...(duckDb
            ? [counted("DuckDB, into a table", entries, () => duckDb.index(path), { atLeast: 1 })]
            : []),
          ...(has("jq")
            ? [
                counted(
                  "jq, the fields printed",
                  entries,
                  async () => lineEnds(await printed("jq", ["-c", jqRow, path])),
                  { process: true },
                ),
              ]
            : []),
          ...(has("grep")
            ? [
                counted(
                  "grep -c '' (counts lines)",
                  entries,
                  async () => Number(await printed("grep", ["-c", "", path])),
                  { process: true, lesser: true },
                ),
              ]
            : []),
        ],
        end() {
          go?.end();
          duckDb?.close();
        },
      };
    },
  },
  {
    name: "index/1gb-threads",
    title: "index a 1 GB log with 2 threads",
    rounds: 5,
    setUp({ quick }) {
      const { path, bytes, entries } = logOf(quick ? 102.4 : 1024);
      const dir = scratch();
      linkSync(path, join(dir, "bench.jsonl"));
      const contender = (
        /** @type {string} */ name,
        /** @type {number} */ threads,
        /** @type {object} */ about,
      ) => counted(name, entries, () => indexedEach(dir, { threads, cache: false }), about);
      return {
        unit: "MB/s",
        value: (time) => bytes / 1_000 / time,
        contenders: [
          contender("skill-log, threads: 2", 2, {}),
          contender("skill-log, threads: 1", 1, { atLeast: 1.6 }),
        ],
        end: () => rmSync(dir, { recursive: true }),
      };
    },
  },
];

/** @param {string} path */
async function indexed(path) {
  const log = await SessionLog.from(path);
  const { length } = await log.index();
  await log.close();
  return length;
}
