// Finds the sessions in a file that may hold entries of several, like logs that are joined on
// standard input.

import fs from "node:fs";

/** @import { LogIndex } from "../../index.js" */
/** @import { Operands } from "./operands.js" */

/** How writers of the format start a line; the id follows, up to the next quote. */
const START = Buffer.from('{"session_id":"');

/** The most bytes of such a start: an id has at most 200 bytes, and an escape of one takes six. */
const LONGEST = START.length + 6 * 200 + 1;

/** The bytes of the file that are read at once. */
const WINDOW = 1 << 20;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Returns the ids of the sessions whose entries are in a file. An entry is decoded only when its
 * line does not start as usual.
 *
 * @param {LogIndex} index of the file
 * @param {string} path
 * @param {Uint32Array} rows those of the file
 * @param {number} [most] stop after so many ids
 * @returns {Promise<Set<string>>}
 */
export async function sessionIdsOf(index, path, rows, most = Infinity) {
  const found = new Set();
  const heads = new LineStarts(path);
  let last = Buffer.alloc(0);
  try {
    for (const row of rows) {
      if (found.size === most) break;
      const { offset, length } = index.row(row);
      const head = heads.at(offset, length);
      // Most lines have the same session as the line before.
      if (last.length > 0 && head.subarray(0, last.length).equals(last)) continue;
      const end = head.subarray(0, START.length).equals(START)
        ? head.indexOf(QUOTE, START.length)
        : -1;
      if (end < 0 || head.subarray(START.length, end).includes(BACKSLASH)) {
        found.add((await index.entry(row, { input: "raw" })).session_id);
      } else {
        last = Buffer.from(head.subarray(0, end + 1));
        found.add(head.toString("utf8", START.length, end));
      }
    }
  } finally {
    heads.close();
  }
  return found;
}

/**
 * Reports whether each printed entry must name its session.
 *
 * @param {Operands} operands
 * @param {{ json?: boolean, full?: boolean }} options with `json` or `full`, each entry names its
 *   session anyway
 */
export async function mustNameSessions(operands, { json, full }) {
  if (json || full) return false;
  if (operands.mayBeMany) return true;
  const [log] = await operands.logs();
  if (!log?.mayHoldManySessions) return false;
  const open = await log.open();
  try {
    // The later reading reports what is wrong with the log.
    const index = await open.index();
    return (await sessionIdsOf(index, log.path, index.select(), 2)).size > 1;
  } finally {
    await open.close();
  }
}

/** Reads the starts of lines, in the order of the file. */
class LineStarts {
  #file;
  #window = Buffer.alloc(WINDOW);
  #start = 0;
  #end = 0;

  /** @param {string} path */
  constructor(path) {
    this.#file = fs.openSync(path, "r");
  }

  /**
   * Returns the start of a line; valid until the next call.
   *
   * @param {number} offset
   * @param {number} length of the line
   */
  at(offset, length) {
    const wanted = Math.min(length, LONGEST);
    if (offset < this.#start || offset + wanted > this.#end) {
      this.#start = offset;
      this.#end = offset + fs.readSync(this.#file, this.#window, 0, WINDOW, offset);
    }
    const at = offset - this.#start;
    return this.#window.subarray(at, Math.min(at + wanted, this.#end - this.#start));
  }

  close() {
    fs.closeSync(this.#file);
  }
}
