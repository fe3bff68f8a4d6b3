// The results as the table in README.md, and the plot that stands beside it.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { root } from "../scripts/command.js";
import { figure } from "./report.js";

/** @typedef {import("./measure.js").Result} Result */
/** @typedef {import("./report.js").Measured} Measured */
/** @typedef {import("./report.js").Results} Results */

/** @typedef {readonly [start: string, end: string]} Marks lines of a page between which results stand */

/** @type {Marks} */
export const marks = ["<!-- results: written by `node bench/run.js --write` -->", "<!-- end of the results -->"];

/** @type {Marks} */
export const browserMarks = ["<!-- results: written by `node bench/browser/run.js --write` -->", "<!-- end of the results in browsers -->"];

const readme = join(root, "README.md");

/**
 * Writes the table and the plot.
 *
 * @param {Results} results
 */
export async function write(results) {
  writeFileSync(readme, replaced(readFileSync(readme, "utf8"), marks, markdown(results)));
  // Not imported above: the table is tested where what draws is not installed.
  const { drawTimeAgainstSize } = await import("./plots/draw.js");
  writeFileSync(join(root, "bench", "plots", "time-against-size.svg"), drawTimeAgainstSize(results.scaling ?? [], machineLine(results)));
}

/**
 * Writes a table for each browser.
 *
 * @param {Results[]} browsers
 */
export function writeBrowsers(browsers) {
  writeFileSync(readme, replaced(readFileSync(readme, "utf8"), browserMarks, browsers.map(markdown).join("\n\n")));
}

/**
 * Gives the text between the marks of a page.
 *
 * @param {string} page
 * @param {Marks} marks
 */
export function between(page, marks) {
  const [start, end] = marks.map((mark) => page.indexOf(mark));
  if (start === -1 || end < start) throw new Error(`the page has no place between ${marks.join(" and ")}`);
  return page.slice(start + marks[0].length, end).trim();
}

/**
 * Puts a text between the marks of a page.
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
 * Gives a table with a line for each peer that something is asked for beside, that cannot do the work, or that is the
 * fastest of the others. Peers that do a lesser job are left to the whole table.
 *
 * @param {Results} results
 */
export function markdown(results) {
  const lines = results.rows.flatMap((row) => {
    const [ours, ...peers] = row.results;
    const lines = shown(peers).map((peer) => [`${peer.name}: ${value(peer, row)}`, ratio(peer), required(peer)]);
    // What is asked of the package alone has no peer.
    if (ours.required || lines.length === 0) lines.unshift(["", "", required(ours, row.unit)]);
    return lines.map((line, i) => [...(i === 0 ? [`${row.title} (\`${row.name}\`)`, value(ours, row)] : ["", ""]), ...line]);
  });
  return [
    `${machineLine(results)}:`,
    "",
    ...[["work", "skill-log", "peer", "ratio", "required"], ["---", "--:", "---", "---", "---"], ...lines].map((cells) => `| ${cells.join(" | ")} |`),
  ].join("\n");
}

/** @param {Results} results */
function machineLine({ machine: { processor, cores, kernel, node, browser = `Node ${node}` } }) {
  return `${processor}, ${cores} cores, ${kernel}, ${browser}`;
}

/** @param {Result[]} peers */
function shown(peers) {
  const asked = peers.filter((peer) => peer.required || peer.impossible);
  const others = peers.filter((peer) => !asked.includes(peer) && !peer.lesser);
  const fastest = Math.min(...others.map((peer) => peer.ratio?.median ?? Infinity));
  return peers.filter((peer) => asked.includes(peer) || (others.includes(peer) && peer.ratio?.median === fastest));
}

/**
 * @param {Result} result
 * @param {Measured} row
 */
function value({ value, impossible }, { unit }) {
  return value ? `${figure(value.median)} ${unit}` : `cannot (${impossible})`;
}

/** @param {Result} result */
function ratio({ ratio }) {
  return ratio ? `**${figure(ratio.median)} ×** (${figure(ratio.low)}–${figure(ratio.high)})` : "";
}

/**
 * @param {Result} result
 * @param {string} [unit]
 */
function required({ required, reached }, unit) {
  if (!required) return "";
  return `${required}${unit ? ` ${unit}` : ""}${reached ? "" : ", not reached"}`;
}
