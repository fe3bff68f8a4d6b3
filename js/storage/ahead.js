// Starts jobs before their turn, so that several wait for the disk at the same time.

/**
 * Jobs that are taken in order.
 *
 * @template T
 * @template R
 */
export class Ahead {
  #items;
  #width;
  #run;
  /** @type {R[]} */
  #started = [];

  /**
   * @param {Iterable<T>} items what the jobs are about
   * @param {number} width how many jobs run at once; with 1, a job starts when it is taken
   * @param {(item: T) => R} run starts a job. It throws only where `width` is 1
   */
  constructor(items, width, run) {
    this.#items = items[Symbol.iterator]();
    this.#width = width;
    this.#run = run;
  }

  /** Starts jobs, as many as run at once. */
  start() {
    while (this.#started.length < this.#width) {
      const { value, done } = this.#items.next();
      if (done) break;
      const started = this.#run(value);
      // Whoever takes the job learns of it.
      if (started instanceof Promise) started.catch(() => {});
      this.#started.push(started);
    }
  }

  /**
   * Takes the next job, and starts others while it runs.
   *
   * @returns {R | undefined} undefined after the last
   */
  next() {
    this.start();
    return this.#started.shift();
  }

  /** Takes the jobs that were started, and starts no more. */
  rest() {
    return this.#started.splice(0);
  }
}
