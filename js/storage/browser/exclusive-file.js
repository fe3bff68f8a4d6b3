// Writing to a file of OPFS, in a dedicated worker: under the one exclusive handle that the browser gives to a file.
//
// The handle is what keeps writers apart; the Web Lock makes it fair, and no more: who waited for it for long goes on without, because
// a frozen tab may hold it. Nothing is awaited between getting the handle and closing it. That is not enough where tabs are frozen: a
// worker stops wherever it is, and a handle that was asked for is given to it then, and stays with it until the tab is thawed. So a page
// that is told of it ends the package's worker where it writes (PackageWorker). A worker of the application's own is told nothing, nor is a
// process that is stopped: they may keep the file, and all others can do is to wait for no longer than is bearable.

import { SkillLogError } from "../../errors.js";
import { isMarked } from "../file-mark.js";
import { overwrite } from "../overwriting.js";
import { directoryAt } from "./directory.js";
import { fileError, isNamed } from "./errors.js";

/** @import { FileMark, OverwriteStep, Stretches } from "../storage.js" */

/**
 * A file below the root of OPFS.
 *
 * @typedef {{ parts: string[], name: string }} OpfsFile
 */

/**
 * How a write went.
 *
 * @typedef {{ written: number, sealed: boolean, failure?: Cause, syncFailure?: Cause }} Written `written` bytes of the lines that were
 *   to be, and one byte before them where a torn line was `sealed`; `failure` says why not all were
 */

/** @typedef {{ name: string, message: string }} Cause what there is of an error that any thread can be told */

/** How long to wait for the file at most, in milliseconds; then nothing was written. */
export const LONGEST_WAIT = 1100;

/** How long at least, however long an append has waited for its turn and for the worker. */
const SHORTEST_WAIT = 200;

/** How long to wait for one's turn, in milliseconds. */
const LONGEST_TURN = 500;

/** How long once that was in vain. */
const SHORTEST_TURN = 20;

/** How long to pause between two attempts to open the handle, in milliseconds, at most. */
const LONGEST_PAUSE = 32;

/** What is thrown as long as others hold a file. */
const HELD = "NoModificationAllowedError";

/** What is thrown where a file, or its directory, is removed between being made and being opened: the second by Firefox. */
const REMOVED = ["NotFoundError", "UnknownError"];

const NEWLINE = 0x0a;

/** What writers tell followers of. */
export const CHANNEL = "skill-log";

/** @type {BroadcastChannel | undefined} */
let channel;

/** Tells the time by a clock that pages and workers share, in milliseconds. */
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
 * @param {OpfsFile} opfsFile made where it is missing, its directories too
 * @param {Uint8Array} lines with a line end before them, for a file that does not end in one
 * @param {boolean} sync whether to bring them to the disk
 * @param {number} [deadline] until when to wait for the file, about, by the clock that is shared: what it takes to come here counts
 * @returns {Promise<Written>}
 * @throws {SkillLogError} `BUSY`, `STORAGE_UNAVAILABLE`, `QUOTA_EXCEEDED`, `NOT_A_REGULAR_FILE`, `IO_ERROR`: nothing was written;
 *   `INTERRUPTED` where the browser does not tell what was
 */
export async function appendLines(opfsFile, lines, sync, deadline = Infinity) {
  const time = Math.min(LONGEST_WAIT, Math.max(SHORTEST_WAIT, deadline - sharedNow()));
  const path = pathOf(opfsFile);
  const written = await withHandle(opfsFile, true, time, (handle) =>
    appendTo(handle, path, lines, sync),
  );
  tell(path);
  return written;
}

/**
 * Tells followers that a file has grown.
 *
 * @param {string} path
 */
function tell(path) {
  try {
    channel ??= new BroadcastChannel(CHANNEL);
    channel.postMessage(path);
  } catch {
    // They look for themselves, later: the entry is in the file.
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
  // In doubt, sealed: a blank line is nothing.
  const sealed = size > 0 && !(handle.read(last, { at: size - 1 }) === 1 && last[0] === NEWLINE);
  const bytes = lines.subarray(sealed ? 0 : 1);
  let failure = causeOf(() => writeAll(handle, bytes, size));
  // What is in the file counts, not what was said to be.
  const count = Math.min(bytes.length, Math.max(0, sizeAfterWrite(handle, path) - size));
  if (count === bytes.length) failure = undefined;
  // Where its storage is used up, Firefox takes nothing and says nothing.
  else
    failure ??= { name: "QuotaExceededError", message: "the browser took less than it was given" };
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
      `${path}: the browser does not tell how much of it was written: whether it was is not known`,
      { path, cause },
    );
  }
}

