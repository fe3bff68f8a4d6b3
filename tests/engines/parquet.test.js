// integrations/spark/to_parquet.py, run by spark-submit on a cluster of two worker processes.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";

import { encode } from "skill-log";

import { enginesFolder, inEnvironment } from "../../scripts/setup.js";
import { temporaryFolder } from "../js/support/temporary-folder.js";
import { query, skillLog, withoutEngines } from "./engine.js";

const job = fileURLToPath(new URL("../../integrations/spark/to_parquet.py", import.meta.url));

test("writes each entry to the folder of its UTC day when spark-submit runs the job", {
  skip: withoutEngines("java"),
}, (t) => {
  const folder = temporaryFolder(t);
  const timestamps = [
    "2026-03-01T00:30:00+01:00",
    "2026-02-28T23:59:59.999999999Z",
    "2026-02-28T01:00:00-23:59",
    "2026-03-01T12:00:00Z",
    "1969-12-31T23:00:00-01:30",
  ];
  const lines = Array.from({ length: 1000 }, (_, at) =>
    encode({
      session_id: "s",
      timestamp: timestamps[at % 5],
      skill: `skill ${at}`,
      input: { at },
      attempts: [{ attempt: 1, model: "m", verified: at % 2 === 0 }],
      final_status: "ok",
      duration_ms: at,
    }),
  );
  fs.writeFileSync(path.join(folder, "s.jsonl"), Buffer.concat(lines));
  const exported = path.join(folder, "exported.jsonl");
  skillLog("export", path.join(folder, "s.jsonl"), "-o", exported);
  fs.writeFileSync(path.join(folder, "schema.ddl"), skillLog("schema", "spark"));
  const python = inEnvironment(enginesFolder, "python", process.platform);
  const home = fs
    .readdirSync(path.join(enginesFolder, "lib"))
    .map((version) => path.join(enginesFolder, "lib", version, "site-packages", "pyspark"))[0];
  const lake = path.join(folder, "lake");
  const { status, stderr } = spawnSync(
    path.join(home, "bin", "spark-submit"),
    [
      ["--master", "local-cluster[2,1,1024]"],
      ["--conf", "spark.ui.enabled=false"],
      ["--conf", "spark.driver.bindAddress=127.0.0.1"],
      ["--conf", "spark.driver.host=127.0.0.1"],
      [job, "schema.ddl", exported, lake],
    ].flat(),
    {
      cwd: folder,
      encoding: "utf8",
      env: {
        ...process.env,
        SPARK_HOME: home,
        SPARK_WORKER_DIR: path.join(folder, "work"),
        SPARK_LOCAL_IP: "127.0.0.1",
        PYSPARK_PYTHON: python,
      },
    },
  );
  assert.equal(status, 0, stderr.slice(-3000));
  const code = `
import duckdb, json, sys
relation = f"read_parquet('{sys.argv[1]}/*/*.parquet', hive_partitioning = true)"
days = duckdb.sql(f"SELECT CAST(date AS VARCHAR), count(*) FROM {relation} GROUP BY 1 ORDER BY 1")
duckdb.sql(f"CREATE VIEW entries AS FROM {relation}")
groups = duckdb.sql(sys.stdin.read()).fetchall()
print(json.dumps({"days": days.fetchall(), "sessions": [row[2:] for row in groups if row[0] == "session"]}))
`;
  const read = spawnSync(python, ["-c", code, lake], {
    encoding: "utf8",
    input: query("duckdb", "groups.sql"),
  });
  assert.equal(read.status, 0, read.stderr);
  assert.deepEqual(JSON.parse(read.stdout), {
    days: [
      ["1970-01-01", 200],
      ["2026-02-28", 400],
      ["2026-03-01", 400],
    ],
    sessions: [[1000, 1, 1, 0.5, 0.5, 500, 950, 999]],
  });
});
