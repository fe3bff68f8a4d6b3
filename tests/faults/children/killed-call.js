// Preloaded (--import) into the command line: kills the process before a call that changes names, or
// that syncs.
//
//   KILLED_CALL=n   the nth of these calls, counted from 1

import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const CALLS = /** @type {const} */ ([
  "renameSync",
  "unlinkSync",
  "linkSync",
  "fsyncSync",
  "fdatasyncSync",
  "utimesSync",
]);

let left = Number(process.env.KILLED_CALL);
/** @type {Record<string, unknown>} */
const killing = {};
for (const name of CALLS) {
  const call = /** @type {(...args: any[]) => unknown} */ (fs[name]);
  killing[name] = (/** @type {any[]} */ ...args) => {
    left -= 1;
    if (left === 0) process.kill(process.pid, "SIGKILL");
    return call(...args);
  };
}
Object.assign(fs, killing);
syncBuiltinESMExports();
