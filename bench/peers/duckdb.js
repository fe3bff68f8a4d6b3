// DuckDB, in memory, in this process. It uses all processors, and the other contenders use one.

import { join } from "node:path";

import { say } from "../../scripts/command.js";

/** The columns that an index holds of each entry. */
const columns = `{
  timestamp: 'VARCHAR', skill: 'VARCHAR', phase: 'VARCHAR', final_status: 'VARCHAR', model_used: 'VARCHAR', duration_ms: 'BIGINT',
  attempts: 'STRUCT(verified BOOLEAN)[]'
}`;
const rowColumns = `timestamp::TIMESTAMPTZ AS timestamp, skill, phase, final_status, model_used, duration_ms,
  len(attempts) AS attempts, attempts[-1].verified AS verified`;

/** The columns that hold text. `input` is text that includes its keys. */
const texts = `{
  session_id: 'VARCHAR', timestamp: 'VARCHAR', skill: 'VARCHAR', phase: 'VARCHAR', project_root: 'VARCHAR', input: 'JSON',
  attempts: 'STRUCT(model VARCHAR, output_summary VARCHAR, runner_output VARCHAR)[]', final_status: 'VARCHAR', file_path: 'VARCHAR',
  model_used: 'VARCHAR', message: 'VARCHAR'
}`;
const plain = [
  "session_id",
  "timestamp",
  "skill",
  "phase",
  "project_root",
  "final_status",
  "file_path",
  "model_used",
  "message",
  "input::VARCHAR",
];
const ofAttempt = ["model", "output_summary", "runner_output"];

/** Opens a database. Says so and returns `null` when DuckDB is not installed. */
export async function openDuckDb() {
  const duckdb = await import("@duckdb/node-api").catch((error) => {
    if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
    say("DuckDB is not installed, so the row leaves it out");
    return null;
  });
  if (!duckdb) return null;
  const instance = await duckdb.DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const number = async (/** @type {string} */ query) =>
    Number((await connection.runAndReadAll(query)).getRows()[0][0]);
  const index = async (
    /** @type {string} */ path,
    /** @type {string} */ columns,
    /** @type {string} */ selected,
  ) => {
    await connection.run(`CREATE OR REPLACE TABLE rows AS SELECT ${selected}
      FROM read_json(${quoted(path)}, format = 'newline_delimited', columns = ${columns})`);
    return number("SELECT count(*) FROM rows");
  };
  return {
    /**
     * Makes a table of what an index holds, and returns its number of rows.
     *
     * @param {string} path
     */
    index: (path) => index(path, columns, rowColumns),
    /**
     * Makes a table of what an index of many sessions holds: also the session of each row.
     *
     * @param {string} dir
     */
    indexEach: (dir) =>
      index(
        join(dir, "*.jsonl"),
        columns.replace("{", "{ session_id: 'VARCHAR',"),
        `session_id, ${rowColumns}`,
      ),
    /**
     * Counts the entries that hold a text.
     *
     * @param {string} path
     * @param {{ text: string, ignoreCase?: boolean }} wanted
     */
    search(path, { text, ignoreCase = false }) {
      const holds = (/** @type {string} */ column) =>
        ignoreCase
          ? `contains(lower(${column}), ${quoted(text.toLowerCase())})`
          : `contains(${column}, ${quoted(text)})`;
      const inAttempt = ofAttempt
        .map((field) => `coalesce(${holds(`each.${field}`)}, false)`)
        .join(" OR ");
      return number(`SELECT count(*) FROM read_json(${quoted(path)}, format = 'newline_delimited', columns = ${texts})
        WHERE ${plain.map(holds).join(" OR ")} OR len(list_filter(attempts, lambda each: ${inAttempt})) > 0`);
    },
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** @param {string} text */
function quoted(text) {
  return `'${text.replaceAll("'", "''")}'`;
}
