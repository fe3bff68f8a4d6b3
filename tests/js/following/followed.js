import assert from "node:assert/strict";

/** A follower that gives nothing for so long has missed something, in milliseconds. */
const PATIENCE = 10_000;

/**
 * Takes what a follower gives, in the background.
 *
 * @param {AsyncIterable<import("skill-log").LogRecord>} follower
 */
export function followed(follower) {
  /** @type {import("skill-log").LogRecord[]} */
  const records = [];
  let isOver = false;
  let wake = () => {};
  const ended = (async () => {
    try {
      for await (const record of follower) {
        records.push(record);
        wake();
      }
    } finally {
      isOver = true;
      wake();
    }
  })();
  // For those who ask for it.
  ended.catch(() => {});

  return {
    records,
    /** Its end: fails as it did. */
    ended,
    /** The skills of all records so far. */
    skills: () => records.map(({ entry }) => entry.skill),
    /**
     * Waits until there are as many records.
     *
     * @param {number} count
     */
    async until(count) {
      const start = performance.now();
      while (records.length < count) {
        if (isOver) await ended;
        assert.ok(!isOver, `ended after ${records.length} records of ${count}`);
        const left = PATIENCE - (performance.now() - start);
        assert.ok(left > 0, `${records.length} records of ${count} have come`);
        let timer;
        await new Promise((done) => {
          wake = () => done(undefined);
          timer = setTimeout(done, left);
        });
        clearTimeout(timer);
      }
      return records;
    },
  };
}
