// Measures the package and its peers.
//
//   node bench/run.js                           every row
//   node bench/run.js encode append/open        the rows whose names begin with these
//   node bench/run.js --rounds 41 append/open   a steadier median
//   node bench/run.js --quick                   a tenth of the work, 3 rounds: does it run?
//   node bench/run.js --profile encode/note     where the package's time goes, no peers
//   node bench/run.js scaling                   the time against the size of the log
//   node bench/run.js --write                   writes the last results to the pages

import { join } from "node:path";

import { say, script } from "../scripts/command.js";
import { choice } from "./choice.js";
import { machine, watchOthers } from "./machine.js";
import { measure } from "./measure.js";
import { profile } from "./profile.js";
import { percent, scalingTable, table } from "./report.js";
import { ResultsFile } from "./results.js";
import { rows } from "./rows.js";
import { scaling } from "./scaling.js";
import { folder } from "./scratch.js";
import { write } from "./tables.js";

/** @typedef {import("./measure.js").Row} Row */
/** @typedef {{ rounds?: number, quick: boolean, scales: boolean }} Options */

const names = rows.map(({ name }) => name);
const resultsFile = new ResultsFile("results.json", names);

script(import.meta.url, async () => {
  const { wanted, rounds, flags } = choice([...names, "scaling"], ["profile"]);
  const { quick = false, profile: profiled = false, write: written = false } = flags;
  const options = { rounds, quick, scales: wanted("scaling") };
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
  if (options.scales) say("scaling: one size after the other");
  const lines = options.scales ? await scaling({ quick }) : undefined;
  const others = sinceStart();
  if (measured.length > 0) say(table(measured));
  if (lines) say(scalingTable(lines));
  say(`Other processes took ${percent(others)} of the processors meanwhile.`);
  if (lines) resultsFile.keep({ machine: facts, quick, rows: measured, scaling: lines });
  say(`Every round's figures are in ${resultsFile.path}`);
}

async function writeResults() {
  await write(resultsFile.whole("npm run bench", ({ scaling }) => (scaling ? [] : ["scaling"])));
  say("bench/RESULTS.md, its plot and docs/DESIGN.md show the last results now.");
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
