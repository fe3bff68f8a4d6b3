// The files of a directory of logs, as they are found.

import fs from "node:fs";

import { fileError } from "./errors.js";
import { nameIn, sessionIdFault } from "../../session-id.js";
import { stampOf } from "./regular-file.js";
import { UNLISTED } from "../found-logs.js";
import { logName, sessionInfo } from "../listing.js";
import {
  dateOf,
  modifiedIn,
  MTIME,
  numbersOf,
  SIZE,
  sizeIn,
  STAMP_NUMBERS,
  STAMP_WORDS,
} from "../stamps.js";

/** @import { SessionInfo } from "../../types.js" */
/** @import { FoundLogs } from "../storage.js" */
/** @import { FileRef } from "./scanned-file.js" */

/**
 * What opens a log: its session id, which takes no more memory; its path, if that is not UTF-8; or
 * also whether to follow it if it is a link.
 *
 * @typedef {FileRef} LogRef
 */

/**
 * What a look at a path found.
 *
 * @typedef {object} Look
 * @property {bigint[]} stamp of the file; of a link, that of its target if there is one
 * @property {boolean} isFile whether it is a regular file
 * @property {boolean} isLink whether it is a symbolic link
 * @property {boolean} [isArchived] whether files of the session are archived
 */

/**
 * Looks at a log without opening it.
 *
 * @param {string | Buffer} path
 * @returns {Look | null} null when nothing is there
 */
