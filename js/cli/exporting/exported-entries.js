// The entries that leave, each as a line that others can read.

import { isUtf8 } from "node:buffer";

import { entriesOf } from "../selection/entries.js";
import { tellRest } from "../terminal/damage-warnings.js";
import { warn } from "../terminal/output.js";
import { datable, hasHalves } from "../canonical.js";

/** @import { RawJson } from "../../index.js" */
/** @import { ExportFormat } from "./export-format.js" */
/** @import { Filter } from "../selection/filter.js" */
/** @import { NamedLog } from "../selection/operands.js" */

/** Entries of logs, and their number; some of them cannot leave as they are. */
export class ExportedEntries {
  #logs;
  #filter;
  #format;
  #redated = 0;
  #respelled = 0;
  #halved = 0;
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
      if (datable(entry) !== entry) this.#redated += 1;
      const input = /** @type {RawJson | undefined} */ (entry.input);
      if (input && !isUtf8(input.bytes)) this.#respelled += 1;
      if (input && hasHalves(input)) this.#halved += 1;
      yield { entry, line: this.#format.line(entry) };
    }
  }

  /** Gives what a file is made of, piece by piece. */
  async *pieces() {
    yield this.#format.header;
    for await (const { line } of this.lines()) yield line;
  }

  /** Tells what was changed, if anything. */
  async tell() {
    await tellRest();
    if (this.#redated > 0)
      await warn(`timestamps whose offset is a day or more are in UTC now: ${this.#redated}`);
    if (this.#respelled > 0)
      await warn(
        `inputs with bytes that are not UTF-8 have U+FFFD in their place now: ${this.#respelled}`,
      );
    if (this.#halved > 0)
      await warn(`inputs with half a surrogate pair have U+FFFD in its place now: ${this.#halved}`);
  }
}
