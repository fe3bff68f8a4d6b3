// Writes to a file of OPFS in a dedicated worker, through the exclusive handle of the file.
// The handle keeps writers apart, because the browser opens only one handle of a file at a time.
// The Web Lock only makes writers take turns. A writer that waited TURN_WAIT for the lock goes on
// without it, because a frozen tab may hold the lock.
//
// Nothing is awaited between opening the handle and closing it. A frozen tab may still keep the
// handle: its worker stops at once, and may then get a handle that it had asked for. The handle
// stays open until the tab is thawed. So a page that hears of the freeze ends a worker that writes
// (PackageWorker). An application's own worker does not hear of the freeze. A stopped process does
// not either. Both may keep the file, and all other writers then fail with BUSY.

import { SkillLogError } from "../../errors.js";
import { matchesMark } from "../file-mark.js";
import { LINE_END } from "../../line-end.js";
import { overwrite } from "../overwrite-steps.js";
import { directoryAt } from "./directory.js";
import { fileError, isNamed } from "./errors.js";
import {
  FILE_WAIT,
  LONGEST_PAUSE,
  SHORTEST_FILE_WAIT,
  SHORTEST_TURN_WAIT,
  TURN_WAIT,
} from "./waits.js";

/** @import { FileMark, OverwriteStep, Stretches } from "../storage.js" */

/**
 * The path of a file below the root of OPFS.
 *
 * @typedef {{ parts: string[], name: string }} OpfsFile
 */

/**
 * The result of a write.
 *
 * @typedef {{ written: number, sealed: boolean, failure?: Cause, syncFailure?: Cause }} Written
 *   `written` counts the bytes of the lines that were written. A torn line was `sealed` by one more
 *   byte before them. `failure` says why some bytes were not written. `syncFailure` says why the
 *   written bytes may not be on the disk
 */

/**
 * @typedef {{ name: string, message: string }} Cause the part of an error that can be sent to
 *   another thread
 */

/** The name of the error while another writer holds the file. */
const HELD = "NoModificationAllowedError";

/**
 * The names of the errors when the file or its directory is removed between creating and opening
 * it. Firefox throws the second.
 */
const REMOVED = ["NotFoundError", "UnknownError"];

/** The name of the channel on which writers report changes to followers. */
export const CHANNEL = "skill-log";

/** @type {BroadcastChannel | undefined} */
let channel;

/** Returns the time of a clock that pages and workers share, in milliseconds. */
export function sharedNow() {
  return performance.timeOrigin + performance.now();
}

/** @param {OpfsFile} opfsFile */
export function pathOf({ parts, name }) {
  return [...parts, name].join("/");
}

/**
 * Appends lines by one write.
 *
 * @param {OpfsFile} opfsFile created if it is missing, with its directories
 * @param {Uint8Array} lines after a line end, which is written only if the file does not end in a
 *   line end
 * @param {boolean} sync whether to sync the file
 * @param {number} [deadline] about when to stop waiting for the file, by `sharedNow`, so that the
 *   time to reach the worker counts
 * @returns {Promise<Written>}
 * @throws {SkillLogError} `BUSY`, `STORAGE_UNAVAILABLE`, `QUOTA_EXCEEDED`, `NOT_A_REGULAR_FILE`,
 *   `IO_ERROR`: nothing was written; `INTERRUPTED` when it is unknown what was written
 */
export async function appendLines(opfsFile, lines, sync, deadline = Infinity) {
  const time = Math.min(FILE_WAIT, Math.max(SHORTEST_FILE_WAIT, deadline - sharedNow()));
  const path = pathOf(opfsFile);
  const written = await withHandle(opfsFile, true, time, (handle) =>
    appendTo(handle, path, lines, sync),
  );
  tellFollowers(path);
  return written;
}

/**
 * Tells followers that a file has grown.
 *
 * @param {string} path
 */
function tellFollowers(path) {
  try {
    channel ??= new BroadcastChannel(CHANNEL);
    channel.postMessage(path);
  } catch {
    // Followers poll too, so they find the entry later.
  }
}

/**
 * @param {FileSystemSyncAccessHandle} handle
 * @param {string} path
 * @param {Uint8Array} lines
 * @param {boolean} sync
 * @returns {Written}
 */
