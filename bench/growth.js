// Measures how time grows with the number of sessions, for each question about all of them.

import assert from "node:assert/strict";

import { Sessions } from "skill-log";

import { grow, growingCount, growingSessionsOf, sessionsOf } from "./directories.js";
import { lineOf } from "./fit.js";
import { spread } from "./measure.js";
import { splitEach } from "./peers/readers.js";
import { indexed, listed, statEach } from "./rows/sessions.js";
import { scratch } from "./scratch.js";

/** @typedef {import("./directories.js").SessionDirectory} SessionDirectory */

/**
 * A question about all sessions. `prepare` returns a run, which is measured, and what comes before
 * and after it.
 *
 * @typedef {object} Way
 * @property {string} name
 * @property {(sessions: SessionDirectory) => Prepared | Promise<Prepared>} prepare
 */

/**
 * @typedef {object} Prepared
 * @property {() => void} [before] each run
 * @property {() => number | Promise<number>} run
 * @property {() => number} expected the number that `run` must return
 * @property {() => Promise<void>} [end] after the last run
 */

const counts = [100, 1_000, 10_000, 100_000];
const size = "2kb";

/** @type {Way[]} */
const ways = [
  {
    name: "skill-log index, no cache",
    prepare: ({ dir, entries }) => ({
      run: () => indexed(dir, { cache: false }),
      expected: () => entries,
    }),
  },
  {
    name: "skill-log index, cached",
    async prepare({ dir, entries }) {
      const cache = scratch();
      await indexed(dir, { cache });
      return { run: () => indexed(dir, { cache }), expected: () => entries };
    },
  },
  {
    name: `skill-log refresh, ${growingCount} grown`,
    async prepare({ names }) {
      const growing = growingSessionsOf(names.length, size);
      const sessions = await Sessions.open(growing.dir, { cache: false });
      const index = await sessions.index();
      let expected = growing.entries;
      return {
        before: () => void (expected += grow(growing)),
        async run() {
          await index.refresh();
          return index.length;
        },
        expected: () => expected,
        end: () => sessions.close(),
      };
    },
  },
  {
    name: "skill-log list, cached",
    async prepare({ dir, names }) {
      const cache = scratch();
      await indexed(dir, { cache });
      return { run: () => listed(dir, { cache }), expected: () => names.length };
    },
  },
  {
    name: "JSON.parse of each",
    prepare: ({ dir, entries }) => ({ run: () => parsedEach(dir), expected: () => entries }),
  },
  {
    name: "readdir + stat of each",
    prepare: ({ dir, names }) => ({ run: () => statEach(dir), expected: () => names.length }),
  },
];

/**
 * @param {{ quick: boolean }} scale
 * @returns {Promise<import("./fit.js").Line[]>}
 */
export async function growth({ quick }) {
  /** @type {import("./fit.js").Point[][]} */
  const points = ways.map(() => []);
  for (const count of counts) {
    const sessions = sessionsOf(quick ? count / 10 : count, size);
    // The timed runs find the files in the page cache.
    assert.equal(parsedEach(sessions.dir), sessions.entries);
    for (const [i, { prepare }] of ways.entries()) {
      const seconds = (await timeOf(await prepare(sessions))) / 1_000;
      points[i].push({ size: sessions.names.length, seconds });
    }
  }
  return ways.map(({ name }, i) => lineOf(name, points[i]));
}

/**
 * Returns the median of three runs in milliseconds, after a run that does not count.
 *
 * @param {Prepared} prepared
 */
async function timeOf({ before, run, expected, end }) {
  const times = [];
  for (let round = 0; round <= 3; round++) {
    before?.();
    const start = performance.now();
    const found = await run();
    const time = performance.now() - start;
    assert.equal(found, expected());
    if (round > 0) times.push(time);
  }
  await end?.();
  return spread(times).median;
}

/** @param {string} dir */
function parsedEach(dir) {
  let count = 0;
  splitEach(dir, () => void count++);
  return count;
}
