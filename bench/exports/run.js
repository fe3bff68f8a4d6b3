// Measures an export of a host, and how long engines take to count over it.
//
//   node bench/exports/run.js                 every size, of every kind
//   node bench/exports/run.js size/1 runs     the ones whose names begin with these
//   node bench/exports/run.js --quick         a tenth of the work: does it run?
//   node bench/exports/run.js --write         writes the last results to bench/EXPORTS.md

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { Failure, output, say, script } from "../../scripts/command.js";
import { choice } from "../choice.js";
import { lineOf } from "../fit.js";
import { machine, watchOthers } from "../machine.js";
import { growthTable, percent } from "../report.js";
import { folder } from "../scratch.js";
import { writeExports } from "../tables.js";
import { kinds } from "./kinds.js";

/**
 * The results of the sizes that were measured: for each, the seconds of each way.
 *
 * @typedef {object} ExportResults
 * @property {ReturnType<typeof machine>} machine
 * @property {string} date
 * @property {string} commit
 * @property {Record<string, Record<string, number>>} measured by the kind and the size: `size/1`
 */

const path = join(folder, "results-exports.json");
const names = kinds.flatMap(({ name, sizes }) => sizes.map((size) => `${name}/${size}`));

script(import.meta.url, async () => {
  const { wanted, rounds = 3, flags } = choice(names);
  if (flags.write) {
    await writeExports(lastLines());
    say("bench/EXPORTS.md and its plots show the last results now.");
    return;
  }
  for (const { name: kind, unit, sizes, measure } of kinds)
    for (const size of sizes) {
      const name = `${kind}/${size}`;
      if (!wanted(name)) continue;
      const since = watchOthers();
      const seconds = await measure(flags.quick ? size / 10 : size, rounds);
      if (!flags.quick) keep(name, seconds);
      const lines = Object.entries(seconds).map(([way, seconds]) =>
        lineOf(way, [{ size, seconds }]),
      );
      say(growthTable(lines, unit));
      say(`Other processes, and those that were started, took ${percent(since())}.`);
    }
});

/** @returns {ExportResults | null} */
function last() {
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : null;
}

/** @param {string} name @param {Record<string, number>} seconds */
function keep(name, seconds) {
  const date = new Date().toISOString().slice(0, 10);
  const commit = output("git", ["rev-parse", "--short", "HEAD"]) ?? "unknown";
  const measured = { ...last()?.measured, [name]: seconds };
  const results = { machine: machine(folder), date, commit, measured };
  writeFileSync(path, `${JSON.stringify(results, null, 2)}\n`);
}

/**
 * Returns the last results as lines of each kind, over the sizes that were measured; throws when a
 * line would be a point.
 */
function lastLines() {
  const { measured = {}, ...facts } = last() ?? {};
  const measuredOf = (/** @type {import("./kinds.js").Kind} */ { name, sizes }) =>
    sizes.filter((size) => measured[`${name}/${size}`]);
  const missing = kinds.filter((kind) => measuredOf(kind).length < 2);
  if (missing.length > 0)
    throw new Failure(
      `measure two sizes first: node bench/exports/run.js ${missing.map(({ name }) => name).join(" ")}`,
    );
  return {
    .../** @type {Omit<ExportResults, "measured">} */ (facts),
    kinds: kinds.map((kind) => {
      const { name, unit, subject } = kind;
      const sizes = measuredOf(kind);
      const ways = Object.keys(measured[`${name}/${sizes[0]}`]);
      const lines = ways.map((way) =>
        lineOf(
          way,
          sizes.map((size) => ({ size, seconds: measured[`${name}/${size}`][way] })),
        ),
      );
      return { name, unit, subject, lines };
    }),
  };
}
