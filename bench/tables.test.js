// The tables in RESULTS.md and docs/DESIGN.md are the bench's own, and README's figures are theirs.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { rows as browserRows } from "./browser/rows.js";
import { rows } from "./rows.js";
import {
  between,
  browserMarks,
  figures,
  limits,
  marks,
  replaced,
  targets,
  viewerMarks,
} from "./tables.js";
import { rows as viewerRows } from "./viewer/rows.js";

const text = (/** @type {string} */ path) => readFileSync(new URL(path, import.meta.url), "utf8");
const results = text("RESULTS.md");
const design = text("../docs/DESIGN.md");
const readme = text("../README.md");
const fixture = JSON.parse(text("fixtures/results.json"));
const expected = {
  figures: text("fixtures/figures.md").trim(),
  targets: text("fixtures/targets.md").trim(),
};

const nodeNames = rows.map(({ name }) => name);
const browserNames = browserRows.flatMap((row) => row.figures.map(({ name }) => name));

/** The tables between the marks, in the page's order: where each was measured, and its rows. */
const places = [
  { marks, runs: [{ where: /Node v\d+\.\d+\.\d+/, names: nodeNames }] },
  {
    marks: browserMarks,
    runs: [
      { where: /Chromium \d+\.\d+/, names: browserNames },
      { where: /Firefox \d+\.\d+/, names: browserNames },
    ],
  },
];

test("writes exactly these tables of the results", () => {
  assert.equal(figures(fixture), expected.figures);
  assert.equal(targets(fixture), expected.targets);
});

test("replaces a table and nothing else of the page", () => {
  for (const original of [results, design]) {
    for (const { marks } of places) {
      const page = replaced(original, marks, expected.figures);
      assert.equal(between(page, marks), expected.figures);
      assert.equal(replaced(page, marks, between(original, marks)), original);
      assert.throws(
        () => replaced("a page without the marks", marks, expected.figures),
        /no place between/,
      );
    }
  }
});

test("RESULTS.md has well-formed tables of rows that exist", () => {
  for (const { marks, runs } of places) {
    const tables = tablesOf(between(results, marks));
    assert.equal(tables.length, runs.length);
    tables.forEach((table, i) => checkFigures(table, runs[i].where, runs[i].names));
  }
});

test("docs/DESIGN.md has a target of each table, and the figures of RESULTS.md", () => {
  for (const { marks, runs } of places) {
    const measured = between(results, marks).replaceAll("**", "");
    const tables = tablesOf(between(design, marks));
    assert.equal(tables.length, runs.length);
    for (const [i, { machine, head, lines }] of tables.entries()) {
      assert.match(machine, runs[i].where);
      assert.deepEqual(head, expected.targets.split("\n").slice(2, 4));
      assert.ok(lines.length > 0);
      for (const cells of lines) {
        const [work, target, figure, met] = cells;
        assert.match(target, /^[≥≤] [\d.]+ \S/);
        assert.ok(runs[i].names.includes(nameOf(work)), work);
        assert.ok(measured.includes(figure), `${work}: ${figure} is not in RESULTS.md`);
        const [limit, value] = [target, figure].map((cell) => Number(/[\d.]+/.exec(cell)?.[0]));
        assert.equal(
          met,
          (target.startsWith("≥") ? value >= limit : value <= limit) ? "yes" : "**no**",
          cells.join(" | "),
        );
      }
    }
  }
});

test("README.md has four figures of RESULTS.md, each with the command that measures it", () => {
  const lines = readme.split("\n").filter((line) => line.includes("`npm run bench -- "));
  assert.equal(lines.length, 4);
  const rowLines = tablesOf(between(results, marks)).flatMap(({ lines }) => lines);
  for (const line of lines) {
    const [work, figure, beside, command] = cellsOf(line);
    const name = /^`npm run bench -- (\S+)`$/.exec(command)?.[1] ?? assert.fail(line);
    const first = rowLines.findIndex((cells) => cells[0].endsWith(`(\`${name}\`)`));
    assert.notEqual(first, -1, `no row ${name}`);
    const after = rowLines.findIndex(([work], i) => i > first && work !== "");
    const own = rowLines.slice(first, after === -1 ? undefined : after);
    assert.equal(own[0][0], `${work} (\`${name}\`)`);
    assert.equal(own[0][1], figure);
    if (beside === "") continue;
    const [, ratio, peer] = /^([\d.]+ ×) `(.+)`$/.exec(beside) ?? assert.fail(line);
    assert.ok(
      own.some((cells) => cells[2].startsWith(peer) && cells[3].startsWith(`**${ratio}**`)),
      `${name}: ${beside}`,
    );
  }
});

