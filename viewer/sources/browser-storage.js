// Logs that programs of the page's origin keep in the browser: in its origin private file system.

import { openFolder } from "./dropped.js";

/** @import { Opened } from "./opened.js" */

/** What the package keeps there for itself. */
const CACHE = ".skill-log-cache";

/**
 * Returns whether the browser may have logs of this origin.
 *
 * @returns {Promise<boolean>}
 */
export async function hasStoredLogs() {
  try {
    for await (const name of (await navigator.storage.getDirectory()).keys())
      if (name !== CACHE) return true;
  } catch {
    // Private windows have none.
  }
  return false;
}

/**
 * Opens all logs of the origin.
 *
 * @returns {Promise<Opened>}
 */
export async function openStoredLogs() {
  return openFolder(await navigator.storage.getDirectory());
}
