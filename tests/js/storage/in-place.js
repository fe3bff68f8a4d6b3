// A place and an open log for each test of a suite.

import test from "node:test";

/**
 * Gives what makes tests that each have a place and an open log of their own.
 *
 * @param {string} name what the titles begin with
 * @param {(t: import("node:test").TestContext) => Promise<import("./suite.js").Place>} makePlace
 */
export function inPlace(name, makePlace) {
  /**
   * @param {string} title
   * @param {(place: import("./suite.js").Place, log: import("skill-log").SessionLog) => Promise<void>} body
   */
  return (title, body) =>
    test(`${name}: ${title}`, async (t) => {
      const place = await makePlace(t);
      const log = await place.open();
      try {
        await body(place, log);
      } finally {
        await log.close();
      }
    });
}