test("README.md and RESULTS.md name the same machine", () => {
  const machine = between(results, marks).split("\n")[0].replace(/:$/, "");
  assert.ok(readme.includes(machine), machine);
});

test("RESULTS.md shows plots that exist", () => {
  const paths = [...results.matchAll(/!\[.+\]\((plots\/.+\.svg)\)/g)].map(([, path]) => path);
  assert.ok(paths.includes("plots/time-against-size.svg"));
  for (const path of paths) assert.match(text(path), /^<svg xmlns=.*<\/svg>\n$/s);
});

/** @param {string} place the text between two marks */
function tablesOf(place) {
  return place.split(/\n\n(?=[^|])/).map((table) => {
    const [machine, blank, ...lines] = table.split("\n");
    assert.match(machine, /^.+, \d+ cores, .+:$/);
    assert.equal(blank, "");
    return { machine, head: lines.slice(0, 2), lines: lines.slice(2).map(cellsOf) };
  });
}

/** @param {string} line */
function cellsOf(line) {
  return line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());
}

/** @param {string} work */
function nameOf(work) {
  return /^\S.* \(`(\S+)`\)$/.exec(work)?.[1] ?? assert.fail(work);
}

/**
 * @param {ReturnType<typeof tablesOf>[number]} table
 * @param {RegExp} where the table was measured
 * @param {string[]} names of the rows that exist
 */
function checkFigures({ machine, head, lines }, where, names) {
  assert.match(machine, where);
  assert.deepEqual(head, expected.figures.split("\n").slice(2, 4));
  /** @type {string[]} */
  const named = [];
  for (const cells of lines) {
    assert.equal(cells.length, 4, cells.join(" | "));
    const [work, ours, peer, ratio] = cells;
    if (work) {
      named.push(nameOf(work));
      assert.match(ours, /^[\d.]+ \S/);
    }
    if (peer) assert.match(peer, /: ([\d.]+ \S.*|cannot \(.+\))$/);
    if (ratio) assert.match(ratio, /^\*\*[\d.]+ ×\*\* \([\d.]+–[\d.]+\)$/);
  }
  assert.deepEqual(
    named,
    names.filter((name) => named.includes(name)),
    "in the bench's order, each once",
  );
  assert.ok(named.length > 0);
}

test("writes each row of the viewer with its limit, and VIEWER.md has no other rows", () => {
  const { machine, quick } = fixture;
  const one = (/** @type {object} */ more) => ({
    name: "large/rows",
    title: "first rows",
    unit: "ms",
    rounds: 1,
    others: 0,
    results: [{ name: "the page", values: [1], value: { low: 1, median: 1, high: 1 }, ...more }],
  });
  const met = one({ required: "≤ 1000", reached: true });
  const written = limits({
    machine,
    quick,
    date: "2026-01-02",
    commit: "abc",
    rows: [met, one({})],
  });
  assert.match(written, /, 2026-01-02, commit abc:\n/);
  assert.match(written, /\| first rows \(`large\/rows`\) \| 1\.00 ms \| ≤ 1000 ms \| yes \|/);
  assert.match(written, /\| first rows \(`large\/rows`\) \| 1\.00 ms \| {2}\| {2}\|/);
  const names = viewerRows.flatMap((row) => row.figures.map(({ name }) => name));
  const shown = between(text("VIEWER.md"), viewerMarks);
  const found = [...shown.matchAll(/\(`([^`]+)`\) \|/g)].map(([, name]) => name);
  assert.deepEqual(found, found.length > 0 ? names : []);
});
