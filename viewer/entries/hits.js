// Which rows a search has found, while it goes on.

import { pause } from "../app/pause.js";
import { wantedText } from "./excerpts.js";

/** @import { LogIndex } from "skill-log" */
/** @import { Search } from "../app/store.js" */

/** How often hits are shown while they come, in milliseconds. The first ones are shown at once. */
const SHOWN_EVERY = 100;

export class Hits {
  #onChange;
  /** @type {LogIndex | null} */
  #index = null;
  /** @type {Search | null} */
  #search = null;
  /** By row: 1 found, 2 searched without a hit. */
  #found = new Uint8Array();
  /** The rows that are to be searched. @type {Uint32Array} */
  #rows = new Uint32Array();
  #controller = new AbortController();
  #shown = 0;
  /** How many rows were found among those that are searched. */
  count = 0;
  isSearching = false;
  /** How much of the rows was searched, from 0 to 1. */
  part = 0;
  /** Why the text cannot be searched for, for people; empty where it can. */
  problem = "";

  /** @param {() => void} onChange is called when there are other hits */
  constructor(onChange) {
    this.#onChange = onChange;
  }

  get isOn() {
    return this.#search !== null && this.#search.text !== "";
  }

  /**
   * Searches rows. Those that were searched for the same text are not searched again.
   *
   * @param {LogIndex | null} index
   * @param {Search | null} search
   * @param {Uint32Array} rows
   */
  of(index, search, rows) {
    const isSame = index === this.#index && JSON.stringify(search) === JSON.stringify(this.#search);
    this.#rows = rows;
    // It ends first, because a log that grows all the time would never be searched to its end.
    if (isSame && this.isSearching) return;
    this.#controller.abort();
    this.#index = index;
    this.#search = search;
    this.problem = "";
    this.isSearching = false;
    if (!index || !this.isOn) {
      this.count = 0;
      return;
    }
    if (!isSame) this.#found = new Uint8Array(index.length);
    else if (this.#found.length < index.length) {
      const grown = new Uint8Array(index.length);
      grown.set(this.#found);
      this.#found = grown;
    }
    this.count = 0;
    let left = isSame ? 0 : rows.length;
    for (let at = 0; isSame && at < rows.length; at += 1) {
      const found = this.#found[rows[at]];
      if (found === 1) this.count += 1;
      else if (found === 0) left += 1;
    }
    if (left > 0) void this.#run(index, rows, left);
  }

  /** Ends the search. */
  end() {
    this.#controller.abort();
  }

  /** @param {number} row */
  has(row) {
    return this.#found[row] === 1;
  }

  /**
   * Returns the position of the next hit.
   *
   * @param {Uint32Array} rows
   * @param {number} from its position is not returned
   * @param {1 | -1} by the direction. Goes on at the other end
   * @returns {number} -1 where there is none
   */
  next(rows, from, by) {
    const { length } = rows;
    for (let step = 1; step <= length; step += 1) {
      const at = (((from + by * step) % length) + length) % length;
      if (this.has(rows[at])) return at;
    }
    return -1;
  }

  /**
   * Returns which hit of all a row is, counted from 1; 0 where it is none.
   *
   * @param {Uint32Array} rows
   * @param {number} position
   */
  ordinal(rows, position) {
    if (!this.has(rows[position])) return 0;
    let ordinal = 0;
    for (let at = 0; at <= position; at += 1) if (this.has(rows[at])) ordinal += 1;
    return ordinal;
  }

  /**
   * Returns those rows that were found.
   *
   * @param {Uint32Array} rows
   */
  only(rows) {
    return rows.filter((row) => this.has(row));
  }

  /**
   * @param {LogIndex} index
   * @param {Uint32Array} rows
   * @param {number} left how many of them were not searched yet
   */
  async #run(index, rows, left) {
    const wanted = wantedText(/** @type {Search} */ (this.#search));
    if ("error" in wanted) {
      this.problem = wanted.error;
      this.#onChange();
      return;
    }
    this.#controller = new AbortController();
    const { signal } = this.#controller;
    this.isSearching = true;
    this.part = 0;
    this.#shown = 0;
    const isAll = left === index.length - index.removed;
    try {
      // What the new search changes in the page is drawn in a task of its own.
      await pause();
      signal.throwIfAborted();
      await index.search(wanted.text, {
        ...(!isAll && { rows: this.#unsearched(rows, left) }),
        ignoreCase: wanted.ignoreCase,
        signal,
        onProgress: ({ rows, total, hits }) => {
          // A refresh may have added rows meanwhile. They are searched later.
          for (const row of hits) this.#found[row] = 1;
          this.count += hits.length;
          this.part = rows / total;
          const now = performance.now();
          if (now - this.#shown < SHOWN_EVERY || (hits.length === 0 && this.#shown > 0)) return;
          this.#shown = now;
          this.#onChange();
        },
      });
      for (const row of rows) if (this.#found[row] === 0) this.#found[row] = 2;
    } catch (error) {
      if (signal.aborted) return;
      this.problem = error instanceof Error ? error.message : String(error);
    }
    if (signal.aborted) return;
    this.isSearching = false;
    if (this.#rows !== rows && this.problem === "") this.of(index, this.#search, this.#rows);
    this.#onChange();
  }

  /**
   * Returns rows that were not searched, in the order in which they are read.
   *
   * @param {Uint32Array} rows
   * @param {number} left
   */
  #unsearched(rows, left) {
    const isWanted = new Uint8Array(this.#found.length);
    for (const row of rows) if (this.#found[row] === 0) isWanted[row] = 1;
    const list = new Uint32Array(left);
    let at = 0;
    for (let row = 0; row < isWanted.length; row += 1) if (isWanted[row]) list[at++] = row;
    return list;
  }
}
