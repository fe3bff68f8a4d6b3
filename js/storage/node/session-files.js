// The files of a session in a directory: its log, its archive, and what is being archived.

import fs from "node:fs";

import { SessionTexts } from "../compressed/session-text.js";
import { archiveOf, asideOf } from "../listing.js";
import { fileError, hasCode } from "./errors.js";
import { identity, openRegular, orClose } from "./regular-file.js";
import { fileSource } from "./source.js";

/** @import { SessionFiles, Source } from "../storage.js" */

/** Returns what opens the texts of sessions, by the paths of their logs. */
export function sessionTexts() {
  const texts = new SessionTexts();
  return { open: (/** @type {string} */ path) => texts.open(path, () => new Files(path)) };
}

/**
 * Returns whether a session has an archive, or a file that is being archived.
 *
 * @param {string} path of its log
 */
export function isArchived(path) {
  const isThere = (/** @type {string} */ each) => {
    try {
      return fs.lstatSync(each, { throwIfNoEntry: false }) !== undefined;
    } catch (error) {
      if (hasCode(error, "ENOTDIR")) return false;
      throw fileError(path, "look at", error);
    }
  };
  return isThere(archiveOf(path)) || isThere(asideOf(path, 0));
}

/**
 * The files that were opened for one text.
 *
 * @implements {SessionFiles}
 */
class Files {
  /** @type {Map<string, string | null>} the identity of each, by path; null where there was none */
  #seen = new Map();
  /** @type {Source[]} */
  #sources = [];

  /** @param {string} log its path */
  constructor(log) {
    this.name = log;
  }

  isArchived() {
    return isArchived(this.name);
  }

  /** @param {string} path */
  open(path) {
    try {
      const source = orClose(openRegular(path, fs.constants.O_RDONLY), (fd) =>
        fileSource(path, fd),
      );
      this.#sources.push(source);
      this.#seen.set(path, String(source.identity));
      return source;
    } catch (error) {
      if (!hasCode(error, "ENOENT") && !hasCode(error, "ENOTDIR"))
        throw fileError(path, "open", error);
      this.#seen.set(path, null);
      return null;
    }
  }

  /**
   * Has a file closed by what reads it.
   *
   * @param {Source} file
   * @param {Source} reader
   */
  replace(file, reader) {
    this.#sources = this.#sources.map((each) => (each === file ? reader : each));
  }

  /** Returns whether each path leads where it did. A log alone may be replaced at any time. */
  areInPlace() {
    const are = (/** @type {string} */ path, /** @type {string | null} */ seen) => {
      const stat = fs.lstatSync(path, { bigint: true, throwIfNoEntry: false });
      return stat ? identity(stat) === seen : seen === null;
    };
    try {
      return [...this.#seen].every(([path, seen]) => are(path, seen));
    } catch {
      // The directory went away. What was opened is read.
      return true;
    }
  }

  async close() {
    for (const source of this.#sources) await source.close();
  }
}
