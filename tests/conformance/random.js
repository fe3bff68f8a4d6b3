/** Random choices that a seed repeats (mulberry32: 32 bits of state, passes gjrand). */
export class Random {
  #state;

  /** @param {number} seed */
  constructor(seed) {
    this.#state = seed | 0;
  }

  /** Returns a number from 0 up to, but not including, 1. */
  fraction() {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /**
   * Returns a whole number from 0 up to, but not including, `below`.
   *
   * @param {number} below
   */
  below(below) {
    return Math.floor(this.fraction() * below);
  }

  /**
   * @param {number} least
   * @param {number} most
   */
  between(least, most) {
    return least + this.below(most - least + 1);
  }

  /** @param {number} probability */
  chance(probability) {
    return this.fraction() < probability;
  }

  /**
   * @template T
   * @param {ArrayLike<T>} choices
   * @returns {T}
   */
  pick(choices) {
    return choices[this.below(choices.length)];
  }

  /**
   * @template T
   * @param {T[]} list
   * @returns {T[]} the same list
   */
  shuffle(list) {
    for (let i = list.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [list[i], list[j]] = [list[j], list[i]];
    }
    return list;
  }
}
