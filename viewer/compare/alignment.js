// Which rows of two sessions belong together: a longest common subsequence of their codes.
//
// This is Myers' algorithm in linear space: a search from both ends finds a place that a best
// alignment goes through, and both halves are aligned in the same way. Where the halves of a search
// do not meet within its bound, the place that is furthest from its start divides them instead, as
// in GNU diff. The alignment then may have fewer pairs than the best one.

/**
 * About how many steps an alignment may take: some 10 ns each. Sessions with up to 17,000 rows
 * together are always aligned exactly, because no search of theirs can reach its bound.
 */
const MOST_STEPS = 150_000_000;

/** How far a search goes at least, in rows without a partner, when no steps are left. */
const LEAST_BOUND = 32;

/** Behind every position. */
const BEYOND = 0x7fffffff;

/**
 * @typedef {object} Alignment
 * @property {Int32Array} partners for each left row, the position of the right one; -1: none. They
 *   grow.
 * @property {boolean} isExact whether no alignment has more pairs
 */

/**
 * Aligns two sequences of codes.
 *
 * @param {Uint32Array} left
 * @param {Uint32Array} right
 * @param {object} [options]
 * @param {number} [options.most] about how many steps it may take
 * @returns {Alignment}
 */
export function alignedRows(left, right, { most = MOST_STEPS } = {}) {
  const partners = new Int32Array(left.length).fill(-1);
  const bound = Math.max(LEAST_BOUND, Math.floor(most / (left.length + right.length + 1)));
  const search = new Search(left, right, bound, most);
  // Boxes that are left to align, each as the start and the end of its left and right rows.
  const boxes = [0, left.length, 0, right.length];
  while (boxes.length > 0) {
    let [from, to, start, end] = boxes.splice(-4);
    while (from < to && start < end && left[from] === right[start]) partners[from++] = start++;
    while (from < to && start < end && left[to - 1] === right[end - 1]) partners[--to] = --end;
    if (from === to || start === end) continue;
    const { x, y } = search.placeIn(from, to, start, end);
    boxes.push(x, to, y, end, from, x, start, y);
  }
  return { partners, isExact: search.isExact };
}

/** Finds places that alignments go through. A diagonal is a left position minus a right one. */
class Search {
  isExact = true;
  #left;
  #right;
  #bound;
  #steps;
  #forward;
  #backward;

  /**
   * @param {Uint32Array} left
   * @param {Uint32Array} right
   * @param {number} bound how many rows without a partner a search passes from either end
   * @param {number} steps
   */
  constructor(left, right, bound, steps) {
    this.#left = left;
    this.#right = right;
    // No search passes more rows than there are.
    this.#bound = Math.min(bound, left.length + right.length);
    this.#steps = steps;
    /** The furthest left position by diagonal, from the start; then the same from the end. */
    this.#forward = new Int32Array(2 * this.#bound + 5);
    this.#backward = new Int32Array(2 * this.#bound + 5);
  }

  /**
   * @param {number} from of the left rows
   * @param {number} to
   * @param {number} start of the right rows
   * @param {number} end
   * @returns {{ x: number, y: number }} a left and a right position
   */
  placeIn(from, to, start, end) {
    const [left, right, forward, backward] = [
      this.#left,
      this.#right,
      this.#forward,
      this.#backward,
    ];
    const bound = this.#steps > 0 ? this.#bound : Math.min(LEAST_BOUND, this.#bound);
    const [least, most] = [from - end, to - start];
    const [first, last] = [from - start, to - end];
    // Where a diagonal is in the arrays.
    const ahead = this.#bound + 2 - first;
    const behind = this.#bound + 2 - last;
    const isOdd = ((first - last) & 1) !== 0;
    let [lowAhead, highAhead, lowBehind, highBehind] = [first, first, last, last];
    forward[first + ahead] = from;
    backward[last + behind] = to;
    let steps = 0;
    for (let passed = 1; ; passed += 1) {
      if (lowAhead > least) forward[--lowAhead - 1 + ahead] = -1;
      else lowAhead += 1;
      if (highAhead < most) forward[++highAhead + 1 + ahead] = -1;
      else highAhead -= 1;
      for (let at = highAhead; at >= lowAhead; at -= 2) {
        const [below, above] = [forward[at - 1 + ahead], forward[at + 1 + ahead]];
        const origin = below < above ? above : below + 1;
        let x = origin;
        while (x < to && x - at < end && left[x] === right[x - at]) x += 1;
        steps += x - origin + 1;
        forward[at + ahead] = x;
        if (isOdd && lowBehind <= at && at <= highBehind && backward[at + behind] <= x) {
          this.#steps -= steps;
          return { x, y: x - at };
        }
      }
      if (lowBehind > least) backward[--lowBehind - 1 + behind] = BEYOND;
      else lowBehind += 1;
      if (highBehind < most) backward[++highBehind + 1 + behind] = BEYOND;
      else highBehind -= 1;
      for (let at = highBehind; at >= lowBehind; at -= 2) {
        const [below, above] = [backward[at - 1 + behind], backward[at + 1 + behind]];
        const origin = below < above ? below : above - 1;
        let x = origin;
        while (from < x && start < x - at && left[x - 1] === right[x - at - 1]) x -= 1;
        steps += origin - x + 1;
        backward[at + behind] = x;
        if (!isOdd && lowAhead <= at && at <= highAhead && x <= forward[at + ahead]) {
          this.#steps -= steps;
          return { x, y: x - at };
        }
      }
      if (passed >= bound) break;
    }
    this.#steps -= steps;
    this.isExact = false;
    return this.#furthest(from, to, start, end, {
      ahead: [lowAhead, highAhead, ahead],
      behind: [lowBehind, highBehind, behind],
    });
  }

  /**
   * Returns the place that is furthest from the end where its search started.
   *
   * @param {number} from
   * @param {number} to
   * @param {number} start
   * @param {number} end
   * @param {{ ahead: number[], behind: number[] }} reached the first and the last diagonal of each
   *   search, and where diagonals are in its array
   */
  #furthest(from, to, start, end, { ahead, behind }) {
    let [best, x, y] = [-1, from, start];
    for (let at = ahead[1]; at >= ahead[0]; at -= 2) {
      // The rows of a diagonal end where the box does.
      const reached = Math.min(this.#forward[at + ahead[2]], to, end + at);
      const length = 2 * reached - at - from - start;
      if (length > best) [best, x, y] = [length, reached, reached - at];
    }
    for (let at = behind[1]; at >= behind[0]; at -= 2) {
      const reached = Math.max(this.#backward[at + behind[2]], from, start + at);
      const length = to + end - (2 * reached - at);
      if (length > best) [best, x, y] = [length, reached, reached - at];
    }
    return { x, y };
  }
}
