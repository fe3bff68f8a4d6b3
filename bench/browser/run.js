// Measures the package in browsers, beside its peers.
//
//   node bench/browser/run.js                           every row, in each browser
//   node bench/browser/run.js append index              the rows whose names begin with these
//   node bench/browser/run.js --firefox                 in this browser; or --chromium
//   node bench/browser/run.js --rounds 21 append/batch  a steadier median
//   node bench/browser/run.js --quick                   a tenth of the work, 3 rounds: does it run?
//   node bench/browser/run.js --write                   writes the last results to the pages

import { launch } from "../../tests/browser/browsers.js";
import { say, script } from "../../scripts/command.js";
import { choice } from "../choice.js";
import { machine, watchOthers } from "../machine.js";
import { measuredRuns, results } from "../measure.js";
import { table } from "../report.js";
import { ResultsFile } from "../results.js";
import { folder } from "../scratch.js";
import { writeBrowsers } from "../tables.js";
import { servePage, Tabs } from "./bench-page.js";
import { timeOfDescendants } from "./processes.js";
import { rows } from "./rows.js";

/** @typedef {import("./rows.js").Runs} Runs */
/** @typedef {{ rounds?: number, quick: boolean }} Options */

const names = rows.flatMap(({ figures }) => figures.map(({ name }) => name));

const browsers = /** @type {const} */ (["Chromium", "Firefox"]).map((name) => ({
  name,
  flag: name.toLowerCase(),
  start: launch[name],
  resultsFile: new ResultsFile(`results-${name.toLowerCase()}.json`, names),
}));

script(import.meta.url, async () => {
  const { wanted, rounds, flags } = choice(
    names,
    browsers.map(({ flag }) => flag),
  );
  const { quick = false, write: written = false } = flags;
  if (written) {
    writeBrowsers(browsers.map(({ resultsFile }) => resultsFile.whole("npm run bench:browser")));
    say("bench/RESULTS.md and docs/DESIGN.md show the last results now.");
    return;
  }
  const named = browsers.filter(({ flag }) => flags[flag]);
  const chosen = rows.filter(({ figures }) => figures.some(({ name }) => wanted(name)));
  for (const browser of named.length > 0 ? named : browsers)
    await measureIn(browser, chosen, { rounds, quick });
});

/**
 * @param {typeof browsers[number]} browser
 * @param {Runs[]} chosen
 * @param {Options} options
 */
async function measureIn({ name, start, resultsFile }, chosen, options) {
  const server = await servePage();
  const browser = await start();
  try {
    const facts = { ...machine(folder), browser: `${name} ${await version(browser)}` };
    say(`${facts.browser} on ${facts.processor}, ${facts.cores} cores; ${facts.kernel}`);
    const measured = [];
    for (const row of chosen) {
      measured.push(...(await measureRow(row, new Tabs(browser, server.url), options)));
      resultsFile.keep({ machine: facts, quick: options.quick, rows: measured });
    }
    say(table(measured));
    say(`Every round's figures are in ${resultsFile.path}`);
  } finally {
    await browser.close();
    await server.close();
  }
}

/**
 * @param {Runs} row
 * @param {Tabs} tabs
 * @param {Options} options
 * @returns {Promise<import("../report.js").Measured[]>} one for each figure
 */
async function measureRow(
  { rounds: enough, figures, setUp },
  tabs,
  { quick, rounds = quick ? 3 : enough },
) {
  say(`${figures.map(({ name }) => name).join(", ")}: ${rounds} rounds`);
  try {
    const { bytes, contenders } = await setUp({ tabs, quick });
    const since = watchOthers(timeOfDescendants);
    const runs = /** @type {Record<string, number>[][]} */ (
      await measuredRuns({ contenders }, rounds)
    );
    const others = since();
    return figures.map(({ name, title, unit, of, value, atMost }) => {
      const [ours, ...peers] = contenders;
      const job = {
        contenders: [{ ...ours, atMost }, ...peers],
        value: value && ((/** @type {number} */ each) => value(each, bytes)),
      };
      return {
        name,
        title,
        unit,
        rounds,
        others,
        results: results(
          job,
          runs.map((each) => each.map((run) => run[of])),
        ),
      };
    });
  } finally {
    await tabs.close();
  }
}

/** @param {import("../../tests/browser/browsers.js").Browser} browser */
async function version({ native }) {
  const text = (await native?.version()) ?? "";
  return /\d+(\.\d+)?/.exec(text)?.[0] ?? "unknown";
}
