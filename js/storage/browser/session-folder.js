// The sessions of a directory: each has a log, an archive, or both, which are read as one text.

import { sessionTexts } from "../compressed/as-text.js";
import { matchesMark, MARK_BYTES } from "../file-mark.js";
import { archiveOf, asideOf } from "../listing.js";
import { fileError } from "./errors.js";
import { fileOf, stampOfFile } from "./scanned-file.js";
import { handleSource, replacedWhileRead } from "./source.js";
import { scannedElsewhere } from "./worker/scan-in-worker.js";

/** @import { SessionTexts } from "../compressed/session-text.js" */
/** @import { FileMark, SessionFiles, Source, StorageOptions } from "../storage.js" */
/** @import { Directory } from "./directory.js" */

/** How often a text is opened again, because its files move while it is read. */
const MOST_ROUNDS = 100;

/** Opens sessions by the paths of their logs below the directory. */
export class SessionFolder {
  #directory;
  #identityOf;
  #options;
  #isFollowed;
  /** Loaded when there is an archive. @type {SessionTexts | null} */
  #texts = null;

  /**
   * @param {Directory} directory
   * @param {(log: string) => string | object | Promise<string | object>} identityOf returns what
   *   identifies a session
   * @param {StorageOptions} options
   * @param {boolean} [isFollowed] whether logs may be replaced while they are read
   */
  constructor(directory, identityOf, options, isFollowed = false) {
    this.#directory = directory;
    this.#identityOf = identityOf;
    this.#options = options;
    this.#isFollowed = isFollowed;
  }

  /**
   * Returns the handle of a log; null when there is none.
   *
   * @param {string} log
   */
  handle(log) {
    return this.#directory.fileBelow(log);
  }

  /**
   * Returns whether a session has an archive, or a file that is being archived.
   *
   * @param {string} log
   */
  async isArchived(log) {
    // The archive is there long before the other file goes away.
    const paths = [asideOf(log, 0), archiveOf(log)];
    return (await Promise.all(paths.map((path) => this.handle(path)))).some((handle) => handle);
  }

  /**
   * Returns whether there is a session.
   *
   * @param {string} log
   */
  async isThere(log) {
    return (await this.handle(log)) !== null || this.isArchived(log);
  }