export function lookAtLog(path) {
  let stat;
  try {
    stat = fs.lstatSync(path, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    throw fileError(path.toString(), "look at", error);
  }
  if (!stat) return null;
  const isLink = stat.isSymbolicLink();
  const target = isLink ? targetOf(path) : undefined;
  return { stamp: stampOf(target ?? stat), isFile: stat.isFile(), isLink };
}

/**
 * Describes a log that was looked at.
 *
 * @param {string | Buffer} path
 * @param {Look} look
 * @returns {Omit<SessionInfo, "id">}
 */
export function factsOf(path, { stamp, isFile, isLink }) {
  return {
    bytes: Number(stamp[SIZE]),
    modified: dateOf(stamp[MTIME]),
    ...(!isFile && faultOf(path, isLink)),
  };
}

/**
 * Says why what is at a path is no regular file.
 *
 * @param {string | Buffer} path
 * @param {boolean} isLink
 */
function faultOf(path, isLink) {
  if (!isLink) return { unsafe: "not a regular file" };
  return { unsafe: "a symbolic link, and not a regular file", link: linkAt(path) };
}

/** @param {string | Buffer} path of a link */
function targetOf(path) {
  try {
    return fs.statSync(path, { bigint: true });
  } catch {
    // The target is missing or forbidden, or the link leads to itself.
    return undefined;
  }
}

/** @param {string | Buffer} path of a link */
function linkAt(path) {
  try {
    return fs.readlinkSync(path);
  } catch {
    // The link was removed or replaced.
    return "";
  }
}

/** The stamp of what was not looked at. */
const NO_STAMP = new Array(STAMP_WORDS).fill(0n);

/** The logs that were found so far. Holds a million of them in little memory. */
export class FoundFiles {
  /** @type {string[]} */
  #ids = [];
  /** Where any is not the id: what opens each. @type {(LogRef | null)[] | null} */
  #refs = null;
  #stamps = new BigInt64Array(STAMP_WORDS << 6);
  /** @type {number[]} when each was changed, in nanoseconds since 1970, to about 53 bits */
  #times = [];
  /** Why a subdirectory cannot be listed. @type {Map<number, unknown>} */
  #unlisted = new Map();
  /** What is said of those that are unusual. @type {Map<number, { isUtf8: boolean, fault: object }>} */
  #unusual = new Map();

  /**
   * Adds a log.
   *
   * @param {string} id
   * @param {boolean} isUtf8 whether the bytes of its name are UTF-8
   * @param {LogRef | null} ref what opens it; null where it is not read
   * @param {string | Buffer} path
   * @param {Look} look
   */
  add(id, isUtf8, ref, path, { stamp, isFile, isLink, isArchived = false }) {
    const at = this.#ids.length;
    const start = STAMP_WORDS * at;
    if (start === this.#stamps.length) {
      const longer = new BigInt64Array(2 * start);
      longer.set(this.#stamps);
      this.#stamps = longer;
    }
    for (let word = 0; word < STAMP_WORDS; word += 1) this.#stamps[start + word] = stamp[word];
    this.#times.push(Number(stamp[MTIME]));
    if (ref !== id) this.#refs ??= this.#ids.slice();
    this.#refs?.push(ref);
    this.#ids.push(id);
    if (!isUtf8 || !isFile)
      this.#unusual.set(at, { isUtf8, fault: isFile ? {} : faultOf(path, isLink) });
    else if (isArchived) this.#unusual.set(at, { isUtf8, fault: { archived: true } });
  }

  /**
   * Adds a subdirectory that cannot be listed.
   *
   * @param {string} id its path below the directory, with a slash at its end
   * @param {unknown} error
   */
  addUnlisted(id, error) {
    const look = { stamp: NO_STAMP, isFile: true, isLink: false };
    this.#unlisted.set(this.#ids.length, error);
    this.add(id, true, null, "", look);
  }

  /**
   * Returns the logs in the order in which they were found.
   *
   * @returns {FoundLogs}
   */
  unsorted() {
    return this.#inOrder(this.#ids, this.#refs ?? this.#ids, null);
  }

  /** @returns {FoundLogs} */
  newestFirst() {
    const order = newestFirst(this.#ids, this.#stamps, this.#times);
    reorder(this.#stamps, order);
    const ids = Array.from(order, (at) => this.#ids[at]);
    const refs = this.#refs;
    return this.#inOrder(ids, refs ? Array.from(order, (at) => refs[at]) : ids, order);
  }

  /**
   * @param {string[]} ids
   * @param {(LogRef | null)[]} refs
   * @param {Uint32Array | null} order for each log its number; null where that is its position
   * @returns {FoundLogs}
   */
  #inOrder(ids, refs, order) {
    const stamps = this.#stamps.subarray(0, STAMP_WORDS * ids.length);
    const unlisted = new Map(
      Array.from(this.#unlisted, ([number, error]) => [order?.indexOf(number) ?? number, error]),
    );
    return {
      ids,
      refs,
      stamps,
      unlisted,
      info: infoBy(ids, stamps, order, this.#unusual, unlisted),
    };
  }
}

// The functions below hold only what they need: what is local to `newestFirst` is garbage soon.

/**
 * Returns the numbers of logs in their order.
 *
 * @param {string[]} ids by number
 * @param {BigInt64Array} words the stamps
 * @param {number[]} times when each was changed, about
 */
function newestFirst(ids, words, times) {
  const order = [];
  // Names come in their order, and often that of the times, which an array sorts in few steps.
  for (let at = 0; at < ids.length; at += 1) order.push(at);
  order.sort((one, other) => {
    if (times[one] !== times[other]) return times[other] - times[one];
    const first = words[STAMP_WORDS * one + MTIME];
    const second = words[STAMP_WORDS * other + MTIME];
    if (first !== second) return first > second ? -1 : 1;
    return ids[one] < ids[other] ? -1 : 1;
  });
  return Uint32Array.from(order);
}

/**
 * Orders stamps, in the same memory: each goes to the place of the one that it follows in a cycle.
 *
 * @param {BigInt64Array} stamps
 * @param {Uint32Array} order
 */
function reorder(stamps, order) {
  const numbers = numbersOf(stamps);
  const held = new Int32Array(STAMP_NUMBERS);
  const isDone = new Uint8Array(order.length);
  const copy = (
    /** @type {Int32Array} */ from,
    /** @type {number} */ start,
    /** @type {Int32Array} */ to,
    /** @type {number} */ at,
  ) => {
    for (let number = 0; number < STAMP_NUMBERS; number += 1)
      to[at + number] = from[start + number];
  };
  for (let start = 0; start < order.length; start += 1) {
    if (isDone[start] === 1) continue;
    copy(numbers, STAMP_NUMBERS * start, held, 0);
    let at = start;
    for (; order[at] !== start; at = order[at]) {
      copy(numbers, STAMP_NUMBERS * order[at], numbers, STAMP_NUMBERS * at);
      isDone[at] = 1;
    }
    copy(held, 0, numbers, STAMP_NUMBERS * at);
    isDone[at] = 1;
  }
}

/**
 * Returns what describes each log.
 *
 * @param {string[]} ids
 * @param {BigInt64Array} stamps
 * @param {Uint32Array | null} order for each log its number; null where that is its position
 * @param {ReadonlyMap<number, { isUtf8: boolean, fault: object }>} unusual by number
 * @param {ReadonlyMap<number, unknown>} unlisted by position
 * @returns {FoundLogs["info"]}
 */
function infoBy(ids, stamps, order, unusual, unlisted) {
  const numbers = numbersOf(stamps);
  return (at) => {
    const id = ids[at];
    const bytes = sizeIn(numbers, STAMP_NUMBERS * at);
    const modified = new Date(modifiedIn(numbers, STAMP_NUMBERS * at));
    if (unlisted.has(at)) return { id, bytes, modified, unsafe: UNLISTED };
    const { isUtf8, fault } = unusual.get(order ? order[at] : at) ?? {};
    if (!fault && sessionIdFault(nameIn(id)) === null) return { id, bytes, modified };
    return sessionInfo(logName(id), { bytes, modified, ...fault }, isUtf8);
  };
}
