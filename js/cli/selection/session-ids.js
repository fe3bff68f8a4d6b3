// The sessions of a file that may hold entries of several, as standard input does where logs are joined.

import fs from "node:fs";

/** @import { LogIndex } from "../../index.js" */
/** @import { NamedLog } from "./operands.js" */

/** How a line begins that any writer of the format wrote; the id follows, up to the next quote. */
const START = Buffer.from('{"session_id":"');

/** Bytes that such a beginning takes at most: an id has 200 bytes, each of which may be spelled by six. */
const LONGEST = START.length + 6 * 200 + 1;

/** How much of the file is read at once. */
const WINDOW = 1 << 20;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Finds the sessions whose entries a file holds. No entry is decoded that begins as usual.
 *
 * @param {LogIndex} index of the file
 * @param {string} path
 * @param {number} [most] so many are enough
 * @returns {Promise<Set<string>>}
 */
export async function sessionIdsOf(index, path, most = Infinity) {
  const found = new Set();
  const heads = new LineStarts(path);
  let last = Buffer.alloc(0);
  try {
    for (let row = 0; row < index.length && found.size < most; row += 1) {
      const { offset, length } = index.row(row);
      const head = heads.at(offset, length);
      // Most lines are of the same session as the one before.
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
 * Tells whether lines of entries must say of which session each is.
 *
 * @param {NamedLog[]} logs
 * @param {{ json?: boolean, full?: boolean }} options of how entries are shown: where that is whole, they say it in any case
 */
export async function mustNameSessions(logs, { json, full }) {
  if (logs.length !== 1) return true;
  const [log] = logs;
  if (!log.mayHoldManySessions || json || full) return false;
  const open = await log.open();
  try {
    // What is wrong with it is told when it is read.
    return (await sessionIdsOf(await open.index(), log.path, 2)).size > 1;
  } finally {
    await open.close();
  }
}

/** How lines of a file begin, read in the order of the file. */
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
   * Gives the beginning of a line; good until the next one is asked for.
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
