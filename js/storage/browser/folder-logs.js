// The logs of a directory of OPFS, or of a folder that a user picked, and of its subdirectories.

import { SkillLogError } from "../../errors.js";
import { Ahead } from "../ahead.js";
import { foundLogs, UNLISTED } from "../found-logs.js";
import { isLogName, logName, sessionId, sessionInfo } from "../listing.js";
import { BLOBS_AT_ONCE } from "../scanned-blob.js";
import { stampOf } from "../stamps.js";
import { fileError, isNamed } from "./errors.js";
import { openHandle } from "./file-access.js";
import { FollowedFolder } from "./follow-directory.js";
import { lookAt, openToScan, takenSnapshot } from "./scanned-file.js";
import { threadsOfPage } from "./worker/scan-thread.js";

/** @import { Found } from "../found-logs.js" */
/** @import { ListedRef } from "../listed-files.js" */
/** @import { FoundLogs, StoredLog, StoredLogs, StoredLogsOptions } from "../storage.js" */
/** @import { Directory } from "./directory.js" */

/**
 * How many files are looked at at once. In Chromium 10,000 files take 1.1 s with 8, 0.8 s with 32,
 * and no less with more.
 */
const LOOKS_AT_ONCE = 32;

/**
 * The most logs that are found by their names. A directory of 10,000 logs takes half a second to
 * list, and Chromium stops the page for as long when it frees the handles.
 */
const NAMED_LOGS = 64;

let folders = 0;

/**
 * What was found in a directory: a log, or a subdirectory that cannot be listed.
 *
 * @typedef {object} Entry
 * @property {string} path below the directory; of a subdirectory with a slash at its end
 * @property {FileSystemHandle | null} handle null for a subdirectory
 * @property {unknown} [error] why it cannot be listed
 */

/** @implements {StoredLogs} */
export class FolderLogs {
  #directory;
  #storedLog;
  #options;
  /** What identifies the logs outside OPFS, with their paths. */
  #number = (folders += 1);
  isKeyShared = true;
  openedAtOnce = BLOBS_AT_ONCE;
  openToScan = openToScan;
  /** @type {StoredLogs["startThread"]} */
  startThread;
  /** @type {StoredLogs["isPage"]} */
  isPage;
  /** @type {StoredLogs["smallBytes"]} */
  smallBytes;

  /**
   * @param {Directory} directory
   * @param {(directory: Directory, id: string) => StoredLog} storedLog
   * @param {StoredLogsOptions} options
   */
  constructor(directory, storedLog, options) {
    this.#directory = directory;
    this.#storedLog = storedLog;
    this.#options = options;
    Object.assign(this, threadsOfPage(options));
  }

  get cacheKey() {
    const key = this.#cacheKey();
    // Whoever awaits it learns of it.
    key.catch(() => {});
    return key;
  }

