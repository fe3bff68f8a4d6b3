// The entries that leave, each as a line that others can read.

import { isUtf8 } from "node:buffer";

import { entriesOf } from "../selection/entries.js";
import { warnOfRemainingDamage } from "../terminal/damage-warnings.js";
import { warn } from "../terminal/output.js";
import { withWritableTimestamp, hasLoneSurrogates } from "../canonical.js";

/** @import { RawJson } from "../../index.js" */
/** @import { ExportFormat } from "./export-format.js" */
/** @import { Filter } from "../selection/filter.js" */
/** @import { NamedLog } from "../selection/operands.js" */

/** Entries of logs, and their number; some of them cannot leave as they are. */
export class ExportedEntries {
  #logs;
  #filter;
  #format;
  #changedTimestamps = 0;
  #invalidUtf8 = 0;
  #loneSurrogates = 0;
  /** How many there were. */
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

  /** Gives each with its line. */
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

  /** Gives what a file is made of, piece by piece. */
  async *chunks() {
    yield this.#format.header;
    for await (const { line } of this.lines()) yield line;
  }

  /** Tells what was changed, if anything. */
  async warnOfChanges() {
    await warnOfRemainingDamage();
    if (this.#changedTimestamps > 0)
      await warn(
        `timestamps whose offset is a day or more are in UTC now: ${this.#changedTimestamps}`,
      );
    if (this.#invalidUtf8 > 0)
      await warn(
        `inputs with bytes that are not UTF-8 have U+FFFD in their place now: ${this.#invalidUtf8}`,
      );
    if (this.#loneSurrogates > 0)
      await warn(
        `inputs with half a surrogate pair have U+FFFD in its place now: ${this.#loneSurrogates}`,
      );
  }
}
