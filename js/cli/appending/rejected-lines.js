// Lines that are no entries, told on standard error.

import { counted } from "../terminal/counted.js";
import { reportError } from "../terminal/output.js";
import { printable } from "../terminal/printable.js";

/** How much of a reason is shown: a name that is not known may be as long as its line. */
const SHOWN = 300;

/** Tells bad lines, and counts them. */
export class RejectedLines {
  #most;
  count = 0;

  /** @param {number} most how many are told one by one */
  constructor(most) {
    this.#most = most;
  }

  /**
   * Tells one.
   *
   * @param {number} number
   * @param {string} reason
   */
  async report(number, reason) {
    this.count += 1;
    if (this.count > this.#most) return;
    // A name that is not known is no line of what is told.
    await reportError(
      `standard input, line ${number}: ${printable(reason.length > SHOWN ? `${reason.slice(0, SHOWN)}…` : reason)}`,
    );
  }

  /** Tells how many there are besides. */
  async reportRest() {
    if (this.count > this.#most)
      await reportError(`standard input: ${counted(this.count - this.#most, "more bad line")}`);
  }
}
