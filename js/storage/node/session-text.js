// The text of a session: that of its archive, of what is being archived, and of its log. "Archives"
// in FORMAT.md says what belongs to it.

import fs from "node:fs";

import { SkillLogError } from "../../errors.js";
import { CompressedFile } from "../compressed/compressed-file.js";
import { isUnreadable, JoinedSource } from "../joined-source.js";
import { archiveOf, asideOf } from "../listing.js";
import { CTIME, MTIME, SIZE } from "../stamps.js";
import { fileError, hasCode } from "./errors.js";
import { identity, openRegular, orClose } from "./regular-file.js";
import { fileSource } from "./source.js";

/** @import { Source } from "../storage.js" */

/** How often files are opened again, because they move while they are opened. */
const MOST_ROUNDS = 100;

/** The archives whose text is known. Each may keep its last frames, or a short text. */
const MOST_KNOWN = 4;

/** Opens the logs of a directory, also archived ones. */
export class SessionTexts {
  /** By path, the last one that was read last. @type {Map<string, CompressedFile>} */
  #archives = new Map();

  /**
   * Opens a session to read it.
   *
   * @param {string} path of its log
   * @returns {Promise<Source | null>} null when there is none
   */
  async open(path) {
    for (let round = 1; ; round += 1) {
      const opened = new Files();
      try {
        const log = opened.open(path);
        if (log && !isArchived(path) && opened.areInPlace()) return log;
        const source = await this.#open(path, log, opened);
        if (opened.areInPlace() || round === MOST_ROUNDS) return source;
      } catch (error) {
        await opened.close();
        throw error;
      }
      await opened.close();
    }
  }

  /**
   * @param {string} path
   * @param {Source | null} log
   * @param {Files} files
   */
  async #open(path, log, files) {
    const archive = await this.#archive(archiveOf(path), files);
    const parts = archive?.partStarts ?? [];
    const partly = archive ? files.open(asideOf(path, parts.length - 1)) : null;
    const next = files.open(asideOf(path, parts.length));
    if (!archive && !next) return log;
    const first = /** @type {Source} */ (archive?.source ?? next);
    const joined = new JoinedSource(path, first.identity, () => files.close());
    if (archive) {
      const size = await archive.source.size();
      if (!(await isWhole(archive.source, size))) {
        joined.addBroken(archive.source, size);
        joined.stamp = stampOf(first, [], size);
        return joined;
      }
      await joined.add(archive.source, 0, size, true);
      const from = size - parts[parts.length - 1];
      if (partly) await joined.add(partly, from, await partly.size(), true);
    }
    if (next) await joined.add(next, 0, await next.size(), false);
    if (log && log.identity !== next?.identity) joined.grow(log);
    joined.stamp = stampOf(
      first,
      [partly, next, log].filter((each) => each !== null),
      await joined.size(),
    );
    return joined;
  }

  /**
   * @param {string} path
   * @param {Files} files
   */
  async #archive(path, files) {
    const packed = files.open(path);
    if (!packed) return null;
    const known = this.#archives.get(path) ?? new CompressedFile();
    this.#archives.delete(path);
    this.#archives.set(path, known);
    if (this.#archives.size > MOST_KNOWN) {
      const [oldest] = this.#archives.keys();
      this.#archives.delete(oldest);
    }
    const text = await known.textOf(packed);
    if (!text)
      throw new SkillLogError("NOT_DECOMPRESSED", `${path} is no archive: it is not compressed`, {
        path,
        position: 0,
        offset: 0,
      });
    files.replace(packed, text.source);
    return text;
  }
}

/**
 * Returns whether the last bytes of an archive can be read.
 *
 * @param {Source} source
 * @param {number} size of what can be read
 */
async function isWhole(source, size) {
  try {
    await source.read(size, new Uint8Array(1));
    return true;
  } catch (error) {
    if (isUnreadable(error)) return false;
    throw error;
  }
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

/** The files that were opened for one text. */
class Files {
  /** @type {Map<string, string | null>} the identity of each, by path; null where there was none */
  #seen = new Map();
  /** @type {Source[]} */
  #sources = [];

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

/**
 * Returns the stamp of a text: it identifies the first file, and tells changes of any.
 *
 * @param {Source} first
 * @param {Source[]} others
 * @param {number} size
 */
function stampOf(first, others, size) {
  const stamps = [first, ...others].map(({ stamp }) => Array.from(stamp ?? []));
  const latest = (/** @type {number} */ word) =>
    stamps.reduce((last, stamp) => (stamp[word] > last ? stamp[word] : last), 0n);
  const [stamp] = stamps;
  stamp[SIZE] = BigInt(size);
  stamp[MTIME] = latest(MTIME);
  stamp[CTIME] = latest(CTIME);
  return stamp;
}