function appendTo(handle, path, lines, sync) {
  const size = handle.getSize();
  const last = new Uint8Array(1);
  // If the last byte cannot be read, a line end is written too. At worst it makes a blank line,
  // which readers skip.
  const sealed = size > 0 && !(handle.read(last, { at: size - 1 }) === 1 && last[0] === LINE_END);
  const bytes = lines.subarray(sealed ? 0 : 1);
  let failure = causeOf(() => writeAll(handle, bytes, size));
  // The size of the file counts, because `write` may return a wrong number.
  const count = Math.min(bytes.length, Math.max(0, sizeAfterWrite(handle, path) - size));
  if (count === bytes.length) failure = undefined;
  // At the quota, Firefox writes nothing and throws nothing.
  else
    failure ??= {
      name: "QuotaExceededError",
      message: "the browser wrote fewer bytes than it was given",
    };
  const syncFailure = sync ? causeOf(() => handle.flush()) : undefined;
  return {
    written: Math.max(0, sealed ? count - 1 : count),
    sealed: sealed && count > 0,
    failure,
    syncFailure,
  };
}

/**
 * @param {FileSystemSyncAccessHandle} handle
 * @param {string} path
 */
function sizeAfterWrite(handle, path) {
  try {
    return handle.getSize();
  } catch (cause) {
    throw new SkillLogError(
      "INTERRUPTED",
      `${path}: the browser does not tell how much was written: the entries may be in the log or not`,
      { path, cause },
    );
  }
}

/**
 * Does some work and returns the error, if there is one.
 *
 * @param {() => void} work
 * @returns {Cause | undefined}
 */
function causeOf(work) {
  try {
    work();
  } catch (error) {
    return error instanceof Error
      ? { name: error.name, message: error.message }
      : { name: "Error", message: String(error) };
  }
}

/**
 * Writes bytes until the browser takes no more.
 *
 * @param {FileSystemSyncAccessHandle} handle
 * @param {Uint8Array} bytes
 * @param {number} at
 */
function writeAll(handle, bytes, at) {
  for (let count = 0, step = 1; step > 0 && count < bytes.length; count += step)
    step = handle.write(bytes.subarray(count), { at: at + count });
}

/**
 * Does a step of overwriting stretches of a file, and syncs it.
 *
 * @param {OpfsFile} opfsFile
 * @param {FileMark} mark by which the file is known
 * @param {Stretches} stretches
 * @param {OverwriteStep} step
 * @returns {Promise<number | null>} the checksum of the bytes after the step; null if another
 *   writer changed them
 * @throws {SkillLogError} `REPLACED` when the file was replaced, and nothing was written; otherwise
 *   as `appendLines`
 */
export async function overwriteStretches(opfsFile, mark, stretches, step) {
  return withHandle(opfsFile, false, FILE_WAIT, (handle) => {
    const path = pathOf(opfsFile);
    checkHandleMark(handle, mark, path);
    const read = (/** @type {Uint8Array} */ bytes, /** @type {number} */ offset) =>
      handle.read(bytes, { at: offset });
    const write = (/** @type {Uint8Array} */ bytes, /** @type {number} */ offset) => {
      const written = handle.write(bytes, { at: offset });
      if (written !== bytes.length)
        throw new SkillLogError("IO_ERROR", `cannot repair ${path}: a short write`, { path });
    };
    const sum = overwrite({ read, write }, stretches, step);
    if (sum !== null) handle.flush();
    return sum;
  });
}

/**
 * Ends the last line of a file that has not grown, and syncs it.
 *
 * @param {OpfsFile} opfsFile
 * @param {FileMark} mark by which the file is known
 * @param {number} end the size that the file must have
 * @returns {Promise<boolean>} false when the file has grown
 * @throws {SkillLogError} as for `overwriteStretches`
 */
export async function sealLine(opfsFile, mark, end) {
  const path = pathOf(opfsFile);
  const isSealed = await withHandle(opfsFile, false, FILE_WAIT, (handle) => {
    checkHandleMark(handle, mark, path);
    if (handle.getSize() !== end) return false;
    if (handle.write(Uint8Array.of(LINE_END), { at: end }) !== 1)
      throw new DOMException("the browser took nothing", "QuotaExceededError");
    handle.flush();
    return true;
  });
  if (isSealed) tellFollowers(path);
  return isSealed;
}

/**
 * @param {FileSystemSyncAccessHandle} handle
 * @param {FileMark} mark
 * @param {string} path
 */
function checkHandleMark(handle, mark, path) {
  const there = new Uint8Array(mark.bytes.length);
  if (!matchesMark(mark.bytes, there.subarray(0, handle.read(there, { at: mark.offset }))))
    throw replacedBeforeWrite(path);
}

/**
 * Returns the error for a file that was replaced before a repair wrote to it.
 *
 * @param {string} path
 */
export function replacedBeforeWrite(path) {
  return new SkillLogError(
    "REPLACED",
    `${path} was replaced by another file: nothing was changed in it`,
    {
      path,
    },
  );
}

