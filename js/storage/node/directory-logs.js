// The logs of a directory, and of its subdirectories.

import fs from "node:fs";
import { join } from "node:path";

import { FollowedFolder } from "./follow-directory.js";
import { fileSource, openAny } from "./source.js";
import { fileError, hasCode } from "./errors.js";
import { openRegular, stampOf } from "./regular-file.js";
import { fileOf, openToScan } from "./scanned-file.js";
import { startThread } from "./scan-thread.js";
import { isLogName, sessionInfo } from "../listing.js";
import { dateOf, MTIME, STAMP_WORDS } from "../stamps.js";
import { unlessAborted } from "../../waits.js";

/** @import { SessionInfo } from "../../types.js" */
/** @import { FoundLogs, Source, StoredLog, StoredLogs, StoredLogsOptions } from "../storage.js" */
/** @import { FileRef } from "./scanned-file.js" */

/** How many files are looked at before other work of this thread gets its turn. */
const LOOKS_AT_ONCE = 1000;

/** What a name that is not UTF-8 has in the place of its wrong bytes. */
const WRONG_BYTES = "\ufffd";

/** @typedef {{ info: SessionInfo, ref: FileRef | null, stamp: number }} Found `stamp` is its number */

/** Stamps that are gathered, in little memory. */
class Stamps {
  words = new BigInt64Array(STAMP_WORDS << 6);
  #count = 0;

  /**
   * Adds a stamp. Returns its number.
   *
   * @param {bigint[]} stamp
   */
  add(stamp) {
    const start = STAMP_WORDS * this.#count;
    if (start === this.words.length) {
      const longer = new BigInt64Array(2 * start);
      longer.set(this.words);
      this.words = longer;
    }
    this.words.set(stamp, start);
    this.#count += 1;
    return this.#count - 1;
  }

  /** @param {number[]} numbers of stamps */
  inOrder(numbers) {
    const stamps = new BigInt64Array(STAMP_WORDS * numbers.length);
    for (const [at, number] of numbers.entries()) {
      const start = STAMP_WORDS * number;
      stamps.set(this.words.subarray(start, start + STAMP_WORDS), STAMP_WORDS * at);
    }
    return stamps;
  }
}

/** @implements {StoredLogs} */
export class DirectoryLogs {
  #storedLog;
  #recursive;
  #links;
  startThread = startThread;
  openToScan = openToScan;

  /**
   * @param {string} path an absolute path
   * @param {(dir: string, id: string, options: StoredLogsOptions) => StoredLog} storedLog
   * @param {StoredLogsOptions} options
   */
  constructor(path, storedLog, options) {
    this.path = path;
    this.#storedLog = (/** @type {string} */ id) => storedLog(path, id, options);
    this.#recursive = options.recursive;
    this.#links = options.links;
  }

