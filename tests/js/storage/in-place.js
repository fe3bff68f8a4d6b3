// How the suites make their tests, each with a log of its own.

import assert from "node:assert/strict";
import test from "node:test";

/** @typedef {import("skill-log").SessionLog} SessionLog */
/** @typedef {ReturnType<typeof inPlace>} TestInPlace */
/** @typedef {ReturnType<typeof ofBytes>} TestOfBytes */

/**
 * Returns a function that makes tests, each with a place and an open log of its own.
 *
 * @param {string} name starts each title
 * @param {(t: import("node:test").TestContext) => Promise<import("./suite.js").Place>} makePlace
 */
export function inPlace(name, makePlace) {
  /**
   * @param {string} title
   * @param {(place: import("./suite.js").Place, log: SessionLog) => Promise<void>} body
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
 * Returns the bytes of a file that must exist.
 *
 * @param {Buffer | null} bytes
 */
export function existing(bytes) {
  assert.ok(bytes, "the file does not exist");
  return bytes;
}

/**
 * Returns a function that makes tests, which open logs of the bytes they name.
 *
 * @param {string} name starts each title
 * @param {import("./reading-suite.js").MakeLog} makeLog
 */
export function ofBytes(name, makeLog) {
  /**
   * @param {string} title
   * @param {(open: (bytes: string | Uint8Array) => Promise<SessionLog>) => Promise<void>} body
   */
  return (title, body) =>
    test(`${name}: ${title}`, async (t) => {
      /** @type {SessionLog[]} */
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
