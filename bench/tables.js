// The results as tables and as plots: figures go to RESULTS.md, targets to docs/DESIGN.md.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { root } from "../scripts/command.js";
import { timeAgainstSessions, timeAgainstSize } from "./plots/subjects.js";
import { figure } from "./report.js";

/** @typedef {import("./measure.js").Result} Result */
/** @typedef {import("./report.js").Measured} Measured */
/** @typedef {import("./report.js").Results} Results */

/**
 * The lines of a page before and after its tables.
 *
 * @typedef {readonly [start: string, end: string]} Marks
 */

/** @type {Marks} */
export const marks = [
  "<!-- results: written by `node bench/run.js --write` -->",
  "<!-- end of the results -->",
];

/** @type {Marks} */
export const browserMarks = [
  "<!-- results: written by `node bench/browser/run.js --write` -->",
  "<!-- end of the results in browsers -->",
];

/** @type {Marks} */
export const viewerMarks = [
  "<!-- results: written by `node bench/viewer/run.js --write` -->",
  "<!-- end of the results of the viewer -->",
];

/** @type {Marks} */
export const exportMarks = [
  "<!-- results: written by `node bench/exports/run.js --write` -->",
  "<!-- end of the results of exports -->",
];

const exportsPage = join(root, "bench", "EXPORTS.md");
const viewerPage = join(root, "bench", "VIEWER.md");
const resultsPage = join(root, "bench", "RESULTS.md");
const designPage = join(root, "docs", "DESIGN.md");

/**
 * Writes the tables of a run in Node, and the plots.
 *
 * @param {Results} results
 */
export async function write(results) {
  writeTables(marks, [results]);
  // Imported here, because the tests of the tables run where the plots' packages are missing.
  const { draw } = await import("./plots/draw.js");
  const { scaling = [], growth = [] } = results;
  save("time-against-size", draw(timeAgainstSize, scaling, machineLine(results)));
  save("time-against-sessions", draw(timeAgainstSessions, growth, machineLine(results)));
}

/** @param {string} name @param {string} plot */
function save(name, plot) {
  writeFileSync(join(root, "bench", "plots", `${name}.svg`), plot);
}

/**
 * Writes the tables of exports, and their plots.
 *
 * @param {object} results
 * @param {import("./report.js").Results["machine"]} results.machine
 * @param {string} results.date
 * @param {string} results.commit
 * @param {{ name: string, unit: string, subject: import("./plots/draw.js").Subject, lines:
 *   import("./fit.js").Line[] }[]} results.kinds
 */
export async function writeExports({ kinds, ...facts }) {
  const { draw } = await import("./plots/draw.js");
  const tables = kinds.map(({ name, unit, subject, lines }) => {
    save(`exports-${name}`, draw(subject, lines, machineLine(facts)));
    const sizes = lines[0].points.map(({ size }) => `${size.toLocaleString("en")} ${unit}`);
    return table(facts, [
      ["work", ...sizes],
      ["---", ...sizes.map(() => "--:")],
      ...lines.map(({ name, points }) => [
        name,
        ...points.map(({ seconds }) => `${figure(seconds)} s`),
      ]),
    ]);
  });
  rewrite(exportsPage, exportMarks, tables.join("\n\n"));
}

/**
 * Writes the tables of the runs in browsers.
 *
 * @param {Results[]} browsers
 */
export function writeBrowsers(browsers) {
  writeTables(browserMarks, browsers);
}

/**
 * Writes the table of a run of the viewer: each row with its limit.
 *
 * @param {Results} results
 */
export function writeViewer(results) {
  rewrite(viewerPage, viewerMarks, limits(results));
}

/**
 * Returns the table of figures beside their limits.
 *
 * @param {Results} results
 */
export function limits(results) {
  const lines = results.rows.map((row) => {
    const [ours, ...peers] = row.results;
    const beside = peers.map((peer) => `${range(peer)} of ${peer.name}`);
    const { required = "", reached } = [ours, ...peers].find((each) => each.required) ?? {};
    return [
      title(row),
      [value(ours, row), ...beside].join("; "),
      required && `${required} ${peers.length > 0 ? "" : row.unit}`.trim(),
      reached === undefined ? "" : reached ? "yes" : "**no**",
    ];
  });
  return table(results, [
    ["work", "measured", "limit", "met"],
    ["---", "--:", "--:", "---"],
    ...lines,
  ]);
}

/**
 * @param {Marks} marks
 * @param {Results[]} runs
 */
