// Lets one process at a time archive in a directory: two would replace each other's archives.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";

import { onExit } from "../cleanup.js";
import { Failure } from "../failures.js";

const NAME = "skill-log-archive.lock";

/** The field of /proc/PID/stat, after the name, that says when the process started. */
const START_FIELD = 19;

/** A lock that this process holds. It is a file that names the process. */
export class DirectoryLock {
  #path;
  #own;
  #cancel;

  /**
   * @param {string} dir
   * @throws {Failure} when another process has the lock
   */
  constructor(dir) {
    this.#path = path.join(dir, NAME);
    this.#own = JSON.stringify({
      pid: process.pid,
      host: os.hostname(),
      started: startOf(process.pid),
    });
    this.#take();
    this.#cancel = onExit(() => this.release());
  }

  #take() {
    for (let left = 3; ; left -= 1) {
      try {
        this.#make();
        return;
      } catch (error) {
        const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
        if (code !== "EEXIST")
          throw new Failure(`cannot lock the directory: ${message}`, { cause: error });
      }
      const holder = read(this.#path);
      if (holder === null) continue;
      if (left === 0 || isAlive(holder))
        throw new Failure(
          `another process archives in this directory; wait for it, or remove ${this.#path} when no such process runs`,
        );
      this.#removeStale(holder);
    }
  }

  /** Makes the lock. Leaves none that names no process, as on a full disk. */
  #make() {
    const fd = fs.openSync(this.#path, "wx", 0o600);
    try {
      fs.writeFileSync(fd, this.#own);
    } catch (error) {
      fs.unlinkSync(this.#path);
      throw error;
    } finally {
      fs.closeSync(fd);
    }
  }

  /**
   * Removes the lock of a process that was killed.
   *
   * @param {string} holder
   */
  #removeStale(holder) {
    const moved = `${this.#path}.${process.pid}`;
    try {
      fs.renameSync(this.#path, moved);
    } catch {
      // Another process was faster.
      return;
    }
    // Another process may have taken the lock between the look and the rename.
    if (read(moved) !== holder) fs.linkSync(moved, this.#path);
    fs.unlinkSync(moved);
  }

  /** Throws when another process took the lock away. Call this before each change. */
  check() {
    if (read(this.#path) !== this.#own)
      throw new Failure(`${this.#path} was removed or replaced; nothing more was changed`);
  }

  release() {
    this.#cancel?.();
    if (read(this.#path) === this.#own) fs.unlinkSync(this.#path);
  }
}

/** The locks of several directories. */
export class DirectoryLocks {
  /** @type {Map<string, DirectoryLock>} */
  #locks = new Map();

  /**
   * @param {Iterable<string>} dirs
   * @throws {Failure} when another process has one of the locks
   */
  constructor(dirs) {
    try {
      for (const dir of dirs)
        if (!this.#locks.has(dir)) this.#locks.set(dir, new DirectoryLock(dir));
    } catch (error) {
      this.release();
      throw error;
    }
  }

  /** Reports whether a directory is locked. @param {string} dir */
  has(dir) {
    return this.#locks.has(dir);
  }

  /** Throws when another process took the lock of a directory away. @param {string} dir */
  check(dir) {
    /** @type {DirectoryLock} */ (this.#locks.get(dir)).check();
  }

  release() {
    for (const lock of this.#locks.values()) lock.release();
  }
}

/** What is asked before each change in a directory. @typedef {{ check: (dir: string) => void }} Lock */

/**
 * @param {string} file
 * @returns {string | null} null when there is none
 */
function read(file) {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return null;
  }
}

/**
 * Reports whether the process that a lock names may still run.
 *
 * @param {string} text
 */
function isAlive(text) {
  let holder;
  try {
    holder = JSON.parse(text);
  } catch {
    // It is being written.
    return true;
  }
  const { pid, host, started } = Object(holder);
  if (host !== os.hostname() || !Number.isInteger(pid)) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code !== "ESRCH";
  }
  // Process ids are given again.
  return startOf(pid) === started;
}

/**
 * Returns when a process started, where the system says it.
 *
 * @param {number} pid
 */
function startOf(pid) {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[START_FIELD];
  } catch {
    return "";
  }
}
