// Preloaded (--import) into a program that writes to a regular file: lets a part of one write reach
// the file, then kills the process. A kill from outside would have to hit the microseconds of a
// write.
//
//   CUT_WRITE=n  cuts the nth write to a regular file, counted from 1
//   CUT_AT=k     lets k bytes of the write reach the file; a negative k counts from the end of the
//                write, and a k with a decimal point is a fraction of the write

import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const { fstatSync, writeSync } = fs;
const at = process.env.CUT_AT ?? "0.5";
let left = Number(process.env.CUT_WRITE);

/**
 * @param {number} fd
 * @param {Uint8Array} bytes
 * @param {[offset?: number, length?: number, position?: number | null]} rest
 */
function cutWriteSync(fd, bytes, ...rest) {
  // Standard output and error are pipes here, so each regular file is one that the program opened.
  if (!fstatSync(fd).isFile() || --left > 0) return writeSync(fd, bytes, ...rest);
  const [offset = 0, length = bytes.length - offset, position = null] = rest;
  const reached = at.includes(".")
    ? Math.floor(length * Number(at))
    : Number(at) + (at.startsWith("-") ? length : 0);
  if (reached > 0) writeSync(fd, bytes, offset, reached, position);
  process.kill(process.pid, "SIGKILL");
  return reached;
}

Object.assign(fs, { writeSync: cutWriteSync });
syncBuiltinESMExports();
