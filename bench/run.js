// Measures the package and its peers.
//
//   node bench/run.js                           every row
//   node bench/run.js encode append/open        the rows whose names begin with these
//   node bench/run.js --rounds 41 append/open   a steadier median
//   node bench/run.js --quick                   a tenth of the work, 3 rounds: does it run?
//   node bench/run.js --profile encode/note     where the package's time goes, no peers
//   node bench/run.js scaling                   the time against the size of the log
//   node bench/run.js growth                    the time against the number of sessions
//   node bench/run.js --write                   writes the last results to the pages

import { join } from "node:path";

import { say, script } from "../scripts/command.js";
import { choice } from "./choice.js";
import { growth } from "./growth.js";
import { machine, watchOthers } from "./machine.js";
import { measure } from "./measure.js";
import { profile } from "./profile.js";
import { growthTable, percent, table } from "./report.js";
import { ResultsFile } from "./results.js";
import { rows } from "./rows.js";
import { scaling } from "./scaling.js";
import { folder } from "./scratch.js";
import { write } from "./tables.js";

/** @typedef {import("./measure.js").Row} Row */
/** @typedef {{ rounds?: number, quick: boolean, lines: typeof lines }} Options */

/** What is measured against a growing amount of work, beside the rows. */
const lines = [
  { name: /** @type {const} */ ("scaling"), measureLines: scaling, unit: "MB" },
  { name: /** @type {const} */ ("growth"), measureLines: growth, unit: "sessions" },
];

const names = rows.map(({ name }) => name);
const resultsFile = new ResultsFile("results.json", names);

script(import.meta.url, async () => {
  const { wanted, rounds, flags } = choice(
    [...names, ...lines.map(({ name }) => name)],
    ["profile"],
  );
  const { quick = false, profile: profiled = false, write: written = false } = flags;
  const options = { rounds, quick, lines: lines.filter(({ name }) => wanted(name)) };
  const chosen = rows.filter(({ name }) => wanted(name));
  if (written) {
    await writeResults();
  } else if (profiled) {
    for (const row of chosen) await profileRow(row, options);
  } else {
    await measureRows(chosen, options);
  }
});

/**
 * @param {Row[]} chosen
 * @param {Options} options
 */
async function measureRows(chosen, options) {
  const { quick } = options;
  const facts = machine(folder);
  const sinceStart = watchOthers();
  say(
    `${facts.processor}, ${facts.cores} cores; ${facts.kernel}; Node ${facts.node}; files on ${facts.fileSystem}`,
  );
  const measured = [];
  for (const { name, title, rounds: enough, setUp } of chosen) {
    const rounds = options.rounds ?? (quick ? 3 : enough);
    say(`${name}: ${rounds} rounds`);
    const job = await setUp({ quick });
    const since = watchOthers();
    const results = await measure(job, rounds);
    measured.push({ name, title, unit: job.unit, rounds, others: since(), results });
    resultsFile.keep({ machine: facts, quick, rows: measured });
  }
  for (const { name, measureLines, unit } of options.lines) {
    say(`${name}: one size after the other`);
    const measuredLines = await measureLines({ quick });
    say(growthTable(measuredLines, unit));
    resultsFile.keep({ machine: facts, quick, rows: measured, [name]: measuredLines });
  }
  if (measured.length > 0) say(table(measured));
  say(`Other processes took ${percent(sinceStart())} of the processors meanwhile.`);
  say(`Every round's figures are in ${resultsFile.path}`);
}

async function writeResults() {
  const missing = (/** @type {import("./report.js").Results} */ results) =>
    lines.map(({ name }) => name).filter((name) => !results[name]);
  await write(resultsFile.whole("npm run bench", missing));
  say("bench/RESULTS.md, its plots and docs/DESIGN.md show the last results now.");
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
