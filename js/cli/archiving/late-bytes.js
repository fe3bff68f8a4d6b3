// What a writer appends to a file in the moment when the file is removed.

import fs from "node:fs";

import { openOutput, writeAll } from "../exporting/output-file.js";
import { giveTo } from "./archive-file.js";
import { statAt } from "./regular-file.js";
import { readBytes } from "./seek-table.js";

const LINE_END = Buffer.from("\n");

/**
 * Appends what a removed file has beyond a size to the log of its session.
 *
 * @param {string} log the path, where a writer may have made a new file
 * @param {number} fd of the removed file
 * @param {number} size
 * @returns {number} the bytes
 */
export function saveLateBytes(log, fd, size) {
  const late = fs.fstatSync(fd).size - size;
  if (late <= 0) return 0;
  const bytes = readBytes(log, fd, size, late);
  const isNew = !statAt(log);
  const to = openOutput(log, "a");
  try {
    if (isNew) giveTo(log, to, fs.fstatSync(fd));
    // The last line of a file that is there may have no end. A blank line is none.
    writeAll(to, isNew ? bytes : Buffer.concat([LINE_END, bytes]));
    fs.fsyncSync(to);
  } finally {
    fs.closeSync(to);
  }
  return late;
}
