// The text of a session: that of its archive, of what is being archived, and of its log. "Archives"
// in FORMAT.md says what belongs to it.

import { SkillLogError } from "../../errors.js";
import { isUnreadable, JoinedSource } from "../joined-source.js";
import { archiveOf, asideOf } from "../listing.js";
import { CTIME, MTIME, SIZE } from "../stamps.js";
import { CompressedFile } from "./compressed-file.js";

/** @import { SessionFiles, Source } from "../storage.js" */

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
   * @param {() => SessionFiles | Promise<SessionFiles>} files returns what opens its files
   * @returns {Promise<Source | null>} null when there is none
   */
  async open(path, files) {
    for (let round = 1; ; round += 1) {
      const opened = await files();
      try {
        const log = await opened.open(path);
        if (log && !(await opened.isArchived()) && (await opened.areInPlace())) return log;
        const source = await this.#open(path, log, opened);
        if ((await opened.areInPlace()) || round === MOST_ROUNDS) return source;
      } catch (error) {
        await opened.close();
        throw error;
      }
      await opened.close();
    }
  }

  /**
   * Opens a session of which files are archived, and none changes.
   *
   * @param {string} path of its log
   * @param {(path: string) => Promise<Source | null | undefined>} openFile
   */
  openSnapshot(path, openFile) {
    return this.open(path, () => new SnapshotFiles(path, openFile));
  }

  /**
   * @param {string} path
   * @param {Source | null} log
   * @param {SessionFiles} files
   */
  async #open(path, log, files) {
    const archive = await this.#archive(archiveOf(path), files);
    const parts = archive?.partStarts ?? [];
    const partly = archive ? await files.open(asideOf(path, parts.length - 1)) : null;
    const next = await files.open(asideOf(path, parts.length));
    if (!archive && !next) return log;
    const first = /** @type {Source} */ (archive?.source ?? next);
    const joined = new JoinedSource(files.name, files.identity ?? first.identity, files);
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
   * @param {SessionFiles} files
   */
  async #archive(path, files) {
    const packed = await files.open(path);
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
      throw new SkillLogError(
        "NOT_DECOMPRESSED",
        `${packed.name} is no archive: it is not compressed`,
        { path: packed.name, position: 0, offset: 0 },
      );
    files.replace(packed, text.source);
    return text;
  }
}

/**
 * The files of a session as they were when the user picked them.
 *
 * @implements {SessionFiles}
 */
class SnapshotFiles {
  #openFile;
  /** @type {Source[]} */
  #sources = [];

  /**
   * @param {string} name
   * @param {(path: string) => Promise<Source | null | undefined>} openFile
   */
  constructor(name, openFile) {
    this.name = name;
    this.#openFile = openFile;
  }

  isArchived() {
    return true;
  }

  /** @param {string} path */
  async open(path) {
    const source = (await this.#openFile(path)) ?? null;
    if (source) this.#sources.push(source);
    return source;
  }

  /**
   * @param {Source} file
   * @param {Source} reader
   */
  replace(file, reader) {
    this.#sources = this.#sources.map((each) => (each === file ? reader : each));
  }

  areInPlace() {
    return true;
  }

  async close() {
    for (const source of this.#sources) await source.close();
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
