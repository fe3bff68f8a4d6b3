// Appends lines, and remembers how many of them are in the log.

import { Failure } from "../failures.js";

/** @import { SessionLog } from "../../index.js" */
/** @import { EntryInput, ErrorCode } from "../../types.js" */

/**
 * `number`: the input line of the entry, counted from 1; `length`: the bytes of the line to be
 * written.
 *
 * @typedef {{ number: number, entry: EntryInput, length: number }} NumberedEntry
 */

/** Appends entries, and reports which of them are in the log. */
export class AppendedLines {
  #log;
  #isSyncedLater;
  /** The appended entries, and their bytes. */
  entries = 0;
  bytes = 0;
  /** The input line of the last appended entry. */
  #last = 0;

  /**
   * @param {SessionLog} log
   * @param {boolean} isSyncedLater whether no append waits for a sync
   */
  constructor(log, isSyncedLater) {
    this.#log = log;
    this.#isSyncedLater = isSyncedLater;
  }

  /**
   * Appends entries with one write.
   *
   * @param {NumberedEntry[]} lines
   * @throws {Failure} whose message says which lines are in the log
   */
  async append(lines) {
    if (lines.length === 0) return;
    try {
      const { bytes } = await this.#log.append(lines.map(({ entry }) => entry));
      this.#add(lines, bytes);
    } catch (error) {
      throw new Failure(
        `${/** @type {Error} */ (error).message}\n${this.#logStateAfter(lines, /** @type {any} */ (error))}`,
        { cause: error },
      );
    }
  }

  /**
   * Says which lines are in the log after an append failed.
   *
   * @param {NumberedEntry[]} lines
   * @param {{ code?: ErrorCode, written?: number, expected?: number }} error
   */
  #logStateAfter(lines, { code, written = 0, expected = 0 }) {
    if (code === "SYNC_FAILED" && this.#isSyncedLater)
      return `${this.logState}; the last entries may be lost if the power fails now; line ${lines[0].number} and the lines after it were not written`;
    if (code === "SYNC_FAILED") {
      this.#add(lines, 0);
      return `${this.logState}; those from line ${lines[0].number} on may be lost if the power fails now`;
    }
    let left = 0;
    let whole = 0;
    if (code === "WRITE_FAILED") {
      // The append may have written a line end first, to end an unfinished line.
      left = written - expected + lines.reduce((sum, { length }) => sum + length, 0);
      // An entry counts as written even when its line end is missing.
      for (; whole < lines.length && left >= lines[whole].length - 1; whole += 1)
        left -= lines[whole].length;
      this.#add(lines.slice(0, whole), written);
    }
    if (whole === lines.length || (this.entries === 0 && left <= 0)) return this.logState;
    const next = `line ${lines[whole].number}`;
    return `${this.logState}; ${left > 0 ? `${next} was written only in part, and the lines after it were not written` : `${next} and the lines after it were not written`}`;
  }

  /** @param {NumberedEntry[]} lines @param {number} bytes */
  #add(lines, bytes) {
    this.entries += lines.length;
    this.bytes += bytes;
    this.#last = lines.at(-1)?.number ?? this.#last;
  }

  /** Says which lines are in the log. */
  get logState() {
    const { entries } = this;
    if (entries === 0) return "the log has no entry of standard input";
    return entries === 1
      ? `the log has the entry of line ${this.#last}`
      : `the log has the ${entries} entries up to line ${this.#last}`;
  }
}
