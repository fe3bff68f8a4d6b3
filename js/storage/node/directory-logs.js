// The logs of a directory, and of its subdirectories.

import fs from "node:fs";
import { join } from "node:path";

import { FollowedFolder } from "./follow-directory.js";
import { fileSource, openAny } from "./source.js";
import { fileError, hasCode } from "./errors.js";
import { FoundFiles, lookAtLog } from "./found-files.js";
import { openRegular } from "./regular-file.js";
import { fileOf, openToScan } from "./scanned-file.js";
import { startThread } from "./scan-thread.js";
import { isLogName } from "../listing.js";
import { unlessAborted } from "../../waits.js";

/** @import { FoundLogs, Source, StoredLog, StoredLogs, StoredLogsOptions } from "../storage.js" */
/** @import { Look } from "./found-files.js" */
/** @import { FileRef } from "./scanned-file.js" */

/** How many files are looked at before other work of this thread gets its turn. */
const LOOKS_AT_ONCE = 1000;

/** What a name that is not UTF-8 has in the place of its wrong bytes. */
const WRONG_BYTES = "\ufffd";

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
   * @param {boolean} [isSorted] whether the newest log comes first; else they have any order
   * @returns {Promise<FoundLogs>} none where there is no directory
   */
  async find(signal, isSorted = true) {
    const found = new FoundFiles();
    const dirs = [""];
    let looks = 0;
    for (const dir of dirs) {
      const below = join(this.path, dir, "/");
      for (const entry of this.#entriesOf(dir)) {
        const { name } = entry;
        const bytes = "bytes" in entry ? entry.bytes : null;
        if (this.#recursive && !("bytes" in entry) && entry.isDirectory())
          dirs.push(`${dir}${name}/`);
        if (!isLogName(name)) continue;
        const path = bytes ? Buffer.concat([Buffer.from(below), bytes]) : below + name;
        const look = lookAtLog(path);
        if (look) found.add(dir + name, !bytes, this.#refOf(path, look), path, look);
        looks += 1;
        if (looks % LOOKS_AT_ONCE > 0) continue;
        await unlessAborted(new Promise((done) => setImmediate(done)), signal);
      }
    }
    return isSorted ? found.newestFirst() : found.unsorted();
  }

  /**
   * Returns what opens a log; null where it is not read.
   *
   * @param {string | Buffer} path
   * @param {Look} look
   */
  #refOf(path, { isFile, isLink }) {
    // A path takes less memory than an object with it.
    if (!isLink && (isFile || this.#links)) return path;
    // With `links`, opening what is no file, or leads to none, fails and says why.
    return this.#links ? { path, isLink } : null;
  }

  /**
   * Lists a directory. A subdirectory that is gone has no logs.
   *
   * @param {string} dir below the directory, with a slash at its end; "" for the directory itself
   * @returns {(fs.Dirent | { name: string, bytes: Buffer })[]} with `bytes` where a name is not UTF-8
   */
  #entriesOf(dir) {
    const path = join(this.path, dir, "/");
    try {
      const entries = fs.readdirSync(path, { withFileTypes: true });
      if (!entries.some(({ name }) => name.includes(WRONG_BYTES))) return entries;
      const names = fs.readdirSync(Buffer.from(path), "buffer");
      const wrong = names.filter((name) => !isUtf8(name));
      // A name may really have the character that stands for wrong bytes in another name.
      const right = new Set(names.filter(isUtf8).map(String));
      return [
        ...entries.filter(({ name }) => right.delete(name)),
        ...wrong.map((bytes) => ({ name: bytes.toString(), bytes })),
      ];
    } catch (error) {
      if (hasCode(error, "ENOENT") || (dir !== "" && hasCode(error, "ENOTDIR"))) return [];
      throw fileError(join(this.path, dir), "list", error);
    }
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

/** @param {Buffer} name */
function isUtf8(name) {
  return Buffer.from(name.toString()).equals(name);
}

/** @param {string} path */
function realPath(path) {
  try {
    return fs.realpathSync(path);
  } catch {
    return path;
  }
}
