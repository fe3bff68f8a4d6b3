// `skill-log schema`.

import { readFileSync } from "node:fs";

import { Argument } from "commander";

import { stdout } from "../terminal/output.js";

/** @import { Command } from "commander" */

/** Each kind of schema, and its file. */
const kinds = { "json-schema": new URL("../entry.schema.json", import.meta.url) };

/** @param {Command} command */
export function define(command) {
  command
    .usage("[options] [KIND]")
    .addArgument(
      new Argument("[KIND]", "the kind of schema")
        .choices(Object.keys(kinds))
        .default("json-schema"),
    )
    .addHelpText(
      "after",
      `
Every line that skill-log writes is valid under this schema (draft 2020-12).

Examples:
  $ skill-log schema > entry.schema.json
  $ skill-log schema | jq .required`,
    )
    .action((/** @type {keyof typeof kinds} */ kind) =>
      stdout.write(readFileSync(kinds[kind], "utf8")),
    );
}
