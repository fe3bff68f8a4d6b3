// Whether real engines take what `skill-log verify --for` says that they take, and nothing else.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";

import { decode, encode } from "skill-log";

import { line } from "../js/support/lines.js";
import { temporaryFolder } from "../js/support/temporary-folder.js";
import { ask, skillLog, withoutEngines } from "./engine.js";

/** @import { Engine } from "./engine.js" */

const plain = line("tdd", { duration_ms: 5 });

/** Returns a line whose input is spelled so. @param {string} input */
const withInput = (input) =>
  plain.replace('"final_status"', () => `"input":${input},"final_status"`);

/** Returns a line with more members at its end. @param {string} members */
const withMembers = (members) => plain.replace(/\}$/, () => `,${members}}`);

/** Returns a line with arrays in input, so that it nests so deep. @param {number} depth */
const nested = (depth) => withInput("[".repeat(depth - 1) + "]".repeat(depth - 1));

/** Returns a line of so many bytes. @param {number} length */
const long = (length) =>
  withMembers(`"message":"${"m".repeat(length - withMembers('"message":""').length)}"`);

/** @type {Record<string, string | Buffer>} */
const small = {
  plain,
  "depth 255": nested(255),
  "depth 256": nested(256),
  "depth 1000": nested(1000),
  "depth 1001": nested(1001),
  "depth 1023": nested(1023),
  "depth 1024": nested(1024),
  "depth 1025": nested(1025),
  "whole number of 20 digits": withInput(`{"n":${"9".repeat(20)}}`),
  "whole number of 38 digits": withInput(`{"n":${"1".repeat(38)}}`),
  "whole number of 100 digits": withInput(`{"n":${"1".repeat(100)}}`),
  "whole number of 1,000 digits": withInput(`{"n":${"1".repeat(1000)}}`),
  "whole number of 1,001 digits": withInput(`{"n":${"1".repeat(1001)}}`),
  "number with 999 decimals": withInput(`{"n":0.${"1".repeat(999)}}`),
  "number with 1,000 decimals": withInput(`{"n":0.${"1".repeat(1000)}}`),
  "quote and line end in input": withInput(String.raw`{"k":"a\"b\n"}`),
  "backslash in input": withInput(String.raw`{"k":"a\b"}`),
  "tab in input": withInput(String.raw`["\t"]`),
  "escape character in input": withInput(String.raw`["\u001b"]`),
  "name of 50,000": withInput(`{"${"n".repeat(50_000)}":1}`),
  "name of 50,001": withInput(`{"${"n".repeat(50_001)}":1}`),
  "largest whole double": withInput('{"n":9007199254740992}'),
  "whole number beyond doubles": withInput('{"n":9007199254740993}'),
  "largest duration": plain.replace(":5", ":9223372036854775807"),
  "smallest duration": plain.replace(":5", ":-9223372036854775808"),
  "largest double": withInput('{"n":1.7976931348623157e308}'),
  "more than a double": withInput('{"n":1e309}'),
  "not UTF-8 in input": Buffer.from(withInput('{"k":"\xff"}'), "latin1"),
  "lone high surrogate in input": withInput(String.raw`{"k":"\ud800"}`),
  "pair of surrogates in input": withInput(String.raw`{"k":"\ud83d\ude00"}`),
  "lone surrogate in a name": withInput(String.raw`{"\ud800":1}`),
  "repeated member": withMembers('"skill":"other"'),
  "repeated member that is null": withMembers('"skill":null'),
  "repeated in an attempt": withMembers(
    '"attempts":[{"attempt":1,"model":"m","model":null,"verified":true}]',
  ),
  "repeated in input": withInput('{"a":1,"a":2}'),
  "member in another case": plain.replace('"skill"', '"Skill"'),
  "the line null": "null",
  "NUL in a text": withMembers(String.raw`"message":"a\u0000b"`),
  "NUL in input": withInput(String.raw`{"a\u0000":"\u0000"}`),
  "U+2028 in a text": withMembers('"message":"a\u2028b"'),
  "blanks, and CR LF": `${withInput(' {\r"a" :\t1 } ')}\r`,
  "earliest timestamp": plain.replace(/"timestamp":"[^"]*"/, '"timestamp":"0000-01-01T00:00:00Z"'),
  "string in input": withInput('"a \\"quoted\\" text"'),
  "null in input": withInput("null"),
};

/**
 * Cases that are large, for the engines that have a limit there. DuckDB takes some lines that are
 * up to twice as long as its limit, depending on what is in its buffer.
 *
 * @type {Record<string, Partial<Record<Engine, true>> & { line: string }>}
 */
const large = {
  "line of 16 MiB": { line: long(16 << 20), duckdb: true, clickhouse: true },
  "line of 33 MiB": { line: long(33 << 20), duckdb: true, clickhouse: true },
  "text of 20,000,000": {
    line: withInput(`"${"x".repeat(20_000_000)}"`),
    spark: true,
    clickhouse: true,
  },
  "text of 20,000,001": {
    line: withInput(`"${"x".repeat(20_000_001)}"`),
    spark: true,
    clickhouse: true,
  },
  "text of 20,000,001 in input": {
    line: withInput(`{"k":"${"x".repeat(20_000_001)}"}`),
    spark: true,
  },
};

/** @type {Record<Engine, string[]>} the programs that each needs */
const engines = { duckdb: [], clickhouse: [], spark: ["java"], polars: [], pandas: [], jq: ["jq"] };

for (const [name, programs] of Object.entries(engines)) {
  const engine = /** @type {Engine} */ (name);
  test(`${engine} takes lines when verify --for ${engine} has no objection, and no others`, {
    skip: withoutEngines(...programs),
  }, (t) => {
    const folder = temporaryFolder(t);
    const cases = [
      ...Object.entries(small),
      ...Object.entries(large)
        .filter(([, { [engine]: isFor }]) => isFor)
        .map(([title, { line }]) => /** @type {const} */ ([title, line])),
    ].map(([title, line], at) => {
      const file = path.join(folder, `${at}.jsonl`);
      const expected = path.join(folder, `${at}.expected`);
      fs.writeFileSync(file, Buffer.concat([Buffer.from(line), Buffer.from("\n")]));
      fs.writeFileSync(expected, encode(decode(Buffer.from(line), { input: "raw" })));
      return { title, file, expected };
    });
    const files = cases.map(({ file }) => file);
    const reports = skillLog("verify", "--for", engine, "--json", ...files)
      .trim()
      .split("\n")
      .map((report) => JSON.parse(report));
    const answers = ask(
      engine,
      cases.map(({ file, expected }) => ({ files: [file], expected })),
    );
    const outcome = (/** @type {number} */ at) => {
      const { error, same } = answers[at];
      return error !== undefined ? "refused" : same ? "taken" : "changed";
    };
    // Which of two members holds differs, and the second may be what the format says.
    const isSame = (/** @type {number} */ at, /** @type {string} */ said) =>
      outcome(at) === said ||
      (cases[at].title.startsWith("repeated") && said === "changed" && outcome(at) === "taken");
    const said = cases.map(({ title }, at) => {
      const outcomes = reports[at].for.found.map((/** @type {any} */ found) => found.outcome);
      const said = outcomes.includes("refused") ? "refused" : (outcomes[0] ?? "taken");
      return `${title}: ${isSame(at, said) ? outcome(at) : said}`;
    });
    const seen = cases.map(({ title }, at) => `${title}: ${outcome(at)}`);
    const why = answers.map((answer, at) => (said[at] === seen[at] ? "" : JSON.stringify(answer)));
    assert.deepEqual(seen, said, why.filter(Boolean).join("\n"));
  });
}
