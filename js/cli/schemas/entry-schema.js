// The JSON Schema of an entry, which the build writes beside the command line.

import { readFileSync } from "node:fs";

import { columnsOf } from "./columns.js";

/** Returns the text of the JSON Schema of an entry. */
export function schemaText() {
  return readFileSync(new URL("../entry.schema.json", import.meta.url), "utf8");
}

/** Returns the columns of a table of entries. */
export function schemaColumns() {
  return columnsOf(JSON.parse(schemaText()));
}
