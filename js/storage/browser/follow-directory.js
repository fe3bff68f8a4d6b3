// Follows a directory of logs: looks at its files, and learns of changes from tabs that append and
// from the browser.

import { archivedName, isLogName, logName } from "../listing.js";
import { MTIME, SIZE } from "../stamps.js";
import { fileError, isNamed } from "./errors.js";
import { followedSession, openChannel, whileStarting } from "./follow.js";
import { disconnect, observe } from "./observing.js";
import { fileOf } from "./scanned-file.js";
import { SessionFolder } from "./session-folder.js";

/** @import { DirectoryChanges, FollowedDirectory, Look, Watch } from "../storage.js" */
/** @import { Directory } from "./directory.js" */

const NAME_END = logName("");

/** @typedef {[string, Look | null]} FoundLook */

/**
 * A look at an archived session, which is opened for it.
 *
 * @typedef {{ files: string, look: Look | null }} ArchivedLook `files`: the versions of its files
 */

/** @implements {FollowedDirectory} */
export class FollowedFolder {
  #directory;
  #recursive;
  #ids;
  /** The ids at the last look. @type {Set<string>} */
  #known = new Set();
  #isFirst = true;
  /** @type {string | null} its path below the root of OPFS; null outside OPFS */
  #path = null;
  /** What identifies the logs outside OPFS. @type {Map<string, object>} */
  #identities = new Map();
  #sessions;
  /** The last looks at archived sessions, by id. @type {Map<string, ArchivedLook>} */
  #archived = new Map();

  /**
   * @param {Directory} directory
   * @param {boolean} recursive whether to follow the logs in subdirectories too
   * @param {ReadonlySet<string>} [ids] default: all logs
   */
  constructor(directory, recursive, ids) {
    this.#directory = directory;
    this.#recursive = recursive;
    this.#ids = ids;
    const identityOf = (/** @type {string} */ log) =>
      this.#identityOf(log.slice(0, -NAME_END.length));
    this.#sessions = new SessionFolder(directory, identityOf, {}, true);
  }

