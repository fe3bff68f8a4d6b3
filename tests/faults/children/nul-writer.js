// Appends a line whose bytes are mostly NULs, as a reader may see a line during its write, and
// prints "nuls". After DELAY milliseconds, writes the right bytes. Without a delay, leaves the
// NULs.
//
//   nul-writer.js PATH LENGTH HEAD TAIL [DELAY]
//
// HEAD and TAIL are the numbers of first and last bytes that are right from the start.

import { closeSync, fstatSync, openSync, writeSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

import { lineOf, numberedEntry } from "../numbered-entry.js";

const [path, ...numbers] = process.argv.slice(2);
const [length, head, tail, delay] = numbers.map(Number);

const line = lineOf(numberedEntry({ session: "s", writer: "late", number: 1, length }));
const nuls = Buffer.from(line).fill(0, head, line.length - tail);
const file = openSync(path, "r+");
const end = fstatSync(file).size;
writeSync(file, nuls, 0, nuls.length, end);
console.log("nuls");
if (delay !== undefined) {
  await pause(delay);
  writeSync(file, line, 0, line.length, end);
}
closeSync(file);
