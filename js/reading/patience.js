// Waits while another process may be writing.
//
// While a process writes to a file, a reader may see NULs for a moment in place of the new bytes.
// The NULs are read again before they are reported as damage.

/** @import { Source } from "../storage/storage.js" */

/** How long after the last change nobody is writing to a file, in milliseconds. */
const QUIET_TIME = 2000;

/** How long a call reads NULs again that another process may be writing over, in milliseconds. */
const SETTLE_TIME = 500;

const FIRST_PAUSE = 10;
const LONGEST_PAUSE = 160;

/** The wait of one call for other writers. */
export class Patience {
  #source;
  #pause = FIRST_PAUSE;
  /** When the first wait started. */
  #since = NaN;

  /** @param {Source} source */
  constructor(source) {
    this.#source = source;
  }

  /** Returns whether NULs are damage: nobody is writing, or the wait was long enough. */
  async isOver() {
    if (performance.now() - this.#since >= SETTLE_TIME) return true;
    const modified = await this.#source.modified?.();
    // A time in the future comes from another clock.
    return modified === undefined || Math.abs(Date.now() - modified) >= QUIET_TIME;
  }

  /** Starts the time of the wait, if it has not started. */
  begin() {
    if (Number.isNaN(this.#since)) this.#since = performance.now();
  }

  /**
   * Waits before the next look, longer each time.
   *
   * @param {AbortSignal} [signal]
   */
  async wait(signal) {
    this.begin();
    await new Promise((done) => setTimeout(done, this.#pause));
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
    signal?.throwIfAborted();
  }
}
