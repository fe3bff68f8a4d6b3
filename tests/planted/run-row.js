// Runs a row in a copy of the project: `node run-row.js ROW COUNT SEED`. Ends with 3, and prints
// why, when a promise is broken.

import { firstProgress, readRows, runCases } from "../../scripts/evidence.js";

const [name, count, seed] = process.argv.slice(2);
const row = (await readRows()).find((each) => each.name === name);
if (!row) throw new Error(`there is no row ${name}`);

/** @param {unknown} error */
function isCaught(error) {
  console.log(error instanceof Error ? error.message : error);
  process.exit(3);
}

// An error that nobody can handle breaks a promise too.
process.on("unhandledRejection", isCaught);
try {
  await runCases(row, firstProgress("", Number(seed)), { count: Number(count) });
} catch (error) {
  isCaught(error);
}
process.exit(0);
