// Preloaded into a writer by `node --import`. Lets the writer write half of its nth line, then
// kills it without a chance to clean up. A kill from outside would have to hit the few microseconds
// that a write takes.

import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

let left = Number(process.env.TORN_WRITE);
const { fstatSync, writeSync } = fs;

/** @type {(fd: number, bytes: Uint8Array, offset?: number, length?: number, position?: number | null) => number} */
function tornWriteSync(fd, bytes, offset = 0, length = bytes.length - offset, position = null) {
  // Only the log is a regular file, because standard output is a pipe or a terminal.
  if (!fstatSync(fd).isFile() || --left > 0) return writeSync(fd, bytes, offset, length, position);
  writeSync(fd, bytes, offset, length >> 1, position);
  process.kill(process.pid, "SIGKILL");
  return length >> 1;
}

Object.assign(fs, { writeSync: tornWriteSync });
syncBuiltinESMExports();
