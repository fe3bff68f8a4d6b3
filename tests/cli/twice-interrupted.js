// Preloaded (--import) into a program that writes to a regular file: Ctrl-C at its 100th write of that kind, and once more before it says
// anything, as under npx, which hands on what the terminal has sent already. From outside nobody would hit either moment.

import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const { fstatSync, writeSync } = fs;
let left = 100;

/** @type {typeof writeSync} */
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
