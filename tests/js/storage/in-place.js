// What each test of a suite works on.

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

/**
 * Gives what makes tests that open logs of the bytes they say.
 *
 * @param {string} name what the titles begin with
 * @param {import("./reading-suite.js").MakeLog} makeLog
 */
export function ofBytes(name, makeLog) {
  /**
   * @param {string} title
   * @param {(open: (bytes: string | Uint8Array) => Promise<import("skill-log").SessionLog>) => Promise<void>} body
   */
  return (title, body) =>
    test(`${name}: ${title}`, async (t) => {
      /** @type {import("skill-log").SessionLog[]} */
      const logs = [];
      try {
        await body(async (bytes) => {
          const log = await makeLog(t, Buffer.from(bytes));
          logs.push(log);
          return log;
        });
      } finally {
        for (const log of logs) await log.close();
      }
    });
}
