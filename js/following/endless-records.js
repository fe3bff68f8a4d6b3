// An iterator of records that does not end by itself.

/**
 * Records as they come. Leaving the loop and `close` end them.
 *
 * @template Record
 */
export class EndlessRecords {
  #start;
  /** @type {AsyncGenerator<Record, void, void> | null} */
  #started = null;

  /** @param {() => AsyncGenerator<Record, void, void>} start is called once, at the first step */
  constructor(start) {
    this.#start = start;
  }

  get #records() {
    return (this.#started ??= this.#start());
  }

  /** Ends the records, without an error, and frees what they hold. A class that extends this does. */
  close() {}

  next() {
    return this.#records.next();
  }

  async return() {
    // Called first, because the records' `return` waits for a `next` that waits for entries.
    this.close();
    return this.#records.return();
  }

  /** @param {unknown} error */
  async throw(error) {
    this.close();
    return this.#records.throw(error);
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  async [Symbol.asyncDispose]() {
    await this.return();
  }
}
