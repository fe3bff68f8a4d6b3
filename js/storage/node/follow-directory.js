// Follows a directory of logs: looks at its files, and watches it and its subdirectories.

import fs from "node:fs";
import { basename, join } from "node:path";

import { showsNextChange } from "../chunks.js";
import { isLogName, logName } from "../listing.js";
import { fileError, hasCode } from "./errors.js";
import { FollowedPath } from "./follow.js";
import { identity } from "./regular-file.js";

/** @import { DirectoryChanges, FollowedDirectory, Look, Watch } from "../storage.js" */

/**
 * The most directories that are watched at once. All programs of a user share the system's watches:
 * on small systems 128 of them.
 */
const MAX_WATCHES = 64;

/** The pause after the system had no watch left, in milliseconds. */
const WATCH_RETRY = 5000;

/** The longest time that looks hold the thread, in milliseconds. */
const LONGEST_HOLD = 5;

/**
 * The bytes of a log that are read while the thread waits. Bytes that were just appended are in
 * memory, and a read in another thread takes ten times as long.
 */
const MOST_AT_ONCE = 1 << 16;

const NAME_END = logName("");

/**
 * The last look at a log. `isNew` is true until `looks` returns it.
 *
 * @typedef {{ stat: FileStat, look: Look, isNew: boolean }} Seen
 *
 * @typedef {Pick<fs.BigIntStats, "dev" | "ino" | "birthtimeNs" | "size" | "mtimeNs" | "ctimeNs">} FileStat
 */

/** One directory: the followed one, or one below it. */
class Folder {
  /** @type {fs.FSWatcher | null} */
  watcher = null;
  /** Its identity when it was watched, or when it was listed. */
  identity = "";
  /** Its version when it was listed; null when a later change may not change it. */
  version = /** @type {string | null} */ (null);
  /** @type {Set<string>} ids */
  logs = new Set();
  /** @type {Set<string>} names that are neither logs nor directories */
  others = new Set();
  /** @type {string[]} paths below the root, each with `/` at its end */
  folders = [];
  /** When one of its logs changed, by `performance.now()`. */
  active = 0;
  isWatched = false;
  /** Whether listing failed. */
  hasFailed = false;

  /** @param {string} path below the root: "" or with `/` at its end */
  constructor(path) {
    this.path = path;
  }

  unwatch() {
    this.watcher?.close();
    this.watcher = null;
    this.isWatched = false;
  }
}

/** @implements {FollowedDirectory} */
export class FollowedFolder {
  #root;
  #recursive;
  #links;
  #ids;
  /** @type {Map<string, Folder>} by path below the root */
  #folders = new Map();
  /** @type {Map<string, Seen>} by id */
  #seen = new Map();
  /** @type {DirectoryChanges | null} */
  #changes = null;
  #watches = 0;
  #nextTry = 0;
  #isFirst = true;
  #isClosed = false;

  /**
   * @param {string} root an absolute path
   * @param {boolean} recursive whether to follow the logs in subdirectories too
   * @param {boolean} links whether to follow logs through links
   * @param {ReadonlySet<string>} [ids] default: all logs
   */
  constructor(root, recursive, links, ids) {
    this.#root = root;
    this.#recursive = recursive;
    this.#links = links;
    this.#ids = ids;
  }

  /**
   * @param {boolean} isAll
   * @param {(error: unknown, path: string) => void} onFailure
   * @returns {AsyncGenerator<[string, Look | null][], void, void>}
   */
  async *looks(isAll, onFailure) {
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    /** @type {[string, Look | null][]} */
    let looks = [];
    let since = performance.now();
    for (const look of this.#all(isAll, onFailure)) {
      looks.push(look);
      if (isFirst || performance.now() - since < LONGEST_HOLD) continue;
      yield looks;
      looks = [];
      since = performance.now();
    }
    yield looks;
  }

