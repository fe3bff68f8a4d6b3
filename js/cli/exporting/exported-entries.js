// The exported entries, each as a line that other programs can read.

import { entriesOf } from "../selection/entries.js";
import { eachLine, linesOf } from "../selection/lines.js";
import { counted } from "../terminal/counted.js";
import { warnOfRemainingDamage } from "../terminal/damage-warnings.js";
import { warn } from "../terminal/output.js";
import { canonicalBytes, changesOf } from "../canonical.js";

/** @import { LinesChunk } from "../../types.js" */
/** @import { ExportFormat } from "./export-format.js" */
/** @import { Filter } from "../selection/filter.js" */
/** @import { NamedLog } from "../selection/operands.js" */
/** @import { Redacted } from "../selection/redacted.js" */

/** Reads the entries of logs, and counts those that must be changed to be readable elsewhere. */
export class ExportedEntries {
  #logs;
  #filter;
  #format;
  #redacted;
  #changedTimestamps = 0;
  #invalidUtf8 = 0;
  #loneSurrogates = 0;
  /** The exported entries so far. */
  count = 0;

  /**
   * @param {NamedLog[]} logs
   * @param {Filter} filter
   * @param {ExportFormat} format
   * @param {Redacted} redacted
   */
  constructor(logs, filter, format, redacted) {
    this.#logs = logs;
    this.#filter = filter;
    this.#format = format;
    this.#redacted = redacted;
  }

  /** @param {LinesChunk} chunk */
  #count = ({ lines, changed }) => {
    this.count += lines;
    this.#changedTimestamps += changed.timestamps;
    this.#invalidUtf8 += changed.invalidUtf8;
    this.#loneSurrogates += changed.loneSurrogates;
  };

  /** Makes the line of an entry; undefined where lines are read as they are written. */
  get #line() {
    return this.#format.line ?? (this.#redacted.isNeeded ? canonicalBytes : undefined);
  }

  /** Yields each line, with the timestamp of its entry. */
  async *lines() {
    const line = this.#line;
    if (!line) {
      for await (const lines of linesOf(this.#logs, this.#filter, {}, this.#count))
        for (const each of eachLine(lines)) yield { timestamp: timestampOf(each), line: each };
      return;
    }
    for await (const { entry } of entriesOf(this.#logs, this.#filter)) {
      this.#count({ lines: 1, changed: changesOf(entry) });
      const redacted = await this.#redacted.entryOf(entry);
      yield { timestamp: entry.timestamp, line: line(redacted) };
    }
  }

  /** Yields the bytes of a file: its header, then its lines. */
  async *chunks() {
    yield this.#format.header;
    if (this.#line) for await (const { line } of this.lines()) yield line;
    else yield* linesOf(this.#logs, this.#filter, {}, this.#count);
  }

  /** Warns about changed entries, if there are any. */
  async warnOfChanges() {
    await warnOfRemainingDamage();
    await warnOfChanged({
      timestamps: this.#changedTimestamps,
      invalidUtf8: this.#invalidUtf8,
      loneSurrogates: this.#loneSurrogates,
    });
  }
}

/**
 * Warns about entries that were changed to be readable elsewhere, if there are any.
 *
 * @param {LinesChunk["changed"]} changed
 */
export async function warnOfChanged({ timestamps, invalidUtf8, loneSurrogates }) {
  if (timestamps > 0)
    await warn(
      `${counted(timestamps, "timestamp")} had an offset of a day or more: written in UTC`,
    );
  if (invalidUtf8 > 0)
    await warn(
      `${counted(invalidUtf8, "input")} had bytes that are not UTF-8: U+FFFD replaces them`,
    );
  if (loneSurrogates > 0)
    await warn(
      `${counted(loneSurrogates, "input")} had surrogates without a partner: U+FFFD replaces them`,
    );
}

/** What stands before the timestamp in a canonical line. A text has no quote without a backslash. */
const BEFORE_TIMESTAMP = '","timestamp":"';

/**
 * Returns the timestamp in a canonical line.
 *
 * @param {Uint8Array} line
 */
function timestampOf({ buffer, byteOffset, length }) {
  const line = Buffer.from(buffer, byteOffset, length);
  const start = line.indexOf(BEFORE_TIMESTAMP) + BEFORE_TIMESTAMP.length;
  return line.toString("latin1", start, line.indexOf('"', start));
}
