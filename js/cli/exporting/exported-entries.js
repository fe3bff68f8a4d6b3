// The exported entries, each as a line that other programs can read.

import { isUtf8 } from "node:buffer";

import { entriesOf } from "../selection/entries.js";
import { counted } from "../terminal/counted.js";
import { warnOfRemainingDamage } from "../terminal/damage-warnings.js";
import { warn } from "../terminal/output.js";
import { withWritableTimestamp, hasLoneSurrogates } from "../canonical.js";

/** @import { RawJson } from "../../index.js" */
/** @import { ExportFormat } from "./export-format.js" */
/** @import { Filter } from "../selection/filter.js" */
/** @import { NamedLog } from "../selection/operands.js" */

/** Reads the entries of logs, and counts those that must be changed to be readable elsewhere. */
export class ExportedEntries {
  #logs;
  #filter;
  #format;
  #changedTimestamps = 0;
  #invalidUtf8 = 0;
  #loneSurrogates = 0;
  /** The exported entries so far. */
  count = 0;

  /**
   * @param {NamedLog[]} logs
   * @param {Filter} filter
   * @param {ExportFormat} format
   */
  constructor(logs, filter, format) {
    this.#logs = logs;
    this.#filter = filter;
    this.#format = format;
  }

  /** Yields each entry with its line. */
  async *lines() {
    for await (const { entry } of entriesOf(this.#logs, this.#filter)) {
      this.count += 1;
      if (withWritableTimestamp(entry) !== entry) this.#changedTimestamps += 1;
      const input = /** @type {RawJson | undefined} */ (entry.input);
      if (input && !isUtf8(input.bytes)) this.#invalidUtf8 += 1;
      if (input && hasLoneSurrogates(input)) this.#loneSurrogates += 1;
      yield { entry, line: this.#format.line(entry) };
    }
  }

  /** Yields the bytes of a file: its header, then each line. */
  async *chunks() {
    yield this.#format.header;
    for await (const { line } of this.lines()) yield line;
  }

  /** Warns about changed entries, if there are any. */
  async warnOfChanges() {
    await warnOfRemainingDamage();
    if (this.#changedTimestamps > 0)
      await warn(
        `${counted(this.#changedTimestamps, "timestamp")} had an offset of a day or more: written in UTC`,
      );
    if (this.#invalidUtf8 > 0)
      await warn(
        `${counted(this.#invalidUtf8, "input")} had bytes that are not UTF-8: U+FFFD replaces them`,
      );
    if (this.#loneSurrogates > 0)
      await warn(
        `${counted(this.#loneSurrogates, "input")} had surrogates without a partner: U+FFFD replaces them`,
      );
  }
}
