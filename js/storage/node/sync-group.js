/**
 * Lets concurrent calls share one sync, which starts after the last of them. After a failed sync
 * every later one fails too, because the system may have dropped what it could not write.
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

  /** @param {() => Promise<void>} start starts a sync of everything that was written before */
  constructor(start) {
    this.#start = start;
  }

  /**
   * Waits for the next sync to start and end.
   *
   * @returns {Promise<void>}
   */
  next() {
    this.#waiting ??= this.#after(this.#running);
    return this.#waiting;
  }

  /** @param {Promise<void>} previous */
  async #after(previous) {
    // Its error belongs to the calls that waited for it.
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

  /** Waits until no sync is running or waiting. */
  async settled() {
    while (this.#waiting) await this.#waiting.catch(() => {});
    await this.#running.catch(() => {});
  }
}
