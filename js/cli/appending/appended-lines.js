// Lines on their way into a log, and how far they came.

import { Failure } from "../failures.js";

/** @import { SessionLog } from "../../index.js" */
/** @import { EntryInput, ErrorCode } from "../../types.js" */

/** An entry, the number of the line that gave it, and the length of the line that is written. @typedef {{ number: number, entry: EntryInput, length: number }} NumberedEntry */

/** Appends entries, and keeps in mind which. */
export class AppendedLines {
  #log;
  /** How many entries are in the log, and how many bytes they took. */
  entries = 0;
  bytes = 0;
  /** The line that gave the last one. */
  #last = 0;

  /** @param {SessionLog} log */
  constructor(log) {
    this.#log = log;
  }

  /**
   * Appends entries by one write.
   *
   * @param {NumberedEntry[]} lines
   * @throws {Failure} which says what is in the log
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
   * Says which lines are in the log when some of them may not be.
   *
   * @param {NumberedEntry[]} lines
   * @param {{ code?: ErrorCode, written?: number, expected?: number }} error
   */
  #logStateAfter(lines, { code, written = 0, expected = 0 }) {
    if (code === "SYNC_FAILED") {
      this.#add(lines, 0);
      return `${this.logState}; from line ${lines[0].number} on they are lost where power is`;
    }
    let left = 0;
    let whole = 0;
    if (code === "WRITE_FAILED") {
      // A line end may have come before them.
      left = written - expected + lines.reduce((sum, { length }) => sum + length, 0);
      // An entry without its line end is one.
      for (; whole < lines.length && left >= lines[whole].length - 1; whole += 1)
        left -= lines[whole].length;
      this.#add(lines.slice(0, whole), written);
    }
    if (whole === lines.length || (this.entries === 0 && left <= 0)) return this.logState;
    const next = `line ${lines[whole].number}`;
    return `${this.logState}; ${left > 0 ? `of ${next} there is a part, which is no entry, and nothing of what follows` : `${next} and what follows are not`}`;
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
    if (entries === 0) return "no entry of standard input is in the log";
    return entries === 1
      ? `the entry of line ${this.#last} is in the log`
      : `the ${entries} entries up to line ${this.#last} are in the log`;
  }
}
