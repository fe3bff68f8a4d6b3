// The items of pages, one by one.

/**
 * Returns the items of pages one by one, as an async generator would, which makes several promises for
 * each item. Of ten thousand items, each takes half the time.
 *
 * @template Item
 * @implements {AsyncGenerator<Item, void, void>}
 */
export class PagedItems {
  #pages;
  /** @type {Item[]} */
  #page = [];
  #at = 0;
  /** Calls that wait for a page, or for the end; and the last of them. */
  #waiting = 0;
  /** @type {Promise<unknown>} */
  #last = Promise.resolve();

  /** @param {AsyncGenerator<Item[], void, void>} pages */
  constructor(pages) {
    this.#pages = pages;
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  /** @returns {Promise<IteratorResult<Item, void>>} */
  next() {
    if (this.#waiting > 0 || this.#at === this.#page.length)
      return this.#inTurn(() => this.#nextOfPages());
    return Promise.resolve({ done: false, value: this.#page[this.#at++] });
  }

  /** @returns {Promise<IteratorResult<Item, void>>} */
  async #nextOfPages() {
    while (this.#at === this.#page.length) {
      const { done, value } = await this.#pages.next();
      if (done) return { done, value };
      this.#page = value;
      this.#at = 0;
    }
    return { done: false, value: this.#page[this.#at++] };
  }

  /** @returns {Promise<IteratorResult<Item, void>>} */
  return() {
    return this.#ended(() => this.#pages.return());
  }

  /**
   * @param {unknown} error
   * @returns {Promise<IteratorResult<Item, void>>}
   */
  throw(error) {
    return this.#ended(() => this.#pages.throw(error));
  }

  /** Ends this at the end of an `await using` block. */
  async [Symbol.asyncDispose]() {
    await this.return();
  }

  /** @param {() => Promise<IteratorResult<Item[], void>>} end ends the pages */
  #ended(end) {
    return this.#inTurn(async () => {
      this.#page = [];
      this.#at = 0;
      await end();
      return /** @type {IteratorResult<Item, void>} */ ({ done: true, value: undefined });
    });
  }

  /**
   * Takes a step after those before it.
   *
   * @param {() => Promise<IteratorResult<Item, void>>} step
   */
  #inTurn(step) {
    const taken = this.#waiting === 0 ? step() : this.#last.then(step);
    this.#waiting += 1;
    const isOver = () => void (this.#waiting -= 1);
    this.#last = taken.then(isOver, isOver);
    return taken;
  }
}
