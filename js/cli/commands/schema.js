// `skill-log schema`.

import { Argument } from "commander";

import { engineSchemas } from "../schemas/engine-schemas.js";
import { schemaColumns, schemaText } from "../schemas/entry-schema.js";
import { stdout } from "../terminal/output.js";

/** @import { Command } from "commander" */

const JSON_SCHEMA = "json-schema";

/** @typedef {keyof typeof engineSchemas} Engine */

/** @param {Command} command */
export function define(command) {
  command
    .usage("[options] [KIND]")
    .addArgument(
      new Argument("[KIND]", "the kind of schema")
        .choices([JSON_SCHEMA, ...Object.keys(engineSchemas)])
        .default(JSON_SCHEMA),
    )
    .addHelpText(
      "after",
      `
Kinds:
  json-schema  draft 2020-12; every line that skill-log writes is valid under it
  duckdb       a statement that makes the table function skill_log('FILES')
  clickhouse   the structure for file(), s3() and CREATE TABLE
  spark        the schema for spark.read.schema() and CREATE TABLE
  arrow        Python code that makes a pyarrow.Schema

All are made from the Rust types of an entry. Members that a line leaves out are
NULL, but empty or 0 in ClickHouse. Timestamps are texts, because the types of
the engines lose nanoseconds, offsets or early years. Integers have 64 bits and
a sign. input is a JSON text, and only DuckDB tells "1" from 1 in it: the others
print a string without its quotes.

Examples:
  $ skill-log schema > entry.schema.json
  $ skill-log schema | jq .required
  $ duckdb -init <(skill-log schema duckdb) -c "FROM skill_log('lake/**/*.jsonl')"`,
    )
    .action((/** @type {typeof JSON_SCHEMA | Engine} */ kind) =>
      stdout.write(kind === JSON_SCHEMA ? schemaText() : engineSchemas[kind](schemaColumns())),
    );
}
