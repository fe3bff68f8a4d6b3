import fs from "node:fs";

/**
 * Lists the paths that are opened from now on: a directory is opened only to sync it.
 *
 * @param {import("node:test").TestContext} t
 */
export function openedPaths(t) {
  /** @type {string[]} */
  const opened = [];
  const openSync = fs.openSync;
  t.mock.method(fs, "openSync", (/** @type {[any, any, any]} */ ...args) => {
    opened.push(args[0]);
    return openSync(...args);
  });
  return opened;
}
