// Appends a line of which most bytes are NULs, as a reader may see one that is being written; then, after DELAY milliseconds, writes
// what belongs there. Prints "nuls" when they are there. Without a delay it leaves them.
//
//   nul-writer.js PATH LENGTH HEAD TAIL [DELAY]
//
// HEAD and TAIL are how many of the first and of the last bytes are right from the start.

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
