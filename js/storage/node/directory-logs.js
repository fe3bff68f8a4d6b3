// The logs of a directory, and of its subdirectories.

import fs from "node:fs";
import { join } from "node:path";

import { FollowedFolder } from "./follow-directory.js";
import { fileSource, openAny } from "./source.js";
import { fileError, hasCode } from "./errors.js";
import { FoundFiles, lookAtLog } from "./found-files.js";
import { openRegular, orClose } from "./regular-file.js";
import { fileOf, openToScan } from "./scanned-file.js";
import { startThread } from "./scan-thread.js";
import { isArchived, sessionTexts } from "./session-files.js";
import { JoinedSource } from "../joined-source.js";
import { archivedName, archiveOf, isLogName, logName, sessionId } from "../listing.js";
import { isError } from "../../builtins.js";
import { unlessAborted } from "../../waits.js";

/** @import { FoundLogs, OpenArchived, Source, StoredLog, StoredLogs, StoredLogsOptions } from "../storage.js" */
/** @import { LogRef, Look } from "./found-files.js" */
/** @import { FileRef } from "./scanned-file.js" */

/** How many files are looked at before other work of this thread gets its turn. */
const LOOKS_AT_ONCE = 1000;

/** What a name that is not UTF-8 has in the place of its wrong bytes. */
const WRONG_BYTES = "\ufffd";

/** @implements {StoredLogs} */
export class DirectoryLogs {
  /** What the paths of all logs start with. */
  #prefix;
  #storedLog;
  #recursive;
  #links;
  #texts = sessionTexts();
  startThread = startThread;
  openToScan = openToScan;

