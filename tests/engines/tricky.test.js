// Exports of tricky logs are read identically by all engines, and equal what `skill-log read` prints.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";

import { line, TORN } from "../js/support/lines.js";
import { temporaryFolder } from "../js/support/temporary-folder.js";
import { ask, skillLog, withoutEngines } from "./engine.js";

/** @import { Engine } from "./engine.js" */

const one = line("one");
const two = line("two", { duration_ms: 2 });
const three = line("three", { message: "3" });

/** Returns a line whose input is spelled so. @param {string} input */
const withInput = (input) => one.replace('"final_status"', () => `"input":${input},"final_status"`);

/**
 * What is in each log, and how many entries it has.
 *
 * @type {Record<string, [text: string | Buffer, entries: number]>}
 */
const logs = {
  "a torn line before an entry": [`${one}\n${TORN}${two}\n${three}\n`, 3],
  "entries that touch": [`${one}${two}\n${three}\n`, 3],
  "a run of NULs before an entry": [`${one}\n${"\0".repeat(512)}${two}\n`, 2],
  "a line that is no JSON": [`${one}\nnot an entry\n${two}\n`, 2],
  "a torn last line": [`${one}\n${two}\n${TORN}`, 2],
  "a last line without its line end": [`${one}\n${two}`, 2],
  "a byte order mark": [`\ufeff${one}\n${two}\n`, 2],
  "CR LF, and blank lines": [`\r\n${one}\r\n\r\n\n${two}\r\n`, 2],
  "line separators of Unicode": [
    `${withInput('{"k":"a\u2028b\u2029\u0085"}')}\n${line("\u2028", { message: "\u2029" })}\n`,
    2,
  ],
  "bytes that are not UTF-8": [
    Buffer.from(`${withInput('{"k":"\xff\xfe"}')}\n${one.replace("one", "o\xffe")}\n`, "latin1"),
    2,
  ],
  "surrogates without their pair": [
    `${withInput(String.raw`{"k":"\ud800","\udc00x":"\ud83d\ude00"}`)}\n${one.replace("one", String.raw`\ud800`)}\n`,
    2,
  ],
  "repeated members, in any order and case": [
    `{"FINAL_STATUS":"ok","skill":"a",${one.slice(1, -1)},"skill":null,"attempts":[{"attempt":1,"model":"m"}],"attempts":[{"verified":true}]}\n`,
    1,
  ],
  "an entry in input, and NULs in texts": [
    `${withInput(`{"k":${two},"n":"\\u0000"}`)}\n${line("\0", { message: "\0" })}\n${one}\n`,
    3,
  ],
};

const engines = /** @type {Record<string, Engine>} */ ({
  DuckDB: "duckdb",
  ClickHouse: "clickhouse",
  Spark: "spark",
  jq: "jq",
  pandas: "pandas",
  polars: "polars",
});

/** What polars changes in `input`, as `skill-log verify --for polars` says. */
const polarsLoses = new Set(["an entry in input, and NULs in texts"]);

for (const [name, engine] of Object.entries(engines)) {
  const programs = { spark: ["java"], jq: ["jq"] }[/** @type {string} */ (engine)] ?? [];
  test(`${name} reads the entries of skill-log read when a tricky log was exported`, {
    skip: withoutEngines(...programs),
  }, (t) => {
    const folder = temporaryFolder(t);
    const requests = Object.entries(logs).map(([title, [text, count]], at) => {
      const log = path.join(folder, `${at}.jsonl`);
      const exported = path.join(folder, `exported-${at}.jsonl`);
      const expected = path.join(folder, `expected-${at}`);
      fs.writeFileSync(log, text);
      skillLog("export", log, "-o", exported);
      fs.writeFileSync(expected, skillLog("read", log, "--json"));
      assert.equal(fs.readFileSync(expected, "utf8").split("\n").length - 1, count, title);
      return { files: [exported], expected };
    });
    const answers = ask(engine, requests);
    for (const [at, title] of Object.keys(logs).entries()) {
      if (engine === "polars" && polarsLoses.has(title))
        assert.ok(answers[at].same === false, title);
      else assert.deepEqual(answers[at], { same: true }, title);
    }
  });
}
