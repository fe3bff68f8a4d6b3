// Lines on their way into a log, and how far they came.

import { Failure } from "./failures.js";

/** @import { SessionLog } from "../index.js" */
/** @import { EntryInput, ErrorCode } from "../types.js" */

/** An entry, the number of the line that gave it, and the length of the line that is written. @typedef {{ number: number, entry: EntryInput, length: number }} NumberedEntry */

/** Appends entries, and keeps in mind which. */
export class AppendedLines {
  #log;
  /** How many entries are in the log, and how many bytes they took. */
  entries = 0;
  bytes = 0;
  #last = 0;

  /** @param {SessionLog} log */
  constructor(log) {
    this.#log = log;
  }

  /**
   * Appends entries by one write.
   *
   * @param {NumberedEntry[]} lines
   */
  async append(lines) {
    if (lines.length === 0) return;
    try {
      const { bytes } = await this.#log.append(lines.map(({ entry }) => entry));
      this.#add(lines, bytes);
    } catch (error) {
      throw this.#stopped(lines, /** @type {Error & { code?: ErrorCode, written?: number, expected?: number }} */ (error));
    }
  }

  /** @param {NumberedEntry[]} lines @param {number} bytes */
  #add(lines, bytes) {
    this.entries += lines.length;
    this.bytes += bytes;
    this.#last = lines.at(-1)?.number ?? this.#last;
  }

  /**
   * @param {NumberedEntry[]} lines
   * @param {Error & { code?: ErrorCode, written?: number, expected?: number }} error
   */
  #stopped(lines, error) {
    const { code, message, written = 0, expected = 0 } = error;
    if (code === "SYNC_FAILED") {
      const before = this.place;
      this.#add(lines, 0);
      return new Failure(`${message}\n${before}; line ${lines[0].number} to line ${this.#last} were written, and may be lost with the power`, { cause: error });
    }
    // A line end may have come before them.
    let left = written - (expected - lines.reduce((sum, { length }) => sum + length, 0));
    let whole = 0;
    // An entry without its line end is one.
    for (; whole < lines.length && left >= lines[whole].length - 1; whole += 1) left -= lines[whole].length;
    this.#add(lines.slice(0, whole), written);
    const next = lines[whole]?.number;
    const rest = next === undefined ? "" : left > 0 ? `; of line ${next} only a part is, which is no entry; what follows is not` : `; line ${next} and what follows are not`;
    return new Failure(`${message}\n${this.place}${rest}`, { cause: error });
  }

  /** Says which lines are in the log. */
  get place() {
    const { entries } = this;
    if (entries === 0) return "no entry of standard input is in the log";
    return entries === 1 ? `the entry of line ${this.#last} is in the log` : `the ${entries} entries up to line ${this.#last} are in the log`;
  }
}