  /**
   * @param {boolean} _isAll
   * @param {(error: unknown, path: string) => void} onFailure
   * @returns {AsyncGenerator<FoundLook[], void, void>}
   */
  async *looks(_isAll, onFailure) {
    if (!this.#isFirst) {
      yield* this.#all(onFailure);
      return;
    }
    this.#isFirst = false;
    const first = async () => {
      const looks = [];
      for await (const some of this.#all(onFailure)) for (const look of some) looks.push(look);
      return looks;
    };
    const { name } = this.#directory;
    yield await whileStarting(first(), (path) => name === "" || `/${path}`.includes(`/${name}/`));
  }

  /**
   * @param {(error: unknown, path: string) => void} onFailure
   * @returns {AsyncGenerator<FoundLook[], void, void>}
   */
  async *#all(onFailure) {
    const parts = await this.#parts();
    this.#path = parts && parts.join("/");
    /** @type {Set<string>} */
    const found = new Set();
    if (this.#ids) {
      for (const id of this.#ids) yield [[id, await this.look(id)]];
      return;
    }
    const root = await this.#directory.open();
    if (root) yield* this.#below(root, "", found, onFailure);
    for (const id of this.#known) if (!found.has(id)) yield [[id, null]];
    this.#known = found;
  }

  /** Returns the path below the root of OPFS; null outside OPFS, and when a handle is of nothing. */
  async #parts() {
    try {
      return await this.#directory.parts();
    } catch {
      // The directory was removed, and may be made again.
      return null;
    }
  }

  /**
   * @param {FileSystemDirectoryHandle} handle
   * @param {string} path below the directory: "" or with `/` at its end
   * @param {Set<string>} found gets the ids
   * @param {(error: unknown, path: string) => void} onFailure
   * @returns {AsyncGenerator<FoundLook[], void, void>}
   */
  async *#below(handle, path, found, onFailure) {
    /** The files of archived sessions, by the name of the log. @type {Map<string, FileSystemHandle[]>} */
    const archived = new Map();
    /** @type {Map<string, FileSystemHandle>} */
    const logs = new Map();
    try {
      for await (const [name, each] of handle.entries()) {
        const log = archivedName(name);
        if (log !== null) archived.set(log, [...(archived.get(log) ?? []), each]);
        if (each.kind === "directory" && this.#recursive)
          yield* this.#below(
            /** @type {FileSystemDirectoryHandle} */ (each),
            `${path}${name}/`,
            found,
            onFailure,
          );
        else if (isLogName(name)) logs.set(name, each);
      }
      for (const name of new Set([...logs.keys(), ...archived.keys()])) {
        const id = path + name.slice(0, -NAME_END.length);
        const log = logs.get(name);
        const files = archived.get(name);
        found.add(id);
        if (files) yield [[id, await this.#lookAtArchived(id, log ? [...files, log] : files)]];
        else if (log) yield [[id, await this.#lookAt(id, log)]];
      }
    } catch (error) {
      // The directory was removed; its handle remains.
      if (isNamed(error, "NotFoundError")) return;
      if (path === "") throw fileError(this.#directory.name, "list", error);
      onFailure(fileError(this.#directory.pathOf(path.slice(0, -1)), "list", error), path);
    }
  }

  /**
   * @param {string} id
   * @param {FileSystemHandle} handle
   * @returns {Promise<Look | null>}
   */
  async #lookAt(id, handle) {
    const identity = this.#identityOf(id);
    // Opening it reports that it is no file.
    if (handle.kind === "directory")
      return { identity, size: 0, changed: 0, version: "a directory" };
    try {
      const { size, lastModified } = await /** @type {FileSystemFileHandle} */ (handle).getFile();
      return { identity, size, changed: lastModified, version: `${lastModified}` };
    } catch (error) {
      if (isNamed(error, "NotFoundError")) return null;
      throw fileError(logName(id), "look at", error);
    }
  }

  /**
   * Looks at an archived session. Opens it only when one of its files has changed.
   *
   * @param {string} id
   * @param {FileSystemHandle[]} handles of its files
   */
  async #lookAtArchived(id, handles) {
    const versions = [];
    for (const handle of handles) {
      // Opening the session reports what is no file, or cannot be read.
      const file = await fileOf(/** @type {FileSystemFileHandle} */ (handle)).catch(() => null);
      versions.push(`${handle.name} ${file?.size} ${file?.lastModified}`);
    }
    const files = versions.sort().join("\n");
    const known = this.#archived.get(id);
    if (known?.files === files) return known.look;
    const look = await this.#lookInto(id);
    this.#archived.set(id, { files, look });
    return look;
  }

  /**
   * Looks at the text of a session.
   *
   * @param {string} id
   * @returns {Promise<Look | null>}
   */
  async #lookInto(id) {
    const identity = this.#identityOf(id);
    try {
      const source = await this.#sessions.openText(logName(id));
      await source?.close();
      if (!source?.stamp) return null;
      const { [SIZE]: size, [MTIME]: modified } = source.stamp;
      return {
        identity,
        size: Number(size),
        changed: Number(modified / 1_000_000n),
        version: `${modified}`,
      };
    } catch (error) {
      // Opening it reports why it cannot be read.
      return { identity, size: 0, changed: 0, version: `${error}` };
    }
  }

  /** @param {string} id */
  async look(id) {
    const log = logName(id);
    const handle = await this.#sessions.handle(log);
    // Asked afterwards, because the log may have been archived before.
    if (await this.#sessions.isArchived(log)) return this.#lookInto(id);
    return handle && this.#lookAt(id, handle);
  }

  /**
   * Returns what identifies a log's file: its path. A replaced file is noticed by its bytes.
   *
   * @param {string} id
   */
  #identityOf(id) {
    if (this.#path !== null)
      return `opfs:${this.#path === "" ? "" : `${this.#path}/`}${logName(id)}`;
    let identity = this.#identities.get(id);
    if (!identity) this.#identities.set(id, (identity = { id }));
    return identity;
  }

  /** @param {string} id */
  followed(id) {
    const path = this.#path ?? this.#directory.name;
    const log = logName(id);
    return followedSession(this.#sessions, log, path === "" ? log : `${path}/${log}`);
  }

  /**
   * @param {DirectoryChanges} changes
   * @returns {Watch}
   */
  watch(changes) {
    return new FolderWatch(this.#directory, this.#recursive, () => this.#path, {
      ...changes,
      changed: (id, isMove) => {
        if (id !== null && !this.#recursive && id.includes("/")) return;
        if (id === null || !this.#ids || this.#ids.has(id)) changes.changed(id, isMove);
      },
    });
  }
}

/** @implements {Watch} */
class FolderWatch {
  #directory;
  #recursive;
  #path;
  #changes;
  #channel = openChannel();
  /** @type {FileSystemObserver | null} */
  #observer = null;
  #isObserving = false;

  /**
   * @param {Directory} directory
   * @param {boolean} recursive
   * @param {() => string | null} path below the root of OPFS; null outside OPFS
   * @param {DirectoryChanges} changes
   */
  constructor(directory, recursive, path, changes) {
    this.#directory = directory;
    this.#recursive = recursive;
    this.#path = path;
    this.#changes = changes;
    this.#channel?.addEventListener("message", ({ data }) => this.#appended(data));
  }

  /** @param {string} file the path of a file that a tab appended to, below the root of OPFS */
  #appended(file) {
    const path = this.#path();
    const start = path === "" ? "" : `${path}/`;
    if (path !== null && file.startsWith(start) && isLogName(file))
      this.#changes.changed(file.slice(start.length, -NAME_END.length), false);
  }

  /** Returns whether appends by this package, or all changes, are reported. */
  renew() {
    if (!this.#observer && typeof FileSystemObserver === "function") {
      this.#observer = new FileSystemObserver((records, observer) => {
        if (observer === this.#observer) this.#observed(records);
      });
      this.#observe(this.#observer);
    }
    return this.#isObserving || (this.#channel !== null && this.#path() !== null);
  }

  /** @param {FileSystemObserver} observer */
  async #observe(observer) {
    try {
      const handle = await this.#directory.open();
      if (!handle) throw new Error("no directory yet");
      await observe(observer, handle, { recursive: this.#recursive });
      this.#isObserving = observer === this.#observer;
      // The watch was closed meanwhile.
      if (!this.#isObserving) disconnect(observer);
    } catch {
      // `renew` tries again at the next look.
      if (observer === this.#observer) this.#observer = null;
    }
  }

  /** @param {readonly FileSystemChangeRecord[]} records */
  #observed(records) {
    for (const { type, relativePathComponents, relativePathMovedFrom } of records) {
      if (type === "errored") {
        // The directory was removed. It is observed again when it is there again.
        disconnect(this.#observer);
        this.#observer = null;
        this.#isObserving = false;
      }
      for (const parts of [relativePathComponents, relativePathMovedFrom]) {
        const name = parts?.join("/");
        if (name && isLogName(name))
          this.#changes.changed(name.slice(0, -NAME_END.length), type !== "modified");
        else if (type !== "modified") this.#changes.changed(null, true);
      }
    }
  }

  close() {
    this.#channel?.close();
    disconnect(this.#observer);
    this.#observer = null;
    this.#isObserving = false;
  }
}