function writeTables(marks, runs) {
  rewrite(resultsPage, marks, runs.map(figures).join("\n\n"));
  rewrite(designPage, marks, runs.map(targets).join("\n\n"));
}

/**
 * @param {string} path
 * @param {Marks} marks
 * @param {string} text
 */
function rewrite(path, marks, text) {
  writeFileSync(path, replaced(readFileSync(path, "utf8"), marks, text));
}

/**
 * Returns the text between the marks of a page.
 *
 * @param {string} page
 * @param {Marks} marks
 */
export function between(page, marks) {
  const [start, end] = marks.map((mark) => page.indexOf(mark));
  if (start === -1 || end < start)
    throw new Error(`the page has no place between ${marks.join(" and ")}`);
  return page.slice(start + marks[0].length, end).trim();
}

/**
 * Replaces the text between the marks of a page.
 *
 * @param {string} page
 * @param {Marks} marks
 * @param {string} text
 */
export function replaced(page, marks, text) {
  const place = between(page, marks);
  const start = page.indexOf(marks[0]) + marks[0].length;
  const end = page.indexOf(marks[1]);
  return place === text ? page : `${page.slice(0, start)}\n\n${text}\n\n${page.slice(end)}`;
}

/**
 * Returns the table of figures: each row's own, and a line for each peer that a target names, that
 * cannot do the work, or that is the fastest of the others. Peers with a lesser job are left out.
 *
 * @param {Results} results
 */
export function figures(results) {
  const lines = results.rows.flatMap((row) => {
    const [ours, ...peers] = row.results;
    const beside = shown(peers).map((peer) => [`${peer.name}: ${value(peer, row)}`, ratio(peer)]);
    if (beside.length === 0) beside.push(["", ""]);
    return beside.map((line, i) => [
      ...(i === 0 ? [title(row), value(ours, row)] : ["", ""]),
      ...line,
    ]);
  });
  const head = ["work", "skill-log", "peer", "ratio"];
  return table(results, [head, ["---", "--:", "---", "---"], ...lines]);
}

/**
 * Returns the table of targets, each with what was measured and whether that meets it.
 *
 * @param {Results} results
 */
export function targets(results) {
  const lines = results.rows.flatMap((row) => {
    const [ours] = row.results;
    return row.results
      .filter(({ required }) => required)
      .map((result) => {
        const isOwn = result === ours;
        const target = `${result.required} ${isOwn ? row.unit : result.name}`;
        return [
          title(row),
          target,
          isOwn ? value(ours, row) : range(result),
          result.reached ? "yes" : "**no**",
        ];
      });
  });
  return table(results, [
    ["work", "target", "measured", "met"],
    ["---", "---", "---", "---"],
    ...lines,
  ]);
}

/**
 * @param {Pick<Results, "machine" | "date" | "commit">} results
 * @param {string[][]} lines
 */
function table(results, lines) {
  const rows = lines.map((cells) => `| ${cells.join(" | ")} |`);
  return [`${machineLine(results)}:`, "", ...rows].join("\n");
}

/** @param {Pick<Results, "machine" | "date" | "commit">} results */
function machineLine({
  machine: { processor, cores, kernel, node, browser = `Node ${node}` },
  date,
  commit,
}) {
  const when = date && commit ? `, ${date}, commit ${commit}` : "";
  return `${processor}, ${cores} cores, ${kernel}, ${browser}${when}`;
}

/** @param {Measured} row */
function title({ title, name }) {
  return `${title} (\`${name}\`)`;
}

/** @param {Result[]} peers */
function shown(peers) {
  const asked = peers.filter((peer) => peer.required || peer.impossible);
  const others = peers.filter((peer) => !asked.includes(peer) && !peer.lesser);
  const fastest = Math.min(...others.map((peer) => peer.ratio?.median ?? Infinity));
  const isFastest = (/** @type {Result} */ peer) =>
    others.includes(peer) && peer.ratio?.median === fastest;
  return peers.filter((peer) => asked.includes(peer) || isFastest(peer));
}

/**
 * @param {Result} result
 * @param {Measured} row
 */
function value({ value, impossible }, { unit }) {
  return value ? `${figure(value.median)} ${unit}` : `cannot (${impossible})`;
}

/** @param {Result} result */
function ratio(result) {
  return range(result).replace(/^(\S+ ×)/, "**$1**");
}

/** @param {Result} result */
function range({ ratio }) {
  return ratio ? `${figure(ratio.median)} × (${figure(ratio.low)}–${figure(ratio.high)})` : "";
}
