import assert from "node:assert/strict";

/** The longest time between a test's write of its file and its check, in milliseconds. */
const A_TEST = 120_000;

/**
 * Asserts where bytes are pending, and that their time is reported when the source knows it.
 *
 * @param {import("skill-log").Pending | null} pending
 * @param {{ offset: number, length: number }} place
 * @param {boolean} hasModified whether the source knows when the log was changed: just now, by the test
 */
export function assertPending(pending, place, hasModified) {
  assert(pending, "nothing is pending");
  const { modified, ...found } = pending;
  assert.deepEqual(found, place);
  assert.equal(modified instanceof Date, hasModified, `modified: ${modified}`);
  if (modified) assert(Math.abs(Date.now() - modified.getTime()) < A_TEST, modified.toISOString());
}
