// Searches the entries of rows for a text, or for what a RegExp matches.

import { Needle } from "../../dist/skill_log.js";
import { giveBack } from "../wasm/core.js";
import { ENTRY_FORM } from "./entry-form.js";
import { isPattern, matchingEntries, notGlobal, patternOf } from "./pattern.js";

/** @import { LogIndex as Core, RowReader } from "../../dist/skill_log.js" */

export class RowSearch {
  /** @type {Needle | null} */
  #needle = null;
  /** @type {RegExp | null} */
  #pattern = null;

  /**
   * @param {string | RegExp} text
   * @param {boolean} ignoreCase
   */
  constructor(text, ignoreCase) {
    if (isPattern(text)) this.#pattern = notGlobal(patternOf(text, ignoreCase));
    else this.#needle = new Needle(text, ignoreCase);
  }

  /**
   * Returns the rows that match, of those that a reader has read.
   *
   * @param {Core} core
   * @param {RowReader} reader
   * @param {number} from a position in the reader's list of rows
   * @param {number} to
   * @param {Uint32Array} [rows] the list; absent when it is every row
   * @returns {Uint32Array}
   */
  hits(core, reader, from, to, rows) {
    if (this.#needle) return reader.search(core, this.#needle, from, to);
    reader.entries(core, from, to, ENTRY_FORM.strings);
    const pattern = /** @type {RegExp} */ (this.#pattern);
    const hits = matchingEntries(reader, to - from, pattern);
    return Uint32Array.from(hits, (at) => rows?.[from + at] ?? from + at);
  }

  /**
   * Returns where the lines of a stretch start and end whose entries match, by turns, without the
   * rows.
   *
   * @param {RowReader} reader
   * @returns {Uint32Array | undefined} undefined when only the rows tell, as for each RegExp
   */
  linesIn(reader) {
    return this.#needle ? reader.lines_with(this.#needle) : undefined;
  }

  free() {
    const needle = this.#needle;
    if (needle) giveBack(() => needle.free());
  }
}
