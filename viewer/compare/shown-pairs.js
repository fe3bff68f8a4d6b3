// The pairs of a comparison that are shown, and where an entry is among them.

import { KINDS } from "./comparison.js";

/** @import { LogIndex, SkillLogError } from "skill-log" */
/** @import { EntryOffsets } from "../app/store.js" */
/** @import { Found } from "./compared-sessions.js" */
/** @import { Kind } from "./comparison.js" */
/** @import { PairOfRows } from "./pair-row.js" */

export class ShownPairs {
  #index;
  #found;
  /** Positions in the pairs; null: all are shown. @type {Uint32Array | null} */
  #shown = null;

  /**
   * @param {LogIndex} index
   * @param {Found} found
   * @param {ReadonlySet<Kind>} kinds those that are shown; none: all
   */
  constructor(index, found, kinds) {
    this.#index = index;
    this.#found = found;
    if (kinds.size === 0) return;
    const wanted = KINDS.map((kind) => kinds.has(kind));
    const all = found.comparison.pairs.kinds;
    const shown = new Uint32Array(all.length);
    let count = 0;
    for (let at = 0; at < all.length; at += 1) if (wanted[all[at]]) shown[count++] = at;
    this.#shown = shown.slice(0, count);
  }

  get length() {
    return this.#shown?.length ?? this.#found.comparison.pairs.kinds.length;
  }

  /**
   * @param {number} at among the pairs that are shown
   * @returns {Kind}
   */
  kindAt(at) {
    return KINDS[this.#found.comparison.pairs.kinds[this.#placeAt(at)]];
  }

  /** @param {number} at */
  #placeAt(at) {
    return this.#shown ? this.#shown[at] : at;
  }

  /**
   * @param {number} at among the pairs that are shown
   * @returns {PairOfRows}
   * @throws {SkillLogError} `REPLACED` where an entry was removed
   */
  at(at) {
    const { rows, comparison } = this.#found;
    const place = this.#placeAt(at);
    const [leftAt, rightAt] = [comparison.pairs.left[place], comparison.pairs.right[place]];
    return {
      kind: this.kindAt(at),
      left: leftAt < 0 ? null : this.#index.row(rows[0][leftAt]),
      right: rightAt < 0 ? null : this.#index.row(rows[1][rightAt]),
      leftAt,
      rightAt,
    };
  }

  /**
   * Returns where a pair is among those that are shown.
   *
   * @param {EntryOffsets} pair
   * @returns {number} -1: it is not among them
   */
  placeOf(pair) {
    const { left, right } = this.#found.comparison.pairs;
    const [leftAt, rightAt] = this.positionsOf(pair);
    const place = leftAt >= 0 ? left.indexOf(leftAt) : rightAt >= 0 ? right.indexOf(rightAt) : -1;
    if (place < 0 || left[place] !== leftAt || right[place] !== rightAt) return -1;
    return this.#shown ? this.#shown.indexOf(place) : place;
  }

  /**
   * Returns which entries of their sessions a pair is; -1: none.
   *
   * @param {EntryOffsets} pair
   */
  positionsOf(pair) {
    const [left, right] = this.#found.rows;
    return [this.#positionOf(left, pair.left), this.#positionOf(right, pair.right)];
  }

  /**
   * @param {Uint32Array} rows of a session, in the order of its file
   * @param {number | null} offset
   */
  #positionOf(rows, offset) {
    if (offset === null) return -1;
    let [low, high] = [0, rows.length];
    try {
      while (low < high) {
        const middle = (low + high) >> 1;
        if (this.#index.row(rows[middle]).offset < offset) low = middle + 1;
        else high = middle;
      }
      return low < rows.length && this.#index.row(rows[low]).offset === offset ? low : -1;
    } catch {
      // The log was replaced, and its new rows are not compared yet.
      return -1;
    }
  }
}