/**
 * Works on a file while no other writer can.
 *
 * @template T
 * @param {OpfsFile} opfsFile
 * @param {boolean} create whether to create the file and its directories
 * @param {number} time the longest wait for the file, in milliseconds
 * @param {(handle: FileSystemSyncAccessHandle) => T} work awaits nothing
 * @returns {Promise<T>}
 */
async function withHandle(opfsFile, create, time, work) {
  const path = pathOf(opfsFile);
  const deadline = performance.now() + time;
  return inTurn(path, time, async () => {
    const handle = await untilFree(
      path,
      () => open(opfsFile, create),
      deadline,
      create ? [HELD, ...REMOVED] : [HELD],
    );
    try {
      return work(handle);
    } catch (error) {
      throw fileError(path, "change", error);
    } finally {
      handle.close();
    }
  });
}

/**
 * The most file handles that are kept. They save finding a file, which takes as long as opening it.
 */
const MAX_FOUND = 100;

/** @type {Map<string, FileSystemFileHandle>} by path */
const found = new Map();

/**
 * Opens the exclusive handle of a file.
 *
 * @param {OpfsFile} opfsFile
 * @param {boolean} create
 * @returns {Promise<FileSystemSyncAccessHandle>}
 */
async function open(opfsFile, create) {
  const path = pathOf(opfsFile);
  const known = create ? found.get(path) : undefined;
  try {
    const file = known ?? (await find(opfsFile, create));
    const handle = await file.createSyncAccessHandle();
    try {
      // In a private window Chromium opens a removed file, and discards what is written.
      if (!Number.isSafeInteger(handle.getSize()))
        throw new DOMException("the file was removed", "NotFoundError");
    } catch (error) {
      handle.close();
      throw error;
    }
    if (found.size >= MAX_FOUND) found.clear();
    found.set(path, file);
    return handle;
  } catch (error) {
    if (known && !isNamed(error, HELD)) {
      // The file or its directory was removed.
      found.delete(path);
      return open(opfsFile, create);
    }
    // An error shows that other writers are at work, so a turn will come.
    turnWait = TURN_WAIT;
    throw error;
  }
}

/**
 * @param {OpfsFile} opfsFile
 * @param {boolean} create
 */
async function find({ parts, name }, create) {
  const directory = await directoryAt(parts, create);
  return directory.getFileHandle(name, { create });
}

/**
 * How long to wait for a turn, in milliseconds. After a turn did not come, the wait is short,
 * because a frozen tab may hold the lock.
 */
let turnWait = TURN_WAIT;

/**
 * Runs work when this writer's turn comes, or when the wait for it is over.
 *
 * @template T
 * @param {string} path
 * @param {number} time the longest wait, in milliseconds
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function inTurn(path, time, work) {
  const waiting = new AbortController();
  const timer = setTimeout(() => waiting.abort(), Math.min(turnWait, time));
  let isTurn = false;
  try {
    return await navigator.locks.request(`${CHANNEL}:${path}`, { signal: waiting.signal }, () => {
      isTurn = true;
      turnWait = TURN_WAIT;
      return work();
    });
  } catch (error) {
    // There is no lock, or it did not come: a sandboxed frame refuses locks. Work without it.
    if (isTurn) throw error;
  } finally {
    clearTimeout(timer);
  }
  if (waiting.signal.aborted) turnWait = SHORTEST_TURN_WAIT;
  return work();
}

/**
 * Repeats an attempt that the browser refuses while another writer holds the file.
 *
 * @template T
 * @param {string} path
 * @param {() => Promise<T>} attempt
 * @param {number} [deadline]
 * @param {string[]} [temporary] names of the errors after which to try again
 * @returns {Promise<T>}
 * @throws {SkillLogError} `BUSY` when another writer holds the file, and no time is left for
 *   another attempt
 */
export async function untilFree(
  path,
  attempt,
  deadline = performance.now() + FILE_WAIT,
  temporary = [HELD],
) {
  for (let pause = 1; ; ) {
    try {
      return await attempt();
    } catch (error) {
      const isHeld = isNamed(error, HELD);
      const isLate = performance.now() + pause > deadline;
      if (isHeld && isLate)
        throw new SkillLogError(
          "BUSY",
          `${path}: other tabs or workers held the file for too long; nothing was changed: try again`,
          { path, cause: error },
        );
      if (isLate || !temporary.some((name) => isNamed(error, name)))
        throw fileError(path, "change", error);
      if (isHeld) pause = Math.min(2 * pause, LONGEST_PAUSE);
    }
    // Random, so that writers do not try at the same time.
    const time = pause * (0.5 + Math.random());
    await new Promise((wake) => setTimeout(wake, time));
  }
}
