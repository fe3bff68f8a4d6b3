// Measures the package beside its peers.
//
//   node bench/run.js                           every row
//   node bench/run.js encode append/open        those whose names begin so
//   node bench/run.js --rounds 41 append/open   a steadier median
//   node bench/run.js --quick                   a tenth of the work, 3 rounds: does it run?
//   node bench/run.js --profile encode/note     where the package's time goes, no peers
//   node bench/run.js scaling                   the time against the size of the log
//   node bench/run.js --write                   puts the last results in README.md; measures nothing

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual, parseArgs } from "node:util";

import { Failure, say, script } from "../scripts/command.js";
import { machine, watchOthers } from "./machine.js";
import { measure } from "./measure.js";
import { profile } from "./profile.js";
import { write } from "./readme.js";
import { percent, scalingTable, table } from "./report.js";
import { rows } from "./rows.js";
import { scaling } from "./scaling.js";
import { folder } from "./scratch.js";

/** @typedef {import("./measure.js").Row} Row */
/** @typedef {import("./report.js").Results} Results */
/** @typedef {{ rounds?: number, quick: boolean, scales: boolean }} Options */

const resultsFile = join(folder, "results.json");

script(import.meta.url, async () => {
  const { chosen, profiled, written, ...options } = choice();
  if (written) {
    await writeResults();
  } else if (profiled) {
    for (const row of chosen) await profileRow(row, options);
  } else {
    await measureRows(chosen, options);
  }
});

function choice() {
  const { values, positionals } = usage(() =>
    parseArgs({
      allowPositionals: true,
      options: { rounds: { type: "string" }, quick: { type: "boolean" }, profile: { type: "boolean" }, write: { type: "boolean" } },
    }),
  );
  const { quick = false, profile: profiled = false, write: written = false } = values;
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0)) throw new Failure(`--rounds ${values.rounds}: not a whole number above 0`, 2);
  const names = [...rows.map(({ name }) => name), "scaling"];
  const unknown = positionals.filter((prefix) => !names.some((name) => name.startsWith(prefix)));
  if (unknown.length > 0) throw new Failure(`no such row: ${unknown.join(", ")}. There are: ${names.join(", ")}`, 2);
  const wanted = (/** @type {string} */ name) => positionals.length === 0 || positionals.some((prefix) => name.startsWith(prefix));
  return { chosen: rows.filter(({ name }) => wanted(name)), scales: wanted("scaling"), rounds, quick, profiled, written };
}

/**
 * @template T
 * @param {() => T} parse
 */
function usage(parse) {
  try {
    return parse();
  } catch (error) {
    throw new Failure(error instanceof Error ? error.message : String(error), 2);
  }
}

/**
 * @param {Row[]} chosen
 * @param {Options} options
 */
async function measureRows(chosen, options) {
  const { quick } = options;
  const facts = machine(folder);
  const sinceStart = watchOthers();
  say(`${facts.processor}, ${facts.cores} cores; ${facts.kernel}; Node ${facts.node}; files on ${facts.fileSystem}`);
  const measured = [];
  for (const { name, title, rounds: enough, setUp } of chosen) {
    const rounds = options.rounds ?? (quick ? 3 : enough);
    say(`${name}: ${rounds} rounds`);
    const job = await setUp({ quick });
    const since = watchOthers();
    const results = await measure(job, rounds);
    measured.push({ name, title, unit: job.unit, rounds, others: since(), results });
    keep({ machine: facts, quick, rows: measured });
  }
  if (options.scales) say("scaling: one size after the other");
  const lines = options.scales ? await scaling({ quick }) : undefined;
  const others = sinceStart();
  if (measured.length > 0) say(table(measured));
  if (lines) say(scalingTable(lines));
  say(`Other processes took ${percent(others)} of the processors meanwhile.`);
  if (lines) keep({ machine: facts, quick, rows: measured, scaling: lines });
  say(`Every round's figures are in ${resultsFile}`);
}

/**
 * Keeps results for --write, beside those of other rows from the same machine: a row that was disturbed can be run again.
 *
 * @param {Results} results
 */
function keep(results) {
  const before = lastResults();
  const same = before?.quick === results.quick && isDeepStrictEqual(before.machine, results.machine);
  const known = new Map([...(same ? before.rows : []), ...results.rows].map((row) => [row.name, row]));
  const kept = {
    ...(same ? before : {}),
    ...results,
    rows: rows.map(({ name }) => known.get(name)).filter((row) => row !== undefined),
  };
  writeFileSync(resultsFile, `${JSON.stringify(kept, null, 2)}\n`);
}

async function writeResults() {
  const results = lastResults();
  if (!results) throw new Failure("no results yet: `npm run bench` makes them");
  if (results.quick) throw new Failure("the last run was a quick one, whose figures say little: `npm run bench` makes better ones");
  const missing = rows.map(({ name }) => name).filter((name) => !results.rows.some((row) => row.name === name));
  if (!results.scaling) missing.push("scaling");
  if (missing.length > 0) throw new Failure(`not measured yet: ${missing.join(", ")}`);
  await write(results);
  say("README.md and bench/plots/time-against-size.svg show the last results now.");
}

/** @returns {Results | null} */
function lastResults() {
  return existsSync(resultsFile) ? JSON.parse(readFileSync(resultsFile, "utf8")) : null;
}

/**
 * @param {Row} row
 * @param {Options} options
 */
async function profileRow({ name, rounds: enough, setUp }, { rounds = enough, quick }) {
  const job = await setUp({ quick });
  const path = join(folder, `${name.replace("/", "-")}.cpuprofile`);
  const functions = await profile(job.contenders[0], rounds, path);
  await job.end?.();
  say(`${name}, ${job.contenders[0].name}\n${functions}\nDevTools opens ${path}`);
}
