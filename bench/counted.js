// Makes contenders whose count of entries is checked after each run.

import assert from "node:assert/strict";

/** @typedef {import("./measure.js").Contender} Contender */

/**
 * Work that returns the number of entries it found. Work that measures itself also returns its
 * figure.
 *
 * @typedef {() => Count | Promise<Count>} Work
 * @typedef {number | { count: number, measured: number | import("./measure.js").Figures }} Count
 */

/**
 * @param {string} name
 * @param {number | (() => number)} expected
 * @param {Work} work
 * @param {Omit<Contender, "name" | "start">} [about]
 * @returns {Contender}
 */
export function counted(name, expected, work, about) {
  return {
    ...about,
    name,
    start() {
      let found = NaN;
      return {
        async run() {
          const result = await work();
          if (typeof result === "number") {
            found = result;
            return;
          }
          found = result.count;
          return result.measured;
        },
        end: () => assert.equal(found, typeof expected === "number" ? expected : expected()),
      };
    },
  };
}
