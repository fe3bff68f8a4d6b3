// Appends numbered entries to two files in turn, and rests some tenths of a millisecond per pair.
//
//   alternating-writer.js SESSION COUNT FIRST SECOND

import { openSync, writeSync } from "node:fs";

import { lineOf, numberedEntry } from "../numbered-entry.js";

const [session, count, ...paths] = process.argv.slice(2);
const files = paths.map((path, index) => ({
  fd: openSync(path, "a"),
  writer: ["first", "second"][index],
}));
for (let number = 0; number < Number(count); number += 1) {
  for (const { fd, writer } of files)
    writeSync(fd, lineOf(numberedEntry({ session, writer, number })));
  for (const end = performance.now() + (number % 7) / 10; performance.now() < end; );
}