  /**
   * @param {string} path an absolute path
   * @param {(dir: string, id: string, options: StoredLogsOptions) => StoredLog} storedLog
   * @param {StoredLogsOptions} options
   */
  constructor(path, storedLog, options) {
    this.path = path;
    this.#prefix = join(path, "/");
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
   * Returns what opens the text of each session of which files are archived.
   *
   * @param {readonly string[]} [ids] default: all sessions
   */
  archived(ids) {
    /** @type {Map<string, OpenArchived>} */
    const found = new Map();
    if (ids) {
      // Not listed: the directory may have subdirectories without end.
      for (const id of ids) {
        const path = this.#prefix + logName(id);
        const isBelow = this.#recursive || !id.includes("/");
        if (isBelow && isArchivedAt(path)) found.set(id, () => this.#openArchived(path));
      }
      return found;
    }
    const dirs = [""];
    for (const dir of dirs) {
      let entries;
      try {
        entries = this.#entriesOf(dir);
      } catch {
        // Following reports why it cannot be listed.
        continue;
      }
      for (const entry of entries)
        if (typeof entry === "object" && "isDirectory" in entry && entry.isDirectory())
          dirs.push(`${dir}${entry.name}/`);
      for (const name of archivedLogs(entries)) {
        found.set(sessionId(dir + name), () => this.#openArchived(join(this.path, dir, name)));
      }
    }
    return found;
  }

  /** @param {string} path */
  async #openArchived(path) {
    const source = await this.#texts.open(path);
    if (source instanceof JoinedSource) return { source, length: source.fixedLength };
    await source?.close();
    return null;
  }

  /**
   * Finds the logs. Looks at each file once, and opens none.
   *
   * @param {AbortSignal} [signal]
   * @param {boolean} [isSorted] whether the newest log comes first; else they have any order
   * @param {(count: number) => void} [onNames] is called with the number of names in a directory,
   *   before the files are looked at
   * @param {ReadonlySet<string>} [ids] those that are wanted; default: all
   * @returns {Promise<FoundLogs>} none where there is no directory
   */
  async find(signal, isSorted = true, onNames, ids) {
    const found = new FoundFiles();
    const dirs = [""];
    let looks = 0;
    for (const dir of dirs) {
      const below = join(this.path, dir, "/");
      try {
        const entries = this.#entriesOf(dir);
        const archived = archivedLogs(entries);
        onNames?.(entries.length);
        for (const entry of entries) {
          const name = typeof entry === "string" ? entry : entry.name;
          const bytes = typeof entry === "object" && "bytes" in entry ? entry.bytes : null;
          if (typeof entry === "object" && "isDirectory" in entry && entry.isDirectory())
            dirs.push(`${dir}${name}/`);
          if (!isLogName(name) || archived.has(name)) continue;
          const path = bytes ? Buffer.concat([Buffer.from(below), bytes]) : below + name;
          const id = sessionId(dir + name);
          if (ids && !ids.has(id)) continue;
          const look = lookAtLog(path);
          if (look) found.add(id, !bytes, this.#refOf(bytes ? path : id, look), path, look);
          // It was archived since the directory was listed.
          else if (typeof path === "string") archived.add(name);
          looks += 1;
          if (looks % LOOKS_AT_ONCE > 0) continue;
          await unlessAborted(new Promise((done) => setImmediate(done)), signal);
        }
        for (const name of archived) {
          const id = sessionId(dir + name);
          if (!ids || ids.has(id)) await this.#addArchived(found, id, below + name);
          signal?.throwIfAborted();
        }
      } catch (error) {
        signal?.throwIfAborted();
        if (dir === "") throw error;
        // What replaced a subdirectory meanwhile has no logs.
        const isReplaced = isError(error) && hasCode(error.cause, "ENOTDIR");
        if (!isReplaced) found.addUnlisted(dir, error);
      }
    }
    return isSorted ? found.newestFirst() : found.unsorted();
  }

  /**
   * Adds a session of which files are archived.
   *
   * @param {FoundFiles} found
   * @param {string} id
   * @param {string} path of its log
   */
  async #addArchived(found, id, path) {
    const ref = { path, isLink: false, isCompressed: true };
    const look = { isFile: true, isLink: false, isArchived: true };
    try {
      const source = await this.#texts.open(path);
      if (!source) return;
      const stamp = Array.from(source.stamp ?? []);
      await source.close();
      found.add(id, true, ref, path, { ...look, stamp });
    } catch {
      // Reading it reports why that fails.
      const there = lookAtLog(archiveOf(path)) ?? lookAtLog(path);
      if (there) found.add(id, true, ref, path, { ...look, stamp: there.stamp });
    }
  }

  /**
   * Returns what opens a log; null where it is not read.
   *
   * @param {string | Buffer} file its id, or its path if that is not UTF-8
   * @param {Look} look
   * @returns {LogRef | null}
   */
  #refOf(file, { isFile, isLink }) {
    // A file is opened, or with `links` what is no file, which fails and says why.
    if (!isLink && (isFile || this.#links)) return file;
    return this.#links ? { path: this.#pathOf(file), isLink } : null;
  }

  /** @param {string | Buffer} file */
  #pathOf(file) {
    return typeof file === "string" ? this.#prefix + logName(file) : file;
  }

  /**
   * Returns the ids of the logs, by the names of the files alone.
   *
   * @returns {string[] | null} null where logs must be found: in subdirectories, or with names that are
   *   not UTF-8
   */
  names() {
    const entries = this.#recursive ? [] : this.#entriesOf("");
    const names = entries.filter((entry) => typeof entry === "string");
    if (this.#recursive || names.length < entries.length) return null;
    if (archivedLogs(names).size > 0) return null;
    return names.filter(isLogName).map(sessionId);
  }

  /**
   * @param {LogRef} ref
   * @returns {FileRef}
   */
  located(ref) {
    return typeof ref === "string" ? this.#pathOf(ref) : ref;
  }

  /**
   * Lists a directory. A missing one has no logs, nor a subdirectory that was replaced.
   *
   * @param {string} dir below the directory, with a slash at its end; "" for the directory itself
   * @returns {(string | fs.Dirent | { name: string, bytes: Buffer })[]} names, which take less memory;
   *   or what tells subdirectories from them; with `bytes` where a name is not UTF-8
   */
  #entriesOf(dir) {
    const path = join(this.path, dir, "/");
    const nameOf = (/** @type {string | fs.Dirent} */ entry) =>
      typeof entry === "string" ? entry : entry.name;
    try {
      const entries = this.#recursive
        ? fs.readdirSync(path, { withFileTypes: true })
        : fs.readdirSync(path);
      if (!entries.some((entry) => nameOf(entry).includes(WRONG_BYTES))) return entries;
      const names = fs.readdirSync(Buffer.from(path), "buffer");
      const wrong = names.filter((name) => !isUtf8(name));
      // A name may really have the character that stands for wrong bytes in another name.
      const right = new Set(names.filter(isUtf8).map(String));
      return [
        ...entries.filter((entry) => right.delete(nameOf(entry))),
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

  /** @param {LogRef} ref */
  named(ref) {
    const { path } = fileOf(this.located(ref));
    return { name: path.toString(), path: path.toString() };
  }

  /** @param {LogRef} ref */
  isCompressed(ref) {
    return fileOf(ref).isCompressed ?? false;
  }

  /** @param {LogRef} ref */
  open(ref) {
    const located = this.located(ref);
    const { path, isLink } = fileOf(located);
    // It may have been archived since it was found.
    return typeof path !== "string" || isLink ? openRef(located) : this.#texts.open(path);
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
    return orClose(fd, () => fileSource(path.toString(), fd));
  } catch (error) {
    if (hasCode(error, "ENOENT") || hasCode(error, "ENOTDIR")) return null;
    throw fileError(path.toString(), "open", error);
  }
}

/**
 * Returns the names of the logs of which files are archived.
 *
 * @param {(string | { name: string })[]} entries
 * @returns {Set<string>}
 */
function archivedLogs(entries) {
  /** @type {Set<string>} */
  const names = new Set();
  for (const entry of entries) {
    const name = archivedName(typeof entry === "string" ? entry : entry.name);
    if (name !== null) names.add(name);
  }
  return names;
}

/** @param {string} path of a log */
function isArchivedAt(path) {
  try {
    return isArchived(path);
  } catch {
    // Following reports why it cannot be looked at.
    return false;
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