  /**
   * Opens a session to read it. Its text stays the same while its files are archived.
   *
   * @param {string} log
   * @returns {Promise<Source | null>} null when there is none
   */
  async open(log) {
    const source = await this.openNow(log);
    if (!source) return null;
    const text = new SessionSource(this, log, source, this.#isFollowed);
    const isScanned = !this.#isFollowed && !source.areInPlace;
    const handle = isScanned && (await this.handle(log));
    return handle ? scannedElsewhere(text, handle, this.#options) : text;
  }

  /**
   * Opens the files that a session has now.
   *
   * @param {string} log
   * @returns {Promise<Source | null>}
   */
  async openNow(log) {
    for (;;) {
      const files = await this.#files(log);
      const source = await files.open(log);
      // Asked afterwards, because the log may have been archived before it was opened.
      if (!(await this.isArchived(log))) {
        if (source || !(await this.handle(log))) return source;
        continue;
      }
      await files.close();
      return this.openText(log);
    }
  }

  /**
   * Opens the text of a session that may have an archive.
   *
   * @param {string} log
   */
  async openText(log) {
    this.#texts ??= await sessionTexts();
    return this.#texts.open(log, () => this.#files(log));
  }

  /** @param {string} log */
  async #files(log) {
    const identity = await this.#identityOf(log);
    return new Files(this, this.#directory.pathOf(log), log, identity, this.#isFollowed);
  }
}

/**
 * The files of a session, by handle.
 *
 * @implements {SessionFiles}
 */
class Files {
  #folder;
  #log;
  #isFollowed;
  /** The version of each, by path; null where there was none. @type {Map<string, string | null>} */
  #seen = new Map();
  /** @type {Source[]} */
  #sources = [];

  /**
   * @param {SessionFolder} folder
   * @param {string} name of the log in messages
   * @param {string} log its path below the directory
   * @param {string | object} identity of the session
   * @param {boolean} isFollowed
   */
  constructor(folder, name, log, identity, isFollowed) {
    this.#folder = folder;
    this.name = name;
    this.#log = log;
    this.identity = identity;
    this.#isFollowed = isFollowed;
  }

  isArchived() {
    return this.#folder.isArchived(this.#log);
  }

  /** @param {string} path */
  async open(path) {
    const isLog = path === this.#log;
    const name = this.name + path.slice(this.#log.length);
    const handle = await this.#folder.handle(path);
    const source =
      handle &&
      (await handleSource(handle, name, isLog ? this.identity : name, {
        isFollowed: isLog && this.#isFollowed,
      }));
    this.#seen.set(path, source && this.#versionOf(path, source.snapshot));
    if (!source) return null;
    this.#sources.push(source);
    return Object.assign(source, { stamp: stampOfFile(source.snapshot) });
  }

  /**
   * Returns what tells whether a file is another one. What is being archived may grow, which only who
   * follows must learn of.
   *
   * @param {string} path
   * @param {File} file
   */
  #versionOf(path, { size, lastModified }) {
    const isFixed = this.#isFollowed ? path !== this.#log : path === archiveOf(this.#log);
    return isFixed ? `${size} ${lastModified}` : "there";
  }

  /**
   * @param {Source} file
   * @param {Source} reader
   */
  replace(file, reader) {
    this.#sources = this.#sources.map((each) => (each === file ? reader : each));
  }

  async areInPlace() {
    const looks = [...this.#seen].map(async ([path, seen]) => {
      const handle = await this.#folder.handle(path);
      const file = handle && (await taken(handle, this.name));
      return (file && this.#versionOf(path, file)) === seen;
    });
    return (await Promise.all(looks)).every((isInPlace) => isInPlace);
  }

  async close() {
    for (const source of this.#sources) await source.close();
  }
}

/**
 * @param {FileSystemFileHandle} handle
 * @param {string} name
 */
async function taken(handle, name) {
  try {
    return await fileOf(handle);
  } catch (error) {
    throw fileError(name, "look at", error);
  }
}

/**
 * The text of a session. A browser knows files by their names alone, so each read is followed by a look
 * whether they have moved: then the text is opened again, which has the same bytes where it was read. A
 * log without an archive that is followed is looked at when it has other bytes.
 *
 * @implements {Source}
 */
class SessionSource {
  #folder;
  #log;
  #source;
  /** Whether the follower checks its bytes. */
  #isFollowed;
  /** @type {FileMark} */
  #lastRead = { offset: 0, bytes: new Uint8Array(0) };
  /** @type {Source["scan"]} */
  scan;

  /**
   * @param {SessionFolder} folder
   * @param {string} log
   * @param {Source} source
   * @param {boolean} isFollowed
   */
  constructor(folder, log, source, isFollowed) {
    this.#isFollowed = isFollowed;
    this.#folder = folder;
    this.#log = log;
    this.#source = source;
    this.name = source.name;
    this.path = source.path;
    this.identity = source.identity;
    this.stamp = source.stamp;
  }

  get mayFail() {
    return this.#source.mayFail ?? false;
  }

  size() {
    return this.#settled((source) => source.size());
  }

  /**
   * @param {number} offset
   * @param {Uint8Array} into
   */
  async read(offset, into) {
    const count = await this.#settled((source) => source.read(offset, into));
    const from = Math.max(0, count - MARK_BYTES);
    if (count > 0) this.#lastRead = { offset: offset + from, bytes: into.slice(from, count) };
    return count;
  }

  async version() {
    const { version } = this.#source;
    return version ? version.call(this.#source) : "archived";
  }

  /**
   * @template T
   * @param {(source: Source) => Promise<T>} work
   * @returns {Promise<T>}
   */
  async #settled(work) {
    // The follower notices other bytes, and renews the text.
    if (this.#isFollowed && !this.#source.areInPlace) return work(this.#source);
    for (let left = MOST_ROUNDS; ; left -= 1) {
      const result = work(this.#source);
      await result.catch(() => {});
      if (left === 0 || (await this.#isInPlace())) return result;
      // It was removed.
      if (!(await this.#reopen())) return result;
      if (!this.#isFollowed) await this.#recognise();
    }
  }

  async #reopen() {
    const source = await this.#folder.openNow(this.#log);
    if (!source) return false;
    await this.#source.close();
    this.#source = source;
    return true;
  }

  async renew() {
    return !(await this.#isInPlace()) && this.#reopen();
  }

  /** Checks that the text has the bytes that were read last. What was archived late may stand before. */
  async #recognise() {
    const { offset, bytes } = this.#lastRead;
    const now = new Uint8Array(bytes.length);
    if (!matchesMark(bytes, now.subarray(0, await this.#source.read(offset, now))))
      throw replacedWhileRead(this.name);
  }

  async #isInPlace() {
    const { areInPlace } = this.#source;
    return areInPlace ? areInPlace.call(this.#source) : !(await this.#folder.isArchived(this.#log));
  }

  cancel() {
    this.#source.cancel?.();
  }

  async close() {
    await this.#source.close();
  }
}
