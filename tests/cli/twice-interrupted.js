// Preloaded (--import) into a program: sends SIGINT at its 100th write to a regular file, and again
// before its next message, because under npx each Ctrl-C arrives twice. A test could not hit these
// moments from outside.

import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const { fstatSync, writeSync } = fs;
let left = 100;

/** @param {number} fd @param {[any, any?, any?, any?]} rest */
function interruptedWriteSync(fd, ...rest) {
  if (fstatSync(fd).isFile() && --left === 0) process.kill(process.pid, "SIGINT");
  return writeSync(fd, ...rest);
}

Object.assign(fs, { writeSync: interruptedWriteSync });
syncBuiltinESMExports();

const write = process.stderr.write.bind(process.stderr);
process.stderr.write = (/** @type {any[]} */ ...args) => {
  process.kill(process.pid, "SIGINT");
  return write(.../** @type {Parameters<typeof write>} */ (args));
};
