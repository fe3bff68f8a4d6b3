// Directories: of the origin private file system (OPFS), by path or handle, and folders that a user
// picked or dropped.

import { isError } from "../../builtins.js";
import { invalidArgument, SkillLogError } from "../../errors.js";
import { fileError, isNamed, storageUnavailable } from "./errors.js";

const REFUSED = /^\.\.?$|[\0\\]/;

/** Returns the root of OPFS. */
export async function opfsRoot() {
  // A page at an insecure address has no navigator.storage. Some builds have it without a file
  // system.
  if (typeof navigator === "undefined" || typeof navigator.storage?.getDirectory !== "function") {
    const isSecure = /** @type {any} */ (globalThis).isSecureContext !== false;
    throw noOpfs(
      isSecure ? "this browser has none" : "this is no secure context (https, or localhost)",
    );
  }
  try {
    return await navigator.storage.getDirectory();
  } catch (cause) {
    throw noOpfs(
      `the browser does not give it, as in a private window (${isError(cause) ? cause.message : cause})`,
      cause,
    );
  }
}

/**
 * @param {string} why
 * @param {unknown} [cause]
 */
function noOpfs(why, cause) {
  return storageUnavailable(`no origin private file system: ${why}`, cause);
}

/** A directory of logs. Looks at nothing before it must. */
export class Directory {
  /**
   * @type {FileSystemDirectoryHandle | null} null if the directory is known by its path below the
   *   root
   */
  #handle = null;
  /** @type {Promise<string[] | null> | null} */
  #parts = null;

  /** @param {unknown} dir */
  constructor(dir) {
    if (isDirectoryHandle(dir)) {
      this.#handle = dir;
      this.name = dir.name;
      return;
    }
    if (typeof dir !== "string" || dir === "")
      throw invalidArgument(
        "dir",
        dir,
        "a path below the root of OPFS, or a FileSystemDirectoryHandle",
      );
    const parts = dir.split("/").filter((part) => part !== "" && part !== ".");
    if (parts.some((part) => REFUSED.test(part)))
      throw invalidArgument("dir", dir, 'a path without ".." and backslashes');
    this.#parts = Promise.resolve(parts);
    this.name = parts.join("/");
  }

  /**
   * Returns its path below the root of OPFS.
   *
   * @returns {Promise<string[] | null>} null if it is not in OPFS
   * @throws {SkillLogError} `NOT_FOUND` when it was removed and its path is unknown
   */
  parts() {
    return (this.#parts ??= this.#resolved(
      /** @type {FileSystemDirectoryHandle} */ (this.#handle),
    ));
  }

