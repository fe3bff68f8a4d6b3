// Preloaded (--import) into a program that writes to a regular file: lets its nth write of that kind reach the file in part
// only, and kills the process there. A kill from outside would have to hit the few microseconds that a write takes.
//
//   CUT_WRITE=n  which write, the first being 1
//   CUT_AT=k     bytes of it that reach the file; a negative number counts from its end, one with a point is a fraction

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
  // Standard output and error are pipes here, so every regular file is the program's own.
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
