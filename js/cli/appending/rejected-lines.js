// Reports input lines that are not valid entries on standard error.

import { counted } from "../terminal/counted.js";
import { reportError } from "../terminal/output.js";
import { printable } from "../terminal/printable.js";

/**
 * The most characters of a reason that are shown: an unknown field name may be as long as its line.
 */
const SHOWN = 300;

/** Reports invalid lines, and counts all of them. */
export class RejectedLines {
  #most;
  count = 0;

  /** @param {number} most how many lines are reported one by one */
  constructor(most) {
    this.#most = most;
  }

  /**
   * Counts a line, and reports why it is invalid.
   *
   * @param {number} number
   * @param {string} reason
   */
  async report(number, reason) {
    this.count += 1;
    if (this.count > this.#most) return;
    // The reason may hold an unknown field name, which may hold line ends.
    await reportError(
      `standard input, line ${number}: ${printable(reason.length > SHOWN ? `${reason.slice(0, SHOWN)}…` : reason)}`,
    );
  }

  /** Reports how many more lines were invalid. */
  async reportRest() {
    if (this.count > this.#most)
      await reportError(`standard input: ${counted(this.count - this.#most, "more invalid line")}`);
  }
}
