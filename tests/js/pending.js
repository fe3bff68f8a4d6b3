import assert from "node:assert/strict";

/** How long a test may have taken since it wrote its file, in milliseconds. */
const A_TEST = 120_000;

/**
 * Asserts where bytes are pending, and that their time is told where it is known.
 *
 * @param {import("skill-log").Pending | null} pending
 * @param {{ offset: number, length: number }} place
 * @param {boolean} isDated whether the log's source knows when it was changed, which the test just did
 */
export function assertPending(pending, place, isDated) {
  assert(pending, "nothing is pending");
  const { modified, ...found } = pending;
  assert.deepEqual(found, place);
  assert.equal(modified instanceof Date, isDated, `modified: ${modified}`);
  if (modified) assert(Math.abs(Date.now() - modified.getTime()) < A_TEST, modified.toISOString());
}
