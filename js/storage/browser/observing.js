// Has the browser report changes of files and folders, which only Chromium does.
//
// Chromium (156 at least) ends, with all its tabs, when the last watch of a file goes away while a watch
// of a folder around it is being set up: its process finds the new watch gone. So no watch of an origin
// ends while another one starts. What remains is a tab that is closed in such a moment.

import { CHANNEL } from "./exclusive-file.js";
import { WATCH_WAIT } from "./waits.js";

/** The Web Lock of watches. No file's path is empty, so no file has this lock. */
const LOCK = `${CHANNEL}:`;

/**
 * @param {FileSystemObserver} observer
 * @param {FileSystemFileHandle | FileSystemDirectoryHandle} handle
 * @param {{ recursive?: boolean }} [options]
 */
export function observe(observer, handle, options) {
  return inTurn("shared", () => observer.observe(handle, options));
}

/**
 * Disconnects an observer, soon. It may report changes until then.
 *
 * @param {FileSystemObserver | null} observer
 */
export function disconnect(observer) {
  if (observer) void inTurn("exclusive", async () => observer.disconnect());
}

/**
 * Runs work when its turn comes, or when the wait for it is over: a frozen tab may hold the lock forever.
 *
 * @param {LockMode} mode
 * @param {() => Promise<void>} work
 */
async function inTurn(mode, work) {
  let isTurn = false;
  try {
    const signal = AbortSignal.timeout(WATCH_WAIT);
    return await navigator.locks.request(LOCK, { mode, signal }, () => {
      isTurn = true;
      return work();
    });
  } catch (error) {
    if (isTurn) throw error;
  }
  return work();
}
