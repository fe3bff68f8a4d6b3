import assert from "node:assert/strict";

/** After so long without a record, a follower has missed it, in milliseconds. */
const PATIENCE = 10_000;

/**
 * Returns the next record of a follower, which must not have ended.
 *
 * @param {AsyncIterator<import("skill-log").LogRecord, void>} follower
 */
export async function nextRecord(follower) {
  const { value } = await follower.next();
  assert.ok(value, "the follower has ended");
  return value;
}

/**
 * Collects the records of a follower, in the background.
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
  // A test awaits this failure where it expects one.
  ended.catch(() => {});

  return {
    records,
    /** Resolves when the follower ends, and rejects when it fails. */
    ended,
    /** Returns the skills of all records so far. */
    skills: () => records.map(({ entry }) => entry.skill),
    /**
     * Waits for the first `count` records, and returns all.
     *
     * @param {number} count
     */
    async until(count) {
      const start = performance.now();
      while (records.length < count) {
        if (isOver) await ended;
        assert.ok(!isOver, `the follower ended after ${records.length} records of ${count}`);
        const left = PATIENCE - (performance.now() - start);
        assert.ok(left > 0, `only ${records.length} records of ${count} came`);
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
