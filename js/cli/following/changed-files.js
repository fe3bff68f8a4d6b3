// Which files of some directories may have changed, as the system tells it: one watch a directory, whatever is in it.

import fs from "node:fs";
import path from "node:path";

/** Gathers the paths that the system names. */
export class ChangedFiles {
  #isWanted;
  /** @type {Map<string, { watcher: fs.FSWatcher, identity: string } | null>} by directory; null where it cannot be watched */
  #watches;
  /** @type {Set<string>} */
  #paths = new Set();
  #wake = () => {};
  #isRung = false;

  /** Whether the system tells of changes at all; not of those that others made to files on a server, for one. */
  isTrusted = true;

  /**
   * @param {Iterable<string>} dirs
   * @param {(path: string) => boolean} isWanted whether anyone wants to know of a file
   */
  constructor(dirs, isWanted) {
    this.#isWanted = isWanted;
    this.#watches = new Map([...dirs].map((dir) => [dir, null]));
    this.renew();
  }

  /**
   * Begins to watch what could not be watched before, or what has become another directory.
   *
   * @returns {boolean} whether all are watched
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
   * @param {string} identity
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
      // No watches left, or a file system without them.
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

  /** Ends the sleep that goes on, or else the next one. */
  ring() {
    this.#isRung = true;
    this.#wake();
  }

  /** Gives the files that were named since. */
  take() {
    const paths = this.#paths;
    this.#paths = new Set();
    return paths;
  }

  /**
   * Waits until a file is named.
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

/** @param {string} dir */
function identityOf(dir) {
  try {
    const { dev, ino } = fs.statSync(dir);
    return `${dev}:${ino}`;
  } catch {
    return null;
  }
}