/**
 * Does something, and gives why it could not be done.
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
 * Writes bytes, as many as are taken.
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
 * Does a step of overwriting stretches of a file, and brings it to the disk.
 *
 * @param {OpfsFile} opfsFile
 * @param {FileMark} mark by which the file is known
 * @param {Stretches} stretches
 * @param {OverwriteStep} step
 * @returns {Promise<number | null>} the sum of the bytes that stand there then; null where others have changed them
 * @throws {SkillLogError} `REPLACED` where the file is another one now, and nothing was written; others as for `appendLines`
 */
export async function overwriteStretches(opfsFile, mark, stretches, step) {
  return withHandle(opfsFile, false, LONGEST_WAIT, (handle) => {
    const path = pathOf(opfsFile);
    checkMark(handle, mark, path);
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
 * Ends the last line of a file that has not grown, and brings that to the disk.
 *
 * @param {OpfsFile} opfsFile
 * @param {FileMark} mark by which the file is known
 * @param {number} end where the file ended
 * @returns {Promise<boolean>} false where it has grown
 * @throws {SkillLogError} as for `overwriteStretches`
 */
export async function sealLine(opfsFile, mark, end) {
  const path = pathOf(opfsFile);
  const isSealed = await withHandle(opfsFile, false, LONGEST_WAIT, (handle) => {
    checkMark(handle, mark, path);
    if (handle.getSize() !== end) return false;
    if (handle.write(Uint8Array.of(NEWLINE), { at: end }) !== 1)
      throw new DOMException("the browser took nothing", "QuotaExceededError");
    handle.flush();
    return true;
  });
  if (isSealed) tell(path);
  return isSealed;
}

/**
 * @param {FileSystemSyncAccessHandle} handle
 * @param {FileMark} mark
 * @param {string} path
 */
function checkMark(handle, mark, path) {
  const there = new Uint8Array(mark.bytes.length);
  if (!isMarked(mark.bytes, there.subarray(0, handle.read(there, { at: mark.offset }))))
    throw replaced(path);
}

/** @param {string} path */
export function replaced(path) {
  return new SkillLogError("REPLACED", `${path} is another file now: nothing was changed in it`, {
    path,
  });
}

/**
 * Works on a file while nobody else can.
 *
 * @template T
 * @param {OpfsFile} opfsFile
 * @param {boolean} create whether to make the file and its directories
 * @param {number} time how long to wait for it at most, in milliseconds
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

/** How many files are remembered: finding one takes as long as opening its handle. */
const MAX_FOUND = 100;

/** @type {Map<string, FileSystemFileHandle>} files that were found, by path */
const found = new Map();

/**
 * Opens the one handle that there can be.
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
    // In a private window Chromium opens a file that was removed, and takes all that is written for nothing.
    if (!Number.isSafeInteger(handle.getSize())) {
      handle.close();
      throw new DOMException("the file was removed", "NotFoundError");
    }
    if (found.size >= MAX_FOUND) found.clear();
    found.set(path, file);
    return handle;
  } catch (error) {
    if (known && !isNamed(error, HELD)) {
      // It was removed, or its directory was.
      found.delete(path);
      return open(opfsFile, create);
    }
    // Others write: there are turns.
    patience = LONGEST_TURN;
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

/** How long to wait for one's turn: not for long once nobody wrote meanwhile, as it is while a frozen tab holds the lock. */
let patience = LONGEST_TURN;

/**
 * Runs work when it is one's turn, or when that takes too long.
 *
 * @template T
 * @param {string} path
 * @param {number} time how long to wait at most, in milliseconds
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function inTurn(path, time, work) {
  const waiting = new AbortController();
  const timer = setTimeout(() => waiting.abort(), Math.min(patience, time));
  let isTurn = false;
  try {
    return await navigator.locks.request(`${CHANNEL}:${path}`, { signal: waiting.signal }, () => {
      isTurn = true;
      patience = LONGEST_TURN;
      return work();
    });
  } catch (error) {
    // Where there are no locks, or they are refused, as in a sandboxed frame, it is always one's turn.
    if (isTurn) throw error;
  } finally {
    clearTimeout(timer);
  }
  if (waiting.signal.aborted) patience = SHORTEST_TURN;
  return work();
}

/**
 * Does what the browser refuses as long as others hold a file, again and again until it can be done.
 *
 * @template T
 * @param {string} path
 * @param {() => Promise<T>} attempt
 * @param {number} [deadline]
 * @param {string[]} [passing] names of errors that pass
 * @returns {Promise<T>}
 * @throws {SkillLogError} `BUSY` where others hold it at the deadline
 */
export async function untilFree(
  path,
  attempt,
  deadline = performance.now() + LONGEST_WAIT,
  passing = [HELD],
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
          `${path} was held by others for too long: nothing was changed`,
          { path, cause: error },
        );
      if (isLate || !passing.some((name) => isNamed(error, name)))
        throw fileError(path, "change", error);
      if (isHeld) pause = Math.min(2 * pause, LONGEST_PAUSE);
    }
    // Not all at the same time.
    const time = pause * (0.5 + Math.random());
    await new Promise((wake) => setTimeout(wake, time));
  }
}
