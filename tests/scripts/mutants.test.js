// Checks how the mutants are read, kept, explained and counted.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import test from "node:test";

import {
  fromCargoMutants,
  fromStryker,
  rangeOf,
  unexplained,
  withMutants,
  withResults,
} from "../../scripts/mutants.js";
import { groups } from "../mutants/groups.js";

/** @import { Mutant, Outcome, Reasons } from "../../scripts/mutants.js" */

const root = new URL("../../", import.meta.url);
const read = (/** @type {string} */ file) => readFileSync(new URL(file, root), "utf8");

/** @param {string} at @param {Outcome} outcome @returns {Mutant} */
const mutant = (at, outcome) => ({ at, code: "a < b", mutant: "replace < with <=", outcome });

const now = { code: "hash", all: 5, date: "2026-11-30", commit: "0123456789" };

/** @type {Reasons} */
const reasons = {
  "src/a.rs": [{ code: "a < b", mutants: ["replace < with <="], why: "a and b are never equal" }],
};

test("reads each mutant when cargo-mutants ran", () => {
  const scenario = (/** @type {number} */ line) => ({
    Mutant: {
      file: "src/a.rs",
      name: `src/a.rs:${line}:7: replace < with <= in f`,
      span: { start: { line, column: 7 } },
    },
  });
  const outcomes = [
    { scenario: "Baseline", summary: "Success" },
    { scenario: scenario(1), summary: "CaughtMutant" },
    { scenario: scenario(2), summary: "MissedMutant" },
    { scenario: scenario(3), summary: "Timeout" },
    { scenario: scenario(4), summary: "Unviable" },
  ];
  const found = fromCargoMutants({ outcomes }, () => "one\n  two\nthree\nfour\n");
  assert.deepEqual(
    found["src/a.rs"].map(({ at, code, mutant, outcome }) => [at, code, mutant, outcome]),
    [
      ["1:7", "one", "replace < with <= in f", "killed"],
      ["2:7", "two", "replace < with <= in f", "survived"],
      ["3:7", "three", "replace < with <= in f", "timed out"],
      ["4:7", "four", "replace < with <= in f", "not viable"],
    ],
  );
});

test("reads each mutant when StrykerJS ran", () => {
  const of = (/** @type {string} */ status) => ({
    location: { start: { line: 2, column: 3 }, end: { line: 2, column: 6 } },
    mutatorName: "BlockStatement",
    replacement: "{}",
    status,
  });
  const statuses = ["Killed", "Timeout", "Survived", "NoCoverage", "CompileError", "Ignored"];
  const report = { files: { "js/a.js": { source: "one\n  two\n", mutants: statuses.map(of) } } };
  const found = fromStryker(report)["js/a.js"];
  assert.deepEqual(found[0], {
    at: "2:3-2:6",
    code: "two",
    mutant: "BlockStatement {}",
    outcome: "killed",
  });
  assert.deepEqual(
    found.map(({ outcome }) => outcome),
    ["killed", "timed out", "survived", "survived", "not viable"],
  );
});

test("counts columns from 0 when StrykerJS mutates a place again", () => {
  assert.equal(rangeOf("js/a.js", "73:21-75:6"), "js/a.js:73:20-75:5");
});

test("replaces the outcome of a mutant when it runs again", () => {
  const once = withMutants(undefined, [mutant("1:1", "survived"), mutant("2:1", "killed")], now);
  const again = withMutants(once, [mutant("1:1", "killed")], now);
  assert.deepEqual(
    Object.values(again.mutants).map(({ outcome }) => outcome),
    ["killed", "killed"],
  );
});

test("drops the mutants of a file when it was changed", () => {
  const once = withMutants(undefined, [mutant("1:1", "survived")], now);
  const again = withMutants(once, [mutant("2:1", "killed")], { ...now, code: "other" });
  assert.deepEqual(Object.values(again.mutants), [mutant("2:1", "killed")]);
});

test("lists a survivor when it has no reason", () => {
  const other = { ...mutant("2:1", "survived"), mutant: "replace < with ==" };
  const result = withMutants(
    undefined,
    [mutant("1:1", "survived"), other, mutant("3:1", "killed")],
    now,
  );
  assert.deepEqual(unexplained("src/a.rs", result, reasons), [other]);
  assert.equal(unexplained("src/b.rs", result, reasons).length, 2);
});

const page = `before

<!-- mutants: written by \`npm run mutants -- --write\` -->
<!-- end of the mutants -->

after
`;

test("adds up the files of a language when one of them ran", () => {
  const a = withMutants(
    undefined,
    [mutant("1:1", "survived"), mutant("2:1", "killed"), mutant("3:1", "not viable")],
    now,
  );
  const b = withMutants(undefined, [mutant("1:1", "timed out"), mutant("2:1", "killed")], now);
  const first = withResults(page, { "src/b.rs": b, "js/a.js": b }, reasons);
  const both = withResults(first, { "src/a.rs": a }, reasons);
  assert.match(
    both,
    /^\| `src\/a\.rs` \| 1 \| 0 \| 1 \| 0 \| 2 \| 2026-11-30 \| `0123456789` \|$/m,
  );
  assert.match(both, /^\| `src\/b\.rs` \| 1 \| 1 \| 0 \| 0 \| 3 \| /m);
  assert.match(both, /^\| sum of `src\/`: 75\.0 % noticed \| 2 \| 1 \| 1 \| 0 \| 5 \| \| \|$/m);
  assert.match(both, /^\| sum of `js\/`: 100\.0 % noticed \| 1 \| 1 \| 0 \| 0 \| 3 \| \| \|$/m);
  assert.match(both, /^before\n[^]*\nafter\n$/);
  assert.equal(withResults(both, {}, reasons), both);
});

test("names code that exists when a survivor has a reason", () => {
  const all = /** @type {Reasons} */ (JSON.parse(read("tests/mutants/survivors.json")));
  for (const [file, lines] of Object.entries(all)) {
    const source = read(file)
      .split("\n")
      .map((line) => line.trim());
    for (const { code, mutants, why } of lines) {
      assert.ok(source.includes(code), `${file} has no line ${code}`);
      assert.ok(mutants.length > 0 && why.length > 0, code);
    }
  }
});

test("names files that exist when tests must notice their mutants", () => {
  for (const { files, tests } of Object.values(groups))
    for (const file of [...files, ...tests]) assert.ok(existsSync(new URL(file, root)), file);
});
