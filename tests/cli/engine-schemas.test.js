// The schemas of engines follow the Rust types, the TypeScript types and what is written.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import test from "node:test";

import { encode } from "skill-log";

import { ATTEMPT_MEMBERS, MEMBERS, REQUIRED } from "../../js/cli/exporting/lake/member-names.js";
import { entry } from "../js/support/lines.js";
import { program } from "./running.js";

/** @param {string} kind */
const schema = (kind) =>
  execFileSync(process.execPath, [program, "schema", kind], { encoding: "utf8" });

/** @param {string} file */
const source = (file) => fs.readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");

/**
 * Returns the names of a block's members.
 *
 * @param {string} text
 * @param {RegExp} start matches the start of the block
 * @param {RegExp} member its group is the name
 */
function members(text, start, member) {
  const from = text.slice(/** @type {number} */ (start.exec(text)?.index));
  return [...from.slice(0, from.indexOf("\n}")).matchAll(member)].map(([, name]) => name);
}

const written = JSON.parse(
  Buffer.from(
    encode(
      entry("x", {
        phase: "p",
        project_root: "/p",
        input: {},
        attempts: [
          { attempt: 1, model: "m", output_summary: "o", runner_output: "r", verified: true },
        ],
        file_path: "f",
        model_used: "m",
        duration_ms: 1,
        message: "m",
      }),
    ),
  ).toString(),
);

/** Who names the members of an entry and of an attempt. @type {Record<string, [string[], string[]]>} */
const others = {
  "the export of hosts": [[...MEMBERS], [...ATTEMPT_MEMBERS]],
  "a line": [Object.keys(written), Object.keys(written.attempts[0])],
  "src/entry.rs": /** @type {[string[], string[]]} */ (
    ["Entry", "Attempt"].map((name) =>
      members(source("src/entry.rs"), new RegExp(`^pub struct ${name}<`, "m"), /^ {4}pub (\w+):/gm),
    )
  ),
  "js/types.d.ts": /** @type {[string[], string[]]} */ (
    ["Entry", "Attempt"].map((name) =>
      members(
        source("js/types.d.ts"),
        new RegExp(`^export interface ${name}<`, "m"),
        /^ {2}(\w+)\??:/gm,
      ),
    )
  ),
};

/** How each kind spells an entry's column, and then an attempt's. @type {Record<string, RegExp[]>} */
const kinds = {
  duckdb: [/^ {2}(\w+): '/gm, /(?:STRUCT\(|, )(\w+) [A-Z]+(?=[,)])/g],
  clickhouse: [/^(\w+) /gm, /(?:Tuple\(|, )(\w+) \w+(?=[,)])/g],
  spark: [/^(\w+) /gm, /(?:STRUCT<|, )(\w+): \w+(?=[,>])/g],
  arrow: [/^ {4}pyarrow\.field\("(\w+)"/gm, /^ {8}pyarrow\.field\("(\w+)"/gm],
};

for (const [kind, [column, attempt]] of Object.entries(kinds)) {
  for (const [name, [columns, attempts]] of Object.entries(others)) {
    test(`has the members of ${name}, in their order, when the kind is ${kind}`, () => {
      const text = schema(kind);
      assert.deepEqual(
        [...text.matchAll(column)].map(([, found]) => found),
        columns,
      );
      assert.deepEqual(
        [...text.matchAll(attempt)].map(([, found]) => found),
        attempts,
      );
    });
  }
}

test("counts a line as foreign when it lacks a member that the schema requires", () => {
  assert.deepEqual(REQUIRED, JSON.parse(schema("json-schema")).required);
});
