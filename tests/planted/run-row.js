// Runs a row in a copy of the project: `node run-row.js ROW COUNT SEED FROM TO`. Ends with 3, and
// prints a `Caught`, when a case breaks a promise; with another status when the row cannot run.

import { firstProgress, readRows, runCases } from "../../scripts/evidence.js";

/** @import { Row } from "../evidence/row.js" */

/** The most characters of a message that are printed: a message may have a whole log. */
const MOST = 5_000;

/**
 * The case that broke a promise, and why: the messages of the error and of its causes.
 *
 * @typedef {{ number: number, says: string }} Caught
 */

const [name, count, seed, from, to] = process.argv.slice(2);
const row = (await readRows()).find((each) => each.name === name);
if (!row) throw new Error(`there is no row ${name}`);

/** The case that runs. Negative before the first case: what fails then breaks no promise. */
let running = -1;

/** @type {Row} */
const watched = {
  ...row,
  async open(seed) {
    const opened = await row.open(seed);
    return {
      cases: Math.min(Number(to), opened.cases ?? Infinity),
      run(number) {
        running = number;
        return opened.run(number);
      },
      close: async () => opened.close?.(),
    };
  },
};

/** Reports that a promise is broken, and ends. @param {unknown} error */
function end(error) {
  if (running < 0) throw error;
  const says = [];
  for (let each = error; each; each = each instanceof Error ? each.cause : null)
    says.push((each instanceof Error ? each.message : String(each)).slice(0, MOST));
  console.log(JSON.stringify({ number: running, says: says.join("\n") }));
  process.exit(3);
}

// An error that nobody can handle breaks a promise too.
process.on("unhandledRejection", end);
try {
  const progress = { ...firstProgress("", Number(seed)), next: Number(from) };
  await runCases(watched, progress, { count: Number(count) });
} catch (error) {
  end(error);
}
process.exit(0);