  async #cacheKey() {
    const parts = await this.#directory.parts();
    const where = parts ? ["opfs", ...parts] : ["folder", this.#directory.name];
    return JSON.stringify([...where, this.#options.recursive]);
  }

  /**
   * Finds the logs. Looks at each file once, and reads none.
   *
   * @param {AbortSignal} [signal]
   * @param {boolean} [_isSorted]
   * @param {(count: number) => void} [_onNames]
   * @param {ReadonlySet<string>} [ids] those that are wanted; default: all
   * @returns {Promise<FoundLogs>} none where there is no directory
   */
  async find(signal, _isSorted, _onNames, ids) {
    const root = await this.#open();
    /** @type {Entry[]} */
    const listed = [];
    if (root && ids && ids.size <= NAMED_LOGS)
      for (const id of ids) await this.#name(root, id, listed);
    else if (root) await this.#list(root, "", listed, signal);
    const entries = ids ? listed.filter((entry) => isAsked(entry, ids)) : listed;
    const looks = new Ahead(entries, LOOKS_AT_ONCE, (entry) => this.#lookAt(entry));
    /** @type {Found[]} */
    const found = [];
    for (let look = looks.next(); look; look = looks.next()) {
      const log = await look;
      signal?.throwIfAborted();
      if (log) found.push(log);
    }
    const forget = () => found.forEach(({ ref }) => takenSnapshot(/** @type {any} */ (ref) ?? {}));
    return { ...foundLogs(found), forget };
  }

  async #open() {
    try {
      this.isKeyShared = (await this.#directory.parts()) === null;
      return await this.#directory.open();
    } catch (error) {
      if (error instanceof SkillLogError && error.code === "NOT_FOUND") return null;
      throw error;
    }
  }

  /**
   * Lists the logs of a directory. A subdirectory that is gone has none; one that cannot be listed
   * is an entry itself.
   *
   * @param {FileSystemDirectoryHandle} directory
   * @param {string} below its path, with a slash at its end; "" for the directory itself
   * @param {Entry[]} entries gets the logs
   * @param {AbortSignal | undefined} signal
   */
  async #list(directory, below, entries, signal) {
    try {
      for await (const [name, handle] of directory.entries()) {
        signal?.throwIfAborted();
        const path = below + name;
        if (isLogName(name)) entries.push({ path, handle });
        if (handle.kind === "directory" && this.#options.recursive)
          await this.#list(
            /** @type {FileSystemDirectoryHandle} */ (handle),
            `${path}/`,
            entries,
            signal,
          );
      }
    } catch (error) {
      // The directory was removed; its handle remains.
      if (isNamed(error, "NotFoundError")) return;
      signal?.throwIfAborted();
      if (below === "") throw fileError(this.#directory.name, "list", error);
      const failure = fileError(this.#directory.pathOf(below.slice(0, -1)), "list", error);
      entries.push({ path: below, handle: null, error: failure });
    }
  }

  /**
   * Finds a log by its name.
   *
   * @param {FileSystemDirectoryHandle} root
   * @param {string} id
   * @param {Entry[]} entries gets the log, or the subdirectory of it that cannot be opened
   */
  async #name(root, id, entries) {
    const names = logName(id).split("/");
    const name = /** @type {string} */ (names.pop());
    if (names.length > 0 && !this.#options.recursive) return;
    let directory = root;
    try {
      for (const each of names) directory = await directory.getDirectoryHandle(each);
      entries.push({ path: logName(id), handle: await handleAt(directory, name) });
    } catch (error) {
      // A TypeError is that of a name that no file may have.
      const isThere = !["NotFoundError", "TypeMismatchError", "TypeError"].some((none) =>
        isNamed(error, none),
      );
      const below = names.join("/");
      if (isThere && below === "") throw fileError(this.#directory.name, "list", error);
      const path = `${below}/`;
      if (!isThere || entries.some((entry) => entry.path === path)) return;
      const failure = fileError(this.#directory.pathOf(below), "list", error);
      entries.push({ path, handle: null, error: failure });
    }
  }

  /**
   * @param {Entry} entry
   * @returns {Promise<Found | null>} null when the file is gone
   */
  async #lookAt({ path, handle, error }) {
    if (!handle) {
      const info = { id: path, bytes: 0, modified: new Date(0), unsafe: UNLISTED };
      return { info, ref: null, stamp: stampOf(0, 0, 0), unlisted: error };
    }
    if (handle.kind !== "file") {
      const facts = { bytes: 0, modified: new Date(0), unsafe: "not a file" };
      return { info: sessionInfo(path, facts), ref: null, stamp: stampOf(0, 0, 0) };
    }
    const file = /** @type {FileSystemFileHandle} */ (handle);
    const look = await lookAt(file, this.#directory.pathOf(path));
    if (!look) return null;
    const { bytes, modified, stamp, snapshot } = look;
    const info = sessionInfo(path, { bytes, modified: new Date(modified) });
    return { info, ref: { file, path: this.#directory.pathOf(path), snapshot }, stamp };
  }

  /** @param {string} id */
  storedLog(id) {
    const names = id.split("/");
    const name = /** @type {string} */ (names.pop());
    return this.#storedLog(this.#directory.below(names), name);
  }

  /** @param {ReadonlySet<string>} [ids] */
  followed(ids) {
    return new FollowedFolder(this.#directory, this.#options.recursive, ids);
  }

  /** @param {ListedRef} ref */
  named({ path }) {
    return { name: path, path };
  }

  /** @param {ListedRef} ref */
  open(ref) {
    return openHandle(ref, `folder ${this.#number}: ${ref.path}`, this.#options);
  }
}

/**
 * @param {Entry} entry
 * @param {ReadonlySet<string>} ids
 */
function isAsked({ path, handle }, ids) {
  // A subdirectory that cannot be listed may have any of them.
  return handle === null || ids.has(sessionId(path));
}

/**
 * @param {FileSystemDirectoryHandle} directory
 * @param {string} name
 * @returns {Promise<FileSystemHandle>}
 */
async function handleAt(directory, name) {
  try {
    return await directory.getFileHandle(name);
  } catch (error) {
    if (!isNamed(error, "TypeMismatchError")) throw error;
    return directory.getDirectoryHandle(name);
  }
}
