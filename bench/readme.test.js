// The table in README.md is the bench's own, and names rows that there are.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { between, markdown, replaced } from "./readme.js";
import { rows } from "./rows.js";

const text = (/** @type {string} */ path) => readFileSync(new URL(path, import.meta.url), "utf8");
const readme = text("../README.md");
const expected = text("fixtures/results.md").trim();

test("results give exactly this table", () => {
  assert.equal(markdown(JSON.parse(text("fixtures/results.json"))), expected);
});

test("a table takes the place of the one before, and nothing else changes", () => {
  const page = replaced(readme, expected);
  assert.equal(between(page), expected);
  assert.equal(replaced(page, between(readme)), readme);
  assert.throws(() => replaced("a page without the marks", expected), /no place between/);
});

test("the table in README is well-formed, and each of its rows exists", () => {
  const [machine, blank, head, rule, ...lines] = between(readme).split("\n");
  assert.match(machine, /^.+, \d+ cores, .+, Node v\d+\.\d+\.\d+:$/);
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
  const names = rows.map(({ name }) => name);
  assert.deepEqual(named, names.filter((name) => named.includes(name)), "in the bench's order, each once");
  assert.ok(named.length > 0);
});

test("the plot in README is there", () => {
  const [, path] = /!\[.+\]\((bench\/plots\/.+\.svg)\)/.exec(readme) ?? assert.fail("no plot");
  assert.match(text(`../${path}`), /^<svg xmlns=.*<\/svg>\n$/s);
});
