// How each log is read in a refresh, in columns: an object for each of many logs would take several
// times the memory, and outlive collections of new objects.

import { numbersOf, sizeIn, STAMP_NUMBERS } from "../storage/stamps.js";

/** @import { FoundLogs } from "../storage/storage.js" */

/** How a log is read: not at all, from the cache, in a task, or by itself. */
export const READ = /** @type {const} */ ({ not: 0, cached: 1, inTask: 2, alone: 3 });

/**
 * A log in the order that is wanted.
 *
 * @typedef {object} Planned
 * @property {string} id
 * @property {number} bytes its size
 * @property {number} at its position among the logs that were found
 * @property {number} log its number in the index; -1 where it is not read
 * @property {number} read how it is read
 * @property {number} cached its position in the cache; -1 where the cache does not have it
 * @property {number} summary its position in the cache of summaries; -1 where that does not have it
 * @property {number} position up to where it was read
 */

/** The logs that are planned, in the order in which they are read. */
export class ReadPlan {
  #found;
  /** Those of the stamps. */
  #numbers;
  #summaries;
  /** By position in the order. */
  #order;
  /** By position among the logs that were found. */
  #logs;
  #reads;
  #cached;
  #positions;
  length = 0;

  /**
   * @param {FoundLogs} found
   * @param {Int32Array | null} summaries for each log its position in the cache of summaries
   */
  constructor(found, summaries) {
    const count = found.ids.length;
    this.#found = found;
    this.#numbers = numbersOf(found.stamps);
    this.#summaries = summaries;
    this.#order = new Uint32Array(count);
    this.#logs = new Int32Array(count).fill(-1);
    this.#reads = new Uint8Array(count);
    this.#cached = new Int32Array(count).fill(-1);
    this.#positions = new Float64Array(count);
  }

  /**
   * Adds a log to the end.
   *
   * @param {number} at its position among the logs that were found
   * @param {number} log its number in the index; -1 where it has none
   */
  add(at, log) {
    this.#order[this.length] = at;
    this.#logs[at] = log;
    this.length += 1;
  }

  /** Orders the logs by their ids. */
  sort() {
    const { ids } = this.#found;
    const order = this.#order.subarray(0, this.length);
    order.sort((one, other) => (ids[one] < ids[other] ? -1 : 1));
  }

  /**
   * Keeps how a log is read.
   *
   * @param {Planned} planned
   */
  set({ at, log, read, cached, position }) {
    this.#logs[at] = log;
    this.#reads[at] = read;
    this.#cached[at] = cached;
    this.#positions[at] = position;
  }

  /**
   * @param {number} number its position in the order
   * @returns {Planned}
   */
  get(number) {
    const at = this.#order[number];
    return {
      id: this.#found.ids[at],
      bytes: sizeIn(this.#numbers, STAMP_NUMBERS * at),
      at,
      log: this.#logs[at],
      read: this.#reads[at],
      cached: this.#cached[at],
      summary: this.#summaries?.[at] ?? -1,
      position: this.#positions[at],
    };
  }

  /**
   * Returns how a log is read.
   *
   * @param {number} number its position in the order
   */
  readOf(number) {
    return this.#reads[this.#order[number]];
  }

  /**
   * Returns the position of a log among those that were found.
   *
   * @param {number} number its position in the order
   */
  foundAt(number) {
    return this.#order[number];
  }

  /** @returns {Generator<Planned, void, void>} the logs in their order */
  *[Symbol.iterator]() {
    for (let number = 0; number < this.length; number += 1) yield this.get(number);
  }

  /** The positions of the logs that are read in tasks. */
  get inTasks() {
    const numbers = [];
    for (let number = 0; number < this.length; number += 1)
      if (this.#reads[this.#order[number]] === READ.inTask) numbers.push(number);
    return numbers;
  }

  /** Whether any log is read that the cache does not have as it is now. */
  get readsFiles() {
    return this.#reads.some((read) => read === READ.inTask || read === READ.alone);
  }

  /**
   * Returns how many bytes of a log are new.
   *
   * @param {number} number its position in the order
   */
  newBytes(number) {
    return this.size(number) - this.#positions[this.#order[number]];
  }

  /**
   * Returns the size of a log.
   *
   * @param {number} number its position in the order
   */
  size(number) {
    return sizeIn(this.#numbers, STAMP_NUMBERS * this.#order[number]);
  }
}
