// Caches in the user's cache directory. Each is a file that a rename replaces in one step.

import fs from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";

import { CACHE_NAME } from "../cache-name.js";
import { fileError } from "./errors.js";
import { closeRead, openRegular } from "./regular-file.js";

/** @import { CacheFiles } from "../storage.js" */

/** Matches what the name of a cache ends in while it is written. */
const WRITTEN = /\.[\da-f]{12}$/;

/** The most bytes of all caches. The caches that were written first go first. */
const MOST_BYTES = 1 << 30;

/** How old a file that is being written is when its writer was killed, in milliseconds. */
const LOST_AGE = 3_600_000;

/** @implements {CacheFiles} */
export class NodeCacheFiles {
  /** @param {string} [dir] default: `cacheDirectory` */
  constructor(dir) {
    this.dir = dir === undefined ? cacheDirectory() : resolve(dir);
  }

  /**
   * @param {string} name
   * @param {number} most
   * @param {(length: number) => Uint8Array} space
   */
  async read(name, most, space) {
    let fd;
    try {
      fd = openRegular(join(this.dir, name), fs.constants.O_RDONLY);
    } catch {
      return;
    }
    try {
      const { size } = fs.fstatSync(fd);
      if (size === 0 || size > most) return;
      const into = space(size);
      for (let filled = 0; filled < size; ) {
        const count = fs.readSync(fd, into, filled, size - filled, filled);
        if (count === 0) break;
        filled += count;
      }
    } finally {
      closeRead(fd);
    }
  }

  /**
   * @param {string} name
   * @param {Uint8Array} bytes
   */
  async write(name, bytes) {
    const path = join(this.dir, name);
    // Not `node:crypto`, which takes 10 ms to load.
    const written = `${path}.${Buffer.from(crypto.getRandomValues(new Uint8Array(6))).toString("hex")}`;
    await fs.promises.mkdir(this.dir, { recursive: true, mode: 0o700 });
    try {
      await fs.promises.writeFile(written, bytes, { flag: "wx", mode: 0o600 });
      await fs.promises.rename(written, path);
    } catch (error) {
      await fs.promises.rm(written, { force: true });
      throw error;
    }
    this.#tidy();
  }

  /** Removes what killed writers left, and the oldest caches where there are too many bytes. */
  #tidy() {
    const files = this.#list().sort((one, other) => other.modified - one.modified);
    let sum = 0;
    for (const { path, bytes, modified } of files) {
      sum += bytes;
      const isLost = WRITTEN.test(path) && Date.now() - modified > LOST_AGE;
      if (isLost || sum > MOST_BYTES) fs.rmSync(path, { force: true });
    }
  }

  async size() {
    return this.#list().reduce((sum, { bytes }) => sum + bytes, 0);
  }

  async clear() {
    for (const { path } of this.#list()) {
      try {
        fs.rmSync(path, { force: true });
      } catch (error) {
        throw fileError(path, "remove", error);
      }
    }
  }

  /** Lists the files of all caches, and what writers left that were killed. */
  #list() {
    let names;
    try {
      names = fs.readdirSync(this.dir);
    } catch {
      return [];
    }
    return names
      .filter((name) => CACHE_NAME.test(name.replace(WRITTEN, "")))
      .flatMap((name) => {
        const path = join(this.dir, name);
        const stat = fs.lstatSync(path, { throwIfNoEntry: false });
        return stat?.isFile() ? [{ path, bytes: stat.size, modified: stat.mtimeMs }] : [];
      });
  }
}

/** Returns where a user's programs keep what they can make again. */
function cacheDirectory() {
  const { LOCALAPPDATA, XDG_CACHE_HOME } = process.env;
  const home = homedir();
  if (process.platform === "win32")
    return join(LOCALAPPDATA || join(home, "AppData", "Local"), "skill-log", "Cache");
  if (process.platform === "darwin") return join(home, "Library", "Caches", "skill-log");
  // The specification has relative paths ignored.
  const base = XDG_CACHE_HOME?.startsWith("/") ? XDG_CACHE_HOME : join(home, ".cache");
  return join(base, "skill-log");
}
