/**
 * Lets calls that come together share one sync, which starts after the last of them. After one that failed, all fail: the
 * system may have forgotten what it could not write.
 */
export class SyncGroup {
  #start;
  /** @type {Promise<void>} */
  #running = Promise.resolve();
  /** @type {Promise<void> | null} */
  #waiting = null;
  #hasFailed = false;
  /** @type {unknown} */
  #failure;

  /** @param {() => Promise<void>} start starts a sync of everything written before */
  constructor(start) {
    this.#start = start;
  }

  /**
   * Gives the end of a sync that has not started yet.
   *
   * @returns {Promise<void>}
   */
  next() {
    this.#waiting ??= this.#after(this.#running);
    return this.#waiting;
  }

  /** @param {Promise<void>} previous */
  async #after(previous) {
    // Its failure is for those who waited for it.
    await previous.catch(() => {});
    this.#running = /** @type {Promise<void>} */ (this.#waiting);
    this.#waiting = null;
    if (this.#hasFailed) throw this.#failure;
    try {
      await this.#start();
    } catch (error) {
      this.#hasFailed = true;
      this.#failure = error;
      throw error;
    }
  }

  /** Ends when no sync is running or waiting. */
  async settled() {
    while (this.#waiting) await this.#waiting.catch(() => {});
    await this.#running.catch(() => {});
  }
}
