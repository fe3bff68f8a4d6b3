// The table in README.md is the bench's own, and names rows that there are.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { rows as browserRows } from "./browser/rows.js";
import { between, browserMarks, markdown, marks, replaced } from "./readme.js";
import { rows } from "./rows.js";

const text = (/** @type {string} */ path) => readFileSync(new URL(path, import.meta.url), "utf8");
const readme = text("../README.md");
const expected = text("fixtures/results.md").trim();

test("results give exactly this table", () => {
  assert.equal(markdown(JSON.parse(text("fixtures/results.json"))), expected);
});

test("a table takes the place of the one before, and nothing else changes", () => {
  for (const place of [marks, browserMarks]) {
    const page = replaced(readme, place, expected);
    assert.equal(between(page, place), expected);
    assert.equal(replaced(page, place, between(readme, place)), readme);
    assert.throws(() => replaced("a page without the marks", place, expected), /no place between/);
  }
});

test("the table in README is well-formed, and each of its rows exists", () => {
  checkTable(between(readme, marks), /Node v\d+\.\d+\.\d+/, rows.map(({ name }) => name));
});

test("so are the tables of the browsers", () => {
  const tables = between(readme, browserMarks).split("\n\n").reduce((/** @type {string[]} */ all, part, i) => {
    if (i % 2 === 0) all.push(part);
    else all.push(`${all.pop()}\n\n${part}`);
    return all;
  }, []);
  const names = browserRows.flatMap(({ figures }) => figures.map(({ name }) => name));
  assert.equal(tables.length, 2);
  checkTable(tables[0], /Chromium \d+\.\d+/, names);
  checkTable(tables[1], /Firefox \d+\.\d+/, names);
});

/**
 * @param {string} table with the machine's line
 * @param {RegExp} where what it says it was measured in
 * @param {string[]} names of the rows that there are
 */
function checkTable(table, where, names) {
  const [machine, blank, head, rule, ...lines] = table.split("\n");
  assert.match(machine, new RegExp(`^.+, \\d+ cores, .+, ${where.source}:$`));
  assert.deepEqual([blank, head, rule], expected.split("\n").slice(1, 4));
  /** @type {string[]} */
  const named = [];
  for (const line of lines) {
    const cells = line.split("|").slice(1, -1).map((cell) => cell.trim());
    assert.equal(cells.length, 5, line);
    const [work, ours, peer, ratio, required] = cells;
    if (work) {
      named.push(/^\S.* \(`(\S+)`\)$/.exec(work)?.[1] ?? assert.fail(line));
      assert.match(ours, /^[\d.]+ \S/, line);
    }
    if (peer) assert.match(peer, /: ([\d.]+ \S.*|cannot \(.+\))$/, line);
    if (ratio) assert.match(ratio, /^\*\*[\d.]+ ×\*\* \([\d.]+–[\d.]+\)$/, line);
    if (required) assert.match(required, /^[≥≤] /, line);
  }
  assert.deepEqual(named, names.filter((name) => named.includes(name)), "in the bench's order, each once");
  assert.ok(named.length > 0);
}

test("the plot in README is there", () => {
  const [, path] = /!\[.+\]\((bench\/plots\/.+\.svg)\)/.exec(readme) ?? assert.fail("no plot");
  assert.match(text(`../${path}`), /^<svg xmlns=.*<\/svg>\n$/s);
});
