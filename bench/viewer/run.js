// Measures the page of `skill-log view` in Chromium, as a person feels it.
//
//   node bench/viewer/run.js                      every row: under 6 minutes
//   node bench/viewer/run.js large many/hit       the rows whose names begin with these
//   node bench/viewer/run.js --skip folder        all but the rows whose names begin with these
//   node bench/viewer/run.js --rounds 9 served    a steadier median
//   node bench/viewer/run.js --quick              a tenth of the work, 1 round: does it run?
//   node bench/viewer/run.js --trace large        keeps traces, with where the time goes
//   node bench/viewer/run.js --write              writes the last results to bench/VIEWER.md

import { launch } from "../../tests/browser/browsers.js";
import { output, say, script } from "../../scripts/command.js";
import { choice } from "../choice.js";
import { machine, watchOthers } from "../machine.js";
import { measuredRuns, results } from "../measure.js";
import { table } from "../report.js";
import { ResultsFile } from "../results.js";
import { folder } from "../scratch.js";
import { writeViewer } from "../tables.js";
import { timeOfDescendants } from "../browser/processes.js";
import { rows } from "./rows.js";

/** @typedef {import("./rows.js").Runs} Runs */

const names = rows.flatMap(({ figures }) => figures.map(({ name }) => name));
const resultsFile = new ResultsFile("results-viewer.json", names);

script(import.meta.url, async () => {
  const { wanted, rounds, flags } = choice(names, ["skip", "trace"]);
  const { quick = false, write = false, skip = false, trace = false } = flags;
  if (write) {
    writeViewer(resultsFile.whole("npm run bench:viewer"));
    say("bench/VIEWER.md shows the last results now.");
    return;
  }
  const isChosen = (/** @type {string} */ name) => wanted(name) !== skip;
  const chosen = rows.filter(({ figures }) => figures.some(({ name }) => isChosen(name)));
  const facts = { ...machine(folder), browser: `Chromium ${await version()}` };
  say(`${facts.browser} on ${facts.processor}, ${facts.cores} cores; ${facts.kernel}`);
  const when = {
    date: new Date().toISOString().slice(0, 10),
    commit: output("git", ["rev-parse", "--short", "HEAD"]) ?? "unknown",
  };
  const measured = [];
  for (const row of chosen) {
    const about = { quick, rounds: rounds ?? (quick ? 1 : row.rounds), trace };
    const figures = await measureRow(row, about);
    measured.push(...figures.filter(({ name }) => isChosen(name)));
    resultsFile.keep({ machine: facts, ...when, quick, rows: measured });
  }
  say(table(measured));
  say(`Every round's figures are in ${resultsFile.path}`);
});

/**
 * @param {Runs} row
 * @param {{ quick: boolean, rounds: number, trace: boolean }} about
 * @returns {Promise<import("../report.js").Measured[]>} one for each figure
 */
async function measureRow({ figures, setUp }, { quick, rounds, trace }) {
  say(`${figures.map(({ name }) => name).join(", ")}: ${rounds} rounds`);
  const { bytes, contenders, end } = await setUp({ quick, trace });
  const since = watchOthers(timeOfDescendants);
  const runs = /** @type {Record<string, number>[][]} */ (
    await measuredRuns({ contenders, end }, rounds)
  );
  const others = since();
  return figures.map(({ name, title, unit, of, value, atMost, atLeast }) => {
    const [ours, ...peers] = contenders;
    // Only a figure that has a peer is compared.
    const compared = atLeast === undefined ? [] : peers.map((peer) => ({ ...peer, atLeast }));
    const job = {
      contenders: [{ ...ours, atMost }, ...compared],
      value: value && ((/** @type {number} */ each) => value(each, bytes)),
    };
    const figure = runs.slice(0, job.contenders.length).map((each) => each.map((run) => run[of]));
    return { name, title, unit, rounds, others, results: results(job, figure) };
  });
}

async function version() {
  const browser = await launch.Chromium();
  try {
    return /\d+(\.\d+)?/.exec((await browser.native?.version()) ?? "")?.[0] ?? "unknown";
  } finally {
    await browser.close();
  }
}
