// Follows a path: opens the files that it leads to in the course of time, and watches for changes.

import fs from "node:fs";
import { basename, dirname } from "node:path";

import { MARK_BYTES } from "../file-mark.js";
import { JoinedSource, tailOf } from "../joined-source.js";
import { isArchived } from "./session-files.js";
import { fileSource, openAny } from "./source.js";
import { fileError, hasCode } from "./errors.js";
import { closeRead, identity, openRegular } from "./regular-file.js";

/** @import { sessionTexts } from "./session-files.js" */
/** @import { FollowedLog, OpenedFile, Watch } from "../storage.js" */

/**
 * Returns what identifies a file while it is open. Its inode is not reused before it is closed.
 *
 * @param {fs.BigIntStats} stat
 */
function idOf({ dev, ino }) {
  return `${dev}:${ino}`;
}

/** @implements {FollowedLog} */
export class FollowedPath {
  #path;
  #throughLinks;
  #mostAtOnce;

  /**
   * @param {string} path an absolute one
   * @param {{ throughLinks?: boolean, mostAtOnce?: number }} [options] `mostAtOnce`: reads of at most
   *   so many bytes hold the thread
   */
  constructor(path, { throughLinks = false, mostAtOnce = 0 } = {}) {
    this.#path = path;
    this.#throughLinks = throughLinks;
    this.#mostAtOnce = mostAtOnce;
  }

  /**
   * Opens the file that the path leads to now.
   *
   * @returns {Promise<OpenedFile | null>} null when there is no file
   */
  async open() {
    let fd = -1;
    try {
      fd = this.#throughLinks
        ? openAny(this.#path)
        : openRegular(this.#path, fs.constants.O_RDONLY);
      const stat = fs.fstatSync(fd, { bigint: true });
      const size = Number(stat.size);
      const tail = new Uint8Array(Math.min(size, MARK_BYTES));
      fs.readSync(fd, tail, 0, tail.length, size - tail.length);
      return {
        source: fileSource(this.#path, fd, this.#mostAtOnce),
        fileId: idOf(stat),
        size,
        tail,
      };
    } catch (error) {
      if (fd >= 0) closeRead(fd);
      if (isMissing(error)) return null;
      throw fileError(this.#path, "open", error);
    }
  }

  /**
   * Returns the id of the file that the path leads to.
   *
   * @returns {string | null} null when there is no file; "" when only opening can tell
   */
  fileId() {
    try {
      return idOf(
        this.#throughLinks
          ? fs.statSync(this.#path, { bigint: true })
          : fs.lstatSync(this.#path, { bigint: true }),
      );
    } catch (error) {
      return isMissing(error) ? null : "";
    }
  }

  /**
   * @param {(isMove: boolean) => void} wake
   * @returns {Watch}
   */
  watch(wake) {
    return new DirectoryWatch(this.#path, wake);
  }
}

/** What an archive without a log has for the id of a file. */
const ARCHIVE_ALONE = "archive";

/**
 * Follows the log of a session. Where files of it are archived, following starts in their text, and
 * goes on in the log, also in one that is made later.
 *
 * @implements {FollowedLog}
 */
export class FollowedSession extends FollowedPath {
  #path;
  #texts;
  /** Whether there was no log but an archive when it was opened. */
  #wasAlone = false;

  /**
   * @param {string} path
   * @param {ReturnType<typeof sessionTexts>} texts
   */
  constructor(path, texts) {
    super(path);
    this.#path = path;
    this.#texts = texts;
  }

  async open() {
    if (!isArchived(this.#path)) {
      const opened = await super.open();
      if (!isArchived(this.#path)) return opened;
      // It was archived meanwhile.
      await opened?.source.close();
    }
    // Where another file is opened, the next look finds that.
    const fileId = super.fileId();
    const source = await this.#texts.open(this.#path);
    this.#wasAlone = source !== null && fileId === null;
    if (!(source instanceof JoinedSource)) {
      await source?.close();
      return super.open();
    }
    try {
      const size = await source.size();
      const tail = await tailOf(source, size, MARK_BYTES);
      const start = source.fixedLength;
      return { source, fileId: fileId ?? ARCHIVE_ALONE, size, tail, start };
    } catch (error) {
      await source.close();
      throw error;
    }
  }

  fileId() {
    return super.fileId() ?? (this.#wasAlone ? ARCHIVE_ALONE : null);
  }
}

/**
 * Follows any file, also through symbolic links.
 *
 * @param {string} path an absolute one
 */
export function followedPath(path) {
  return new FollowedPath(path, { throughLinks: true });
}

/** @param {unknown} error */
function isMissing(error) {
  return hasCode(error, "ENOENT") || hasCode(error, "ENOTDIR");
}

/**
 * Watches the directory of a path, because it also reports files that are created, renamed or
 * removed.
 *
 * @implements {Watch}
 */
class DirectoryWatch {
  #dir;
  /** Names in events: the file's, or the directory's own when it is removed or renamed. */
  #names;
  #wake;
  /** @type {fs.FSWatcher | null} */
  #watcher = null;
  #watched = "";

  /**
   * @param {string} path
   * @param {(isMove: boolean) => void} wake
   */
  constructor(path, wake) {
    this.#dir = dirname(path);
    this.#names = [basename(path), basename(this.#dir), null];
    this.#wake = wake;
  }

  /**
   * Starts to watch if that was impossible before, or if the path leads to another directory now.
   */
  renew() {
    try {
      const now = identity(fs.statSync(this.#dir, { bigint: true }));
      if (this.#watcher && now === this.#watched) return true;
      this.close();
      this.#watcher = fs.watch(this.#dir, (event, name) => {
        if (this.#names.includes(name)) this.#wake(event === "rename");
      });
      this.#watcher.on("error", () => this.close());
      this.#watched = now;
      return true;
    } catch {
      // There is no directory yet, no watch left, or the file system has no watches.
      this.close();
      return false;
    }
  }

  close() {
    this.#watcher?.close();
    this.#watcher = null;
  }
}