  /** @param {FileSystemDirectoryHandle} handle */
  async #resolved(handle) {
    try {
      const parts = await (await opfsRoot()).resolve(handle);
      // Firefox returns no path for a directory that was removed.
      if (!parts && (await isGone(handle)))
        throw new SkillLogError("NOT_FOUND", `${handle.name}: no such directory`, {
          path: handle.name,
        });
      return parts;
    } catch (error) {
      // The directory may be made again.
      this.#parts = null;
      // Without OPFS it is a folder of the user.
      if (error instanceof SkillLogError && error.code === "STORAGE_UNAVAILABLE") return null;
      throw fileError(handle.name, "find", error);
    }
  }

  /**
   * Returns its path, to write there.
   *
   * @throws {SkillLogError} `READ_ONLY` when it is not in OPFS
   */
  async writableParts() {
    const parts = await this.parts();
    if (parts) return parts;
    throw new SkillLogError(
      "READ_ONLY",
      `${this.name} is a folder of the user's: logs in it can only be read`,
      { path: this.name },
    );
  }

  /**
   * Opens it.
   *
   * @returns {Promise<FileSystemDirectoryHandle | null>} null when it is missing
   * @throws {SkillLogError} `IO_ERROR` when it is a file
   */
  async open() {
    if (this.#handle) return this.#handle;
    try {
      return await directoryAt(/** @type {string[]} */ (await this.parts()), false);
    } catch (error) {
      if (isNamed(error, "NotFoundError")) return null;
      if (isNamed(error, "TypeMismatchError"))
        throw new SkillLogError("IO_ERROR", `${this.name} is a file, and no directory`, {
          path: this.name,
          cause: error,
        });
      throw fileError(this.name, "open", error);
    }
  }

  /**
   * Opens a file in it.
   *
   * @param {string} name
   * @returns {Promise<FileSystemFileHandle | null>} null when it is missing
   */
  async file(name) {
    let directory = this.#handle;
    try {
      directory ??= await directoryAt(/** @type {string[]} */ (await this.parts()), false);
      return await directory.getFileHandle(name);
    } catch (error) {
      // The directory is a file, which has no files in it.
      if (isNamed(error, "NotFoundError") || (!directory && isNamed(error, "TypeMismatchError")))
        return null;
      throw fileError(this.pathOf(name), "open", error);
    }
  }

  /**
   * Opens a file in it, or in a directory below it.
   *
   * @param {string} path
   * @returns {Promise<FileSystemFileHandle | null>} null when it is missing
   */
  async fileBelow(path) {
    const names = path.split("/");
    const name = /** @type {string} */ (names.pop());
    if (names.length === 0) return this.file(name);
    let directory = await this.open();
    let isFound = false;
    try {
      for (const each of names) directory = (await directory?.getDirectoryHandle(each)) ?? null;
      isFound = true;
      return (await directory?.getFileHandle(name)) ?? null;
    } catch (error) {
      // A directory on the way is a file, which has no files in it.
      if (isNamed(error, "NotFoundError") || (!isFound && isNamed(error, "TypeMismatchError")))
        return null;
      throw fileError(this.pathOf(path), "open", error);
    }
  }

  /**
   * Returns a directory below it.
   *
   * @param {readonly string[]} names of directories, each in the one before
   * @returns {Directory} this one where there is no name
   */
  below(names) {
    return names.length === 0 ? this : new Subdirectory(this, names);
  }

  /**
   * Returns the name of a file in it for messages: a path.
   *
   * @param {string} name
   */
  pathOf(name) {
    return this.name === "" ? name : `${this.name}/${name}`;
  }
}

/** A directory below another, whether that is in OPFS or not. */
class Subdirectory extends Directory {
  #parent;
  #names;

  /**
   * @param {Directory} parent
   * @param {readonly string[]} names
   */
  constructor(parent, names) {
    super(parent.pathOf(names.join("/")));
    this.#parent = parent;
    this.#names = names;
  }

  async parts() {
    const parts = await this.#parent.parts();
    return parts && [...parts, ...this.#names];
  }

  async open() {
    let directory = await this.#parent.open();
    try {
      for (const name of this.#names)
        directory = (await directory?.getDirectoryHandle(name)) ?? null;
      return directory;
    } catch (error) {
      if (isNamed(error, "NotFoundError") || isNamed(error, "TypeMismatchError")) return null;
      throw fileError(this.name, "open", error);
    }
  }

  /** @param {string} name */
  async file(name) {
    const directory = await this.open();
    try {
      return (await directory?.getFileHandle(name)) ?? null;
    } catch (error) {
      if (isNamed(error, "NotFoundError")) return null;
      throw fileError(this.pathOf(name), "open", error);
    }
  }
}

/**
 * Opens a directory of OPFS.
 *
 * @param {readonly string[]} parts
 * @param {boolean} create whether to create missing directories
 */
export async function directoryAt(parts, create) {
  let directory = await opfsRoot();
  for (const part of parts) directory = await directory.getDirectoryHandle(part, { create });
  return directory;
}

/** @param {FileSystemDirectoryHandle} directory */
async function isGone(directory) {
  try {
    await directory.keys().next();
    return false;
  } catch (error) {
    return isNamed(error, "NotFoundError");
  }
}

/**
 * @param {unknown} value
 * @returns {value is FileSystemDirectoryHandle}
 */
function isDirectoryHandle(value) {
  return Object.prototype.toString.call(value) === "[object FileSystemDirectoryHandle]";
}

/**
 * @param {unknown} value
 * @returns {value is FileSystemFileHandle}
 */
export function isFileHandle(value) {
  return Object.prototype.toString.call(value) === "[object FileSystemFileHandle]";
}
