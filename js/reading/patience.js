// Waits where somebody may be writing what was read.
//
// While a process writes to a file, a reader may see NULs for a moment, where the bytes are to be. They are
// read again before they are called damage.

/** @import { Source } from "../storage/storage.js" */

/** How long a file was not changed that nobody is writing to, in milliseconds. */
const QUIET_TIME = 2000;

/** How long NULs are read again that somebody may be writing over, in milliseconds. A call waits no longer. */
const SETTLE_TIME = 500;

const FIRST_PAUSE = 10;
const LONGEST_PAUSE = 160;

/** How long one call waits for what others write. */
export class Patience {
  #source;
  #pause = FIRST_PAUSE;
  /** When the first wait began. */
  #since = NaN;

  /** @param {Source} source */
  constructor(source) {
    this.#source = source;
  }

  /** Tells whether NULs are to be taken for damage: nobody writes, or they were waited for long enough. */
  async isOver() {
    if (performance.now() - this.#since >= SETTLE_TIME) return true;
    const modified = await this.#source.modified?.();
    // A time to come is another clock's.
    return modified === undefined || Math.abs(Date.now() - modified) >= QUIET_TIME;
  }

  /** Has the time run from now on, if it does not yet. */
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
