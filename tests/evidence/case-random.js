// What a case takes its random choices from.

import { Random } from "../conformance/random.js";

/**
 * Returns the seed of a case, which differs from those of its neighbours in many bits.
 *
 * @param {number} seed of the run
 * @param {number} number of the case
 */
export function caseSeed(seed, number) {
  return (seed ^ Math.imul(number + 1, 0x9e3779b1)) >>> 0;
}

/**
 * Returns the random choices of a case, the same ones for the same seed and number.
 *
 * @param {number} seed of the run
 * @param {number} number of the case
 */
export function caseRandom(seed, number) {
  return new Random(caseSeed(seed, number));
}
