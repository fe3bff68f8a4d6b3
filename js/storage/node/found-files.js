// The files of a directory of logs, as they are found.

import fs from "node:fs";

import { fileError } from "./errors.js";
import { nameIn, sessionIdFault } from "../../session-id.js";
import { stampOf } from "./regular-file.js";
import { logName, sessionId, sessionInfo } from "../listing.js";
import { dateOf, MTIME, numbersOf, SIZE, STAMP_NUMBERS, STAMP_WORDS } from "../stamps.js";

/** @import { SessionInfo } from "../../types.js" */
/** @import { FoundLogs } from "../storage.js" */
/** @import { FileRef } from "./scanned-file.js" */

/**
 * What a look at a path found.
 *
 * @typedef {object} Look
 * @property {bigint[]} stamp of the file; of a link, that of its target if there is one
 * @property {boolean} isFile whether it is a regular file
 * @property {boolean} isLink whether it is a symbolic link
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
  return { ...changeOf(stamp, 0), ...(!isFile && faultOf(path, isLink)) };
}

/**
 * @param {ArrayLike<bigint>} stamps
 * @param {number} at where the stamp starts
 */
function changeOf(stamps, at) {
  return { bytes: Number(stamps[at + SIZE]), modified: dateOf(stamps[at + MTIME]) };
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

/** The logs that were found so far. Holds a million of them in little memory. */
export class FoundFiles {
  /** @type {string[]} */
  #ids = [];
  /** @type {(FileRef | null)[]} */
  #refs = [];
  #stamps = new BigInt64Array(STAMP_WORDS << 6);
  /** @type {number[]} when each was changed, in nanoseconds since 1970, to about 53 bits */
  #times = [];
  /** What is said of those that are unusual. @type {Map<number, { isUtf8: boolean, fault: object }>} */
  #unusual = new Map();

  /**
   * Adds a log.
   *
   * @param {string} name below the directory
   * @param {boolean} isUtf8 whether the bytes of the name are UTF-8
   * @param {FileRef | null} ref what opens it; null where it is not read
   * @param {string | Buffer} path
   * @param {Look} look
   */
  add(name, isUtf8, ref, path, { stamp, isFile, isLink }) {
    const at = this.#ids.length;
    const start = STAMP_WORDS * at;
    if (start === this.#stamps.length) {
      const longer = new BigInt64Array(2 * start);
      longer.set(this.#stamps);
      this.#stamps = longer;
    }
    for (let word = 0; word < STAMP_WORDS; word += 1) this.#stamps[start + word] = stamp[word];
    this.#times.push(Number(stamp[MTIME]));
    this.#ids.push(sessionId(name));
    this.#refs.push(ref);
    if (!isUtf8 || !isFile)
      this.#unusual.set(at, { isUtf8, fault: isFile ? {} : faultOf(path, isLink) });
  }

  /**
   * Returns the logs in the order in which they were found.
   *
   * @returns {FoundLogs}
   */
  unsorted() {
    return this.#inOrder(this.#ids, this.#refs, this.#stamps, (at) => at);
  }

  /** @returns {FoundLogs} */
  newestFirst() {
    const [ids, refs, words, times] = [this.#ids, this.#refs, this.#stamps, this.#times];
    const order = new Uint32Array(ids.length);
    for (let at = 0; at < order.length; at += 1) order[at] = at;
    order.sort((one, other) => {
      if (times[one] !== times[other]) return times[other] - times[one];
      const [first, second] = [one, other].map((at) => words[STAMP_WORDS * at + MTIME]);
      if (first !== second) return first > second ? -1 : 1;
      return ids[one] < ids[other] ? -1 : 1;
    });
    const stamps = new BigInt64Array(STAMP_WORDS * order.length);
    const [numbers, from] = [numbersOf(stamps), numbersOf(words)];
    const sortedIds = [];
    const sortedRefs = [];
    let next = 0;
    for (const at of order) {
      sortedIds.push(ids[at]);
      sortedRefs.push(refs[at]);
      const end = STAMP_NUMBERS * (at + 1);
      for (let number = end - STAMP_NUMBERS; number < end; number += 1)
        numbers[next++] = from[number];
    }
    return this.#inOrder(sortedIds, sortedRefs, stamps, (at) => order[at]);
  }

  /**
   * @param {string[]} ids
   * @param {(FileRef | null)[]} refs
   * @param {BigInt64Array} stamps
   * @param {(at: number) => number} numberOf returns when the log at a position was found
   * @returns {FoundLogs}
   */
  #inOrder(ids, refs, stamps, numberOf) {
    const unusual = this.#unusual;
    return {
      ids,
      refs,
      stamps,
      info(at) {
        const id = ids[at];
        const { bytes, modified } = changeOf(stamps, STAMP_WORDS * at);
        const { isUtf8, fault } = unusual.get(numberOf(at)) ?? {};
        if (!fault && sessionIdFault(nameIn(id)) === null) return { id, bytes, modified };
        return sessionInfo(logName(id), { bytes, modified, ...fault }, isUtf8);
      },
    };
  }
}
