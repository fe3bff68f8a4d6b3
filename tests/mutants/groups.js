// Which tests must notice a fault in which JavaScript: StrykerJS runs all tests of a group for each
// mutant of its files, until the first failure.

/**
 * @typedef {object} Group
 * @property {string[]} files that are mutated
 * @property {string[]} tests files of tests
 */

const node = "js/storage/node";

/** @type {Record<string, Group>} */
export const groups = {
  appending: {
    files: ["append.js", "late-syncs.js", "sync-group.js", "regular-file.js"].map(
      (file) => `${node}/${file}`,
    ),
    tests: [
      "tests/faults/failed-call.test.js",
      "tests/faults/file-size-limit.test.js",
      "tests/faults/late-sync.test.js",
      "tests/faults/replaced.test.js",
      "tests/faults/sync.test.js",
      "tests/js/storage/node/session-files.test.js",
      "tests/js/storage/node/storage.test.js",
    ],
  },
  repair: {
    files: [
      "js/damage/repair.js",
      "js/storage/overwrite-steps.js",
      `${node}/repair.js`,
      `${node}/repair-checks.js`,
    ],
    tests: [
      "tests/faults/exclusive-repair.test.js",
      "tests/faults/failed-call.test.js",
      "tests/faults/in-its-place.test.js",
      "tests/faults/repair-power-loss.test.js",
      "tests/js/storage/node/session-files.test.js",
      "tests/js/storage/node/storage.test.js",
    ],
  },
  following: {
    files: [
      "js/following/alarm.js",
      "js/following/endless-records.js",
      "js/following/follow-logs.js",
      "js/following/followed-file.js",
      "js/following/follower.js",
      "js/following/log-files.js",
      "js/following/logs-follower.js",
      "js/following/look-times.js",
      `${node}/follow.js`,
    ],
    tests: [
      "tests/faults/replaced.test.js",
      "tests/js/following/follow.test.js",
      "tests/js/following/many-logs.test.js",
      "tests/js/storage/node/storage.test.js",
    ],
  },
  cache: {
    files: [
      "js/sessions/row-cache.js",
      "js/sessions/summary-cache.js",
      "js/storage/stamps.js",
      `${node}/cache-files.js`,
    ],
    tests: [
      "tests/js/sessions/cache.test.js",
      "tests/js/sessions/cached-list.test.js",
      "tests/js/sessions/many-logs.test.js",
      "tests/js/sessions/sessions.test.js",
    ],
  },
};
