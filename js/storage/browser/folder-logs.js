// The logs of a directory of OPFS, or of a folder that a user picked, and of its subdirectories.

import { SkillLogError } from "../../errors.js";
import { Ahead } from "../ahead.js";
import { foundLogs, UNLISTED } from "../found-logs.js";
import { archivedName, archiveOf, isLogName, logName, sessionId, sessionInfo } from "../listing.js";
import { BLOBS_AT_ONCE } from "../scanned-blob.js";
import { dateOf, MTIME, SIZE, stampOf } from "../stamps.js";
import { readAsText } from "../compressed/formats.js";
import { fileError, isNamed } from "./errors.js";
import { openWhole } from "./file-access.js";
import { FollowedFolder } from "./follow-directory.js";
import { lookAt, openToScan, takenSnapshot } from "./scanned-file.js";
import { SessionFolder } from "./session-folder.js";
import { threadsOfPage } from "./worker/scan-thread.js";

/** @import { Found } from "../found-logs.js" */
/** @import { ListedRef } from "../listed-files.js" */
/** @import { FoundLogs, ScannedLog, StoredLog, StoredLogs, StoredLogsOptions } from "../storage.js" */
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
 * @property {FileSystemHandle | null} handle null for a subdirectory, and where there is an archive
 * @property {boolean} [isArchived] whether the session has an archive, or is being archived
 * @property {unknown} [error] why it cannot be listed
 */

/** @typedef {ListedRef & { log: string }} FolderRef `log`: its path below the directory */

/** @implements {StoredLogs} */
export class FolderLogs {
  #directory;
  #storedLog;
  #options;
  /** What identifies the logs outside OPFS, with their paths. */
  #number = (folders += 1);
  isKeyShared = true;
  openedAtOnce = BLOBS_AT_ONCE;
  #sessions;
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
    this.#sessions = new SessionFolder(directory, (log) => this.#identityOf(log), options);
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
    /** The logs of this directory, by name. @type {Map<string, FileSystemHandle>} */
    const logs = new Map();
    /** Those of which files are archived. @type {Set<string>} */
    const archived = new Set();
    try {
      for await (const [name, handle] of directory.entries()) {
        signal?.throwIfAborted();
        const path = below + name;
        const log = archivedName(name);
        if (log !== null) archived.add(log);
        if (isLogName(name)) logs.set(name, handle);
        if (handle.kind === "directory" && this.#options.recursive)
          await this.#list(
            /** @type {FileSystemDirectoryHandle} */ (handle),
            `${path}/`,
            entries,
            signal,
          );
      }
      for (const log of archived) {
        logs.delete(log);
        entries.push({ path: below + log, handle: null, isArchived: true });
      }
      for (const [name, handle] of logs) entries.push({ path: below + name, handle });
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
      if (await this.#sessions.isArchived(logName(id)))
        entries.push({ path: logName(id), handle: null, isArchived: true });
      else entries.push({ path: logName(id), handle: await handleAt(directory, name) });
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
  async #lookAt({ path, handle, isArchived, error }) {
    if (isArchived) return this.#lookAtArchived(path);
    if (!handle) {
      const info = { id: path, bytes: 0, modified: new Date(0), unsafe: UNLISTED };
      return { info, ref: null, stamp: stampOf(0, 0, 0), unlisted: error };
    }
    if (handle.kind !== "file") {
      const facts = { bytes: 0, modified: new Date(0), unsafe: "not a file" };
      return { info: sessionInfo(path, facts), ref: null, stamp: stampOf(0, 0, 0) };
    }
    const file = /** @type {FileSystemFileHandle} */ (handle);
    const name = this.#directory.pathOf(path);
    const look = await lookAt(file, name);
    // It may have been archived since the directory was listed.
    if (!look) return this.#lookAtArchived(path);
    const { bytes, modified, stamp, snapshot } = look;
    const info = sessionInfo(path, { bytes, modified: new Date(modified) });
    return { info, ref: { file, path: name, log: path, snapshot }, stamp };
  }

  /**
   * @param {string} log its path
   * @returns {Promise<Found | null>} null where nothing is there
   */
  async #lookAtArchived(log) {
    const path = this.#directory.pathOf(log);
    const stamp = await this.#stampOf(log);
    if (!stamp) return null;
    const facts = { bytes: Number(stamp[SIZE]), modified: dateOf(stamp[MTIME]) };
    const info = sessionInfo(log, { ...facts, archived: true });
    return { info, ref: { file: null, path, log, isCompressed: true }, stamp };
  }

  /** @param {string} log its path */
  async #stampOf(log) {
    try {
      const source = await this.#sessions.openText(log);
      await source?.close();
      return source?.stamp;
    } catch {
      // Reading it reports why that fails.
      const handle =
        (await this.#sessions.handle(archiveOf(log))) ?? (await this.#sessions.handle(log));
      return (handle && (await lookAt(handle, this.#directory.pathOf(log))))?.stamp;
    }
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

  /** @param {FolderRef} ref */
  isCompressed({ isCompressed = false }) {
    return isCompressed;
  }

  /**
   * @param {FolderRef} ref
   * @returns {Promise<ScannedLog | null>}
   */
  async openToScan(ref) {
    if (ref.isCompressed) throw readAsText();
    return openToScan(ref);
  }

  /** @param {FolderRef} ref */
  async open({ file, path, log, isCompressed }) {
    const whole = isCompressed ? null : await openWhole(file, path, this.#identityOf(log));
    // It may have been archived since it was found.
    return whole && !(await this.#sessions.isArchived(log)) ? whole : this.#sessions.open(log);
  }

  /** @param {string} log its path */
  #identityOf(log) {
    return `folder ${this.#number}: ${this.#directory.pathOf(log)}`;
  }
}

/**
 * @param {Entry} entry
 * @param {ReadonlySet<string>} ids
 */
function isAsked({ path, error }, ids) {
  // A subdirectory that cannot be listed may have any of them.
  return error !== undefined || ids.has(sessionId(path));
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