  get cacheKey() {
    return JSON.stringify([realPath(this.path), this.#recursive, this.#links]);
  }

  /** @param {ReadonlySet<string>} [ids] */
  followed(ids) {
    return new FollowedFolder(this.path, this.#recursive, this.#links, ids);
  }

  /**
   * Finds the logs. Looks at each file once, and opens none.
   *
   * @param {AbortSignal} [signal]
   * @returns {Promise<FoundLogs>} none where there is no directory
   */
  async find(signal) {
    /** @type {Found[]} */
    const found = [];
    const stamps = new Stamps();
    const dirs = [""];
    let looks = 0;
    for (const dir of dirs) {
      for (const { name, path, isDirectory, isUtf8 } of this.#entriesOf(dir)) {
        if (this.#recursive && isDirectory) dirs.push(`${dir}${name}/`);
        if (!isLogName(name)) continue;
        const log = this.#lookAt(`${dir}${name}`, path, isUtf8, stamps);
        if (log) found.push(log);
        looks += 1;
        if (looks % LOOKS_AT_ONCE > 0) continue;
        await unlessAborted(new Promise((done) => setImmediate(done)), signal);
      }
    }
    const times = stamps.words;
    const modified = (/** @type {Found} */ { stamp }) => times[STAMP_WORDS * stamp + MTIME];
    found.sort((one, other) => {
      const [first, second] = [modified(one), modified(other)];
      if (first !== second) return first > second ? -1 : 1;
      return one.info.id < other.info.id ? -1 : 1;
    });
    return {
      logs: found.map(({ info }) => info),
      refs: found.map(({ ref }) => ref),
      stamps: stamps.inOrder(found.map(({ stamp }) => stamp)),
    };
  }

  /**
   * Lists a directory. A subdirectory that is gone has no logs.
   *
   * @param {string} dir below the directory, with a slash at its end; "" for the directory itself
   * @returns {{ name: string, path: string | Buffer, isDirectory: boolean, isUtf8: boolean }[]}
   */
  #entriesOf(dir) {
    const path = join(this.path, dir, "/");
    try {
      const entries = fs.readdirSync(path, { withFileTypes: true });
      const listed = entries.map((entry) => ({
        name: entry.name,
        path: path + entry.name,
        isDirectory: entry.isDirectory(),
        isUtf8: true,
      }));
      if (!listed.some(({ name }) => name.includes(WRONG_BYTES))) return listed;
      const names = fs.readdirSync(Buffer.from(path), "buffer");
      const wrong = names.filter((name) => !isUtf8(name));
      // A name may really have the character that stands for wrong bytes in another name.
      const right = new Set(names.filter(isUtf8).map(String));
      return [
        ...listed.filter(({ name }) => right.delete(name)),
        ...wrong.map((name) => ({
          name: name.toString(),
          path: Buffer.concat([Buffer.from(path), name]),
          isDirectory: false,
          isUtf8: false,
        })),
      ];
    } catch (error) {
      if (hasCode(error, "ENOENT") || (dir !== "" && hasCode(error, "ENOTDIR"))) return [];
      throw fileError(join(this.path, dir), "list", error);
    }
  }

  /**
   * @param {string} name below the directory
   * @param {string | Buffer} path
   * @param {boolean} isUtf8 whether the bytes of the name are UTF-8
   * @param {Stamps} stamps gets the stamp of the log
   * @returns {Found | null} null when the path is gone
   */
  #lookAt(name, path, isUtf8, stamps) {
    const found = lookAtLog(path);
    if (!found) return null;
    const { facts, isFile, stamp } = found;
    const isLink = facts.link !== undefined;
    return {
      info: sessionInfo(name, facts, isUtf8),
      // With `links`, opening what is no file, or leads to none, fails and says why. A path takes
      // less memory than an object with it.
      ref: isLink ? (this.#links ? { path, isLink } : null) : isFile || this.#links ? path : null,
      stamp: stamps.add(stamp),
    };
  }

  /** @param {string} id */
  storedLog(id) {
    return this.#storedLog(id);
  }

  /** @param {FileRef} ref */
  named(ref) {
    const { path } = fileOf(ref);
    return { name: path.toString(), path: path.toString() };
  }

  /** @param {FileRef} ref */
  open(ref) {
    return openRef(ref);
  }
}

/**
 * Opens a log to read it.
 *
 * @param {FileRef} ref
 * @returns {Promise<Source | null>} null when there is none
 */
export async function openRef(ref) {
  const { path, isLink } = fileOf(ref);
  try {
    const fd = isLink ? openAny(path) : openRegular(path, fs.constants.O_RDONLY);
    return fileSource(path.toString(), fd);
  } catch (error) {
    if (hasCode(error, "ENOENT") || hasCode(error, "ENOTDIR")) return null;
    throw fileError(path.toString(), "open", error);
  }
}

/**
 * Looks at a log without opening it.
 *
 * @param {string | Buffer} path
 * @returns {{ facts: Omit<SessionInfo, "id">, isFile: boolean, stamp: bigint[] } | null} null when
 *   nothing is there; of a link, the stamp is that of its target
 */
export function lookAtLog(path) {
  let own;
  try {
    own = fs.lstatSync(path, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    throw fileError(path.toString(), "look at", error);
  }
  if (!own) return null;
  const stat = (own.isSymbolicLink() && targetOf(path)) || own;
  return { facts: factsOf(path, own, stat), isFile: own.isFile(), stamp: stampOf(stat) };
}

/** @param {Buffer} name */
function isUtf8(name) {
  return Buffer.from(name.toString()).equals(name);
}

/**
 * Returns what is known of a log without opening it.
 *
 * @param {string | Buffer} path
 * @param {fs.BigIntStats} own
 * @param {fs.BigIntStats} stat of the file itself, or of the target of a link
 * @returns {Omit<SessionInfo, "id">}
 */
function factsOf(path, own, { size, mtimeNs }) {
  const facts = { bytes: Number(size), modified: dateOf(mtimeNs) };
  if (own.isFile()) return facts;
  if (!own.isSymbolicLink()) return { ...facts, unsafe: "not a regular file" };
  const unsafe = "a symbolic link, and not a regular file";
  return { ...facts, unsafe, link: linkAt(path) };
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

/** @param {string} path */
function realPath(path) {
  try {
    return fs.realpathSync(path);
  } catch {
    return path;
  }
}