  /**
   * @param {boolean} isAll
   * @param {(error: unknown, path: string) => void} onFailure
   * @returns {Generator<[string, Look | null], void, void>}
   */
  *#all(isAll, onFailure) {
    const paths = this.#ids
      ? new Set([...this.#ids].map((id) => id.slice(0, id.lastIndexOf("/") + 1)))
      : new Set([""]);
    for (const path of paths) {
      if (this.#isClosed) return;
      const folder = this.#folderAt(path);
      const gone = [...this.#renew(folder, onFailure)];
      for (const id of gone) yield this.#gone(id);
      for (const each of folder.folders) paths.add(each);
      if (!isAll && folder.isWatched) continue;
      for (const id of folder.logs) {
        const look = this.#lookOrReport(id, folder, onFailure);
        if (look === undefined) break;
        const seen = this.#seen.get(id);
        if (seen?.isNew) {
          seen.isNew = false;
          folder.active = performance.now();
        }
        yield [id, look];
      }
    }
    if (this.#ids) return;
    for (const [path, folder] of this.#folders) {
      if (paths.has(path)) continue;
      this.#folders.delete(path);
      this.#unwatch(folder);
      for (const id of folder.logs) yield this.#gone(id);
    }
  }

  /**
   * @param {string} id
   * @returns {[string, null]}
   */
  #gone(id) {
    this.#seen.delete(id);
    return [id, null];
  }

  /** @param {string} path */
  #folderAt(path) {
    let folder = this.#folders.get(path);
    if (!folder) this.#folders.set(path, (folder = new Folder(path)));
    return folder;
  }

  /**
   * Watches and lists a directory again if it was changed or replaced.
   *
   * @param {Folder} folder
   * @param {(error: unknown, path: string) => void} onFailure
   * @returns {Iterable<string>} the ids of logs that are gone
   */
  #renew(folder, onFailure) {
    const path = join(this.#root, folder.path);
    /** @type {Iterable<string>} */
    let gone = [];
    try {
      const stat = fs.statSync(path, { bigint: true, throwIfNoEntry: false });
      const now = stat ? identity(stat) : "";
      if (folder.identity !== now) {
        this.#unwatch(folder);
        folder.version = null;
      }
      folder.identity = now;
      // Watched before it is listed, so that nothing is missed.
      if (stat) this.#watch(folder);
      const version = stat && `${stat.mtimeNs}:${stat.ctimeNs}`;
      if (this.#ids) {
        for (const id of this.#ids)
          if (id.slice(0, id.lastIndexOf("/") + 1) === folder.path) folder.logs.add(id);
      } else if (!stat) gone = this.#list(folder, []);
      else if (version !== folder.version) {
        gone = this.#list(folder, fs.readdirSync(path, { withFileTypes: true }));
        folder.version = showsNextChange(Number(stat.ctimeNs / 1_000_000n))
          ? /** @type {string} */ (version)
          : null;
      }
    } catch (error) {
      const isRoot = folder.path === "";
      // It was removed, or replaced by a file, meanwhile.
      if (hasCode(error, "ENOENT") || (hasCode(error, "ENOTDIR") && !isRoot))
        return this.#list(folder, []);
      this.#fail(folder, fileError(path, "list", error), onFailure);
    }
    return gone;
  }

  /**
   * Notes what is in a directory now.
   *
   * @param {Folder} folder
   * @param {fs.Dirent[]} entries
   * @returns {Iterable<string>} the ids of logs that are gone
   */
  #list(folder, entries) {
    const { logs: before, others: known } = folder;
    const isKnown = folder.version !== null || before.size > 0 || known.size > 0;
    folder.logs = new Set();
    folder.others = new Set();
    folder.folders = [];
    for (const entry of entries) {
      const { name } = entry;
      if (this.#recursive && entry.isDirectory()) folder.folders.push(`${folder.path}${name}/`);
      else if (isLogName(name)) {
        const id = folder.path + name.slice(0, -NAME_END.length);
        folder.logs.add(id);
        before.delete(id);
      } else {
        folder.others.add(name);
        if (isKnown && !known.has(name)) this.#reportOther(folder.path + name);
      }
    }
    return before;
  }

  /**
   * Reports a file whose name is no log's: it may be a log that was renamed.
   *
   * @param {string} name below the root
   */
  #reportOther(name) {
    const path = join(this.#root, name);
    try {
      const stat = fs.lstatSync(path, { bigint: true, throwIfNoEntry: false });
      if (stat?.isDirectory() && this.#recursive) this.#changes?.changed(null, false);
      if (stat?.isFile()) this.#changes?.renamed(identity(stat), new FollowedPath(path));
    } catch {
      // A file that cannot be looked at cannot be read either.
    }
  }

  /**
   * Looks at a log.
   *
   * @param {string} id
   * @returns {Look | null}
   */
  look(id) {
    const path = this.#pathOf(id);
    try {
      const stat = this.#statOf(path);
      if (!stat || (this.#recursive && stat.isDirectory())) {
        this.#seen.delete(id);
        return null;
      }
      const seen = this.#seen.get(id);
      // Making the texts of a look takes as long as the look.
      if (seen && isSameStat(seen.stat, stat)) return seen.look;
      const { dev, ino, birthtimeNs, size, mtimeNs, ctimeNs } = stat;
      const look = {
        identity: identity(stat),
        size: Number(size),
        changed: Number(ctimeNs / 1_000_000n),
        version: `${mtimeNs}:${ctimeNs}`,
      };
      const kept = { dev, ino, birthtimeNs, size, mtimeNs, ctimeNs };
      this.#seen.set(id, { stat: kept, look, isNew: true });
      return look;
    } catch (error) {
      if (hasCode(error, "ENOENT") || hasCode(error, "ENOTDIR")) return null;
      throw fileError(path, "look at", error);
    }
  }

  /** @param {string} path */
  #statOf(path) {
    const options = /** @type {const} */ ({ bigint: true, throwIfNoEntry: false });
    try {
      if (this.#links) return fs.statSync(path, options);
    } catch {
      // Its target must not be looked at, or it leads to itself. Opening it reports that.
    }
    return fs.lstatSync(path, options);
  }

  /**
   * Looks at a log, and reports a directory whose files must not be looked at.
   *
   * @param {string} id
   * @param {Folder} folder
   * @param {(error: unknown, path: string) => void} onFailure
   */
  #lookOrReport(id, folder, onFailure) {
    try {
      return this.look(id);
    } catch (error) {
      this.#fail(folder, error, onFailure);
      return undefined;
    }
  }

  /**
   * @param {Folder} folder
   * @param {unknown} error
   * @param {(error: unknown, path: string) => void} onFailure
   */
  #fail(folder, error, onFailure) {
    if (folder.path === "") throw error;
    if (!folder.hasFailed) onFailure(error, folder.path);
    folder.hasFailed = true;
  }

  /** @param {string} id */
  #pathOf(id) {
    return join(this.#root, logName(id));
  }

  worked() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  }

  /** @param {string} id */
  followed(id) {
    return new FollowedPath(this.#pathOf(id), {
      throughLinks: this.#links,
      mostAtOnce: MOST_AT_ONCE,
    });
  }

  /**
   * @param {DirectoryChanges} changes
   * @returns {Watch}
   */
  watch(changes) {
    this.#changes = changes;
    return {
      renew: () => {
        for (const { isWatched } of this.#folders.values()) if (!isWatched) return false;
        return true;
      },
      close: () => {
        this.#isClosed = true;
        for (const folder of this.#folders.values()) this.#unwatch(folder);
      },
    };
  }

  /** @param {Folder} folder */
  #unwatch(folder) {
    if (folder.watcher) this.#watches -= 1;
    folder.unwatch();
  }

  /**
   * Watches a directory, if the system and MAX_WATCHES allow it.
   *
   * @param {Folder} folder
   */
  #watch(folder) {
    const now = performance.now();
    if (!this.#changes || this.#isClosed || folder.watcher || now < this.#nextTry) return;
    if (this.#watches >= MAX_WATCHES && !this.#unwatchQuieter(folder)) return;
    try {
      const own = basename(join(this.#root, folder.path));
      folder.watcher = fs.watch(join(this.#root, folder.path), (event, name) =>
        this.#report(folder, own, event === "rename", name),
      );
      folder.watcher.on("error", () => this.#unwatch(folder));
      this.#watches += 1;
      folder.isWatched = true;
    } catch {
      // The system has no watch left, or the file system has no watches.
      this.#nextTry = now + WATCH_RETRY;
    }
  }

  /**
   * Ends the watch of the directory that was quiet for longest, if another one is less quiet.
   *
   * @param {Folder} folder
   * @returns {boolean} whether a watch was ended
   */
  #unwatchQuieter(folder) {
    /** @type {Folder | null} */
    let quietest = null;
    for (const each of this.#folders.values())
      if (each.watcher && each.active < (quietest?.active ?? folder.active)) quietest = each;
    if (quietest) this.#unwatch(quietest);
    return quietest !== null;
  }

  /**
   * Reports an event of a directory.
   *
   * @param {Folder} folder
   * @param {string} own the directory's own name, in events of its own
   * @param {boolean} isMove
   * @param {string | null} name
   */
  #report(folder, own, isMove, name) {
    if (name !== null && isLogName(name)) {
      const id = folder.path + name.slice(0, -NAME_END.length);
      folder.active = performance.now();
      if (!this.#ids || this.#ids.has(id)) this.#changes?.changed(id, isMove);
      // It may be a directory of that name.
      if (isMove && this.#recursive) this.#reportOther(folder.path + name);
      return;
    }
    if (name === null || name === own) this.#changes?.changed(null, isMove);
    else if (isMove) this.#reportOther(folder.path + name);
  }
}

/**
 * Returns whether two looks found the same version of the same file.
 *
 * @param {FileStat} one
 * @param {FileStat} other
 */
function isSameStat(one, other) {
  return (
    one.ctimeNs === other.ctimeNs &&
    one.mtimeNs === other.mtimeNs &&
    one.size === other.size &&
    one.ino === other.ino &&
    one.dev === other.dev &&
    one.birthtimeNs === other.birthtimeNs
  );
}
