// Gathers the files of some directories that may have changed, as the system reports them. One
// watch for each directory is enough, however many files it has.

import fs from "node:fs";
import path from "node:path";

/** The files that may have changed since the last look. */
export class ChangedFiles {
  #isWanted;
  /**
   * By path; null for a directory that cannot be watched.
   *
   * @type {Map<string, { watcher: fs.FSWatcher, identity: string } | null>}
   */
  #watches;
  /** @type {Set<string>} */
  #paths = new Set();
  #wake = () => {};
  #isRung = false;

  /**
   * Whether the system reports changes, as far as is known. It does not, for example, when another
   * computer changes a file on a server.
   */
  isTrusted = true;

  /**
   * @param {Iterable<string>} dirs
   * @param {(path: string) => boolean} isWanted whether to report a change of a file
   */
  constructor(dirs, isWanted) {
    this.#isWanted = isWanted;
    this.#watches = new Map([...dirs].map((dir) => [dir, null]));
    this.renew();
  }

  /**
   * Starts to watch the directories that could not be watched before, or that were replaced.
   *
   * @returns {boolean} whether all directories are watched
   */
  renew() {
    for (const [dir, watch] of this.#watches) {
      const identity = identityOf(dir);
      if (watch && watch.identity === identity) continue;
      watch?.watcher.close();
      this.#watches.set(dir, identity === null ? null : this.#watchOf(dir, identity));
    }
    return ![...this.#watches.values()].includes(null);
  }

  /**
   * @param {string} dir
   * @param {string} identity of the directory
   */
  #watchOf(dir, identity) {
    try {
      const watcher = fs.watch(dir, (_, name) => this.#add(path.join(dir, name ?? "")));
      watcher.on("error", () => {
        watcher.close();
        this.#watches.set(dir, null);
      });
      return { watcher, identity };
    } catch {
      // The system has no watches left, or the file system supports none.
      return null;
    }
  }

  /** @param {string} file */
  #add(file) {
    this.isTrusted = true;
    if (this.#paths.has(file) || !this.#isWanted(file)) return;
    this.#paths.add(file);
    this.ring();
  }

  /** Ends the current sleep, or else the next sleep. */
  ring() {
    this.#isRung = true;
    this.#wake();
  }

  /** Returns the paths of the files that were reported since the last call. */
  take() {
    const paths = this.#paths;
    this.#paths = new Set();
    return paths;
  }

  /**
   * Waits until a file is reported, or `ring` is called.
   *
   * @param {number} time in milliseconds, at most
   */
  async sleep(time) {
    /** @type {NodeJS.Timeout | undefined} */
    let timer;
    if (!this.#isRung) {
      await new Promise((wake) => {
        timer = setTimeout(wake, time);
        this.#wake = () => wake(undefined);
      });
    }
    clearTimeout(timer);
    this.#isRung = false;
  }

  close() {
    for (const watch of this.#watches.values()) watch?.watcher.close();
  }
}

/**
 * Returns a text that differs between any two directories; null when there is no directory.
 *
 * @param {string} dir
 */
function identityOf(dir) {
  try {
    const { dev, ino } = fs.statSync(dir);
    return `${dev}:${ino}`;
  } catch {
    return null;
  }
}
