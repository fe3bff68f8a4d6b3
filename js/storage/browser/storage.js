// Session logs in a browser: in the origin private file system (OPFS), in folders and files of the
// user, and on servers. The other files of this room work on one file.

import { isUrl } from "../../builtins.js";
import { invalidArgument, SkillLogError } from "../../errors.js";
import { openMemory } from "../blob.js";
import { ListedFiles } from "../listed-files.js";
import { AppendedLog } from "./append.js";
import { BrowserCacheFiles } from "./cache-files.js";
import { createFile } from "./create.js";
import { Directory, directoryAt, isFileHandle } from "./directory.js";
import { fileError, isNamed } from "./errors.js";
import { inTurn, pathOf, untilFree } from "./exclusive-file.js";
import { fileAccess } from "./file-access.js";
import { followedHandle, followedSession } from "./follow.js";
import { FolderLogs } from "./folder-logs.js";
import { handleSource } from "./source.js";
import { SessionFolder } from "./session-folder.js";
import { RepairedHandle } from "./repair.js";
import { scannedElsewhere } from "./worker/scan-in-worker.js";
import { FILE_WAIT } from "./waits.js";
import { writerOf } from "./worker/writer.js";
import { openHttp } from "../http.js";
import { isHttpUrl, refuseHttpOptions } from "../http-url.js";
import { infosOf } from "../found-logs.js";
import { archivedName, logName, savedName } from "../listing.js";
import { logExists } from "../new-log.js";
import { withoutSecrets } from "../message-secrets.js";

/** @import { Source, Storage, StorageOptions, StoredLog, StoredLogsOptions, WriteOptions } from "../storage.js" */

/**
 * The log of one session in a directory.
 *
 * @implements {StoredLog}
 */
class BrowserLog {
  #directory;
  #sessionId;
  #options;
  #name;
  /** Its name in messages. Other programs do not know this path. */
  #path;
  /** @type {Promise<string | object> | null} */
  #identified = null;
  #folder;
  /** What appends: made by the first append, because most logs are only read. @type {AppendedLog | null} */
  #appended = null;

  /**
   * @param {Directory} directory
   * @param {string} sessionId must be valid
   * @param {StorageOptions} options
   */
  constructor(directory, sessionId, options) {
    this.#directory = directory;
    this.#sessionId = sessionId;
    this.#options = options;
    this.#name = logName(sessionId);
    this.#path = directory.pathOf(this.#name);
    this.#folder = new SessionFolder(directory, () => this.#identity(), options);
  }

  /**
   * Appends lines. Lines that arrive during a write are written together.
   *
   * @param {Uint8Array} lines
   * @param {WriteOptions} options
   */
  append(lines, { sync }) {
    this.#appended ??= new AppendedLog(
      this.#path,
      () => this.#opfsFile(this.#name),
      writerOf(this.#options.workerUrl),
    );
    // In time means at once: the file is closed after each write, and a flush would open it again.
    return this.#appended.append(lines, sync !== false);
  }

  /**
   * Makes the log, with these bytes, in one step. A kill may leave an empty log, which counts as none.
   *
   * @param {AsyncIterable<Uint8Array>} chunks
   */
  async create(chunks) {
    const parts = await this.#directory.writableParts();
    if (await this.#folder.isArchived(this.#name)) throw logExists(this.#path);
    return createFile({ parts, name: this.#name }, chunks);
  }

  /** @returns {Promise<Source | null>} */
  source() {
    return this.#folder.open(this.#name);
  }

  followed() {
    const folder = new SessionFolder(this.#directory, () => this.#identity(), this.#options, true);
    return followedSession(folder, this.#name, this.#path);
  }

  async repairable() {
    const handle = await this.#directory.file(this.#name);
    const source = handle && (await handleSource(handle, this.#path, await this.#identity()));
    if (!source) return null;
    const opfsFile = await this.#opfsFile(this.#name);
    const saved = await this.#opfsFile(savedName(this.#sessionId));
    const writer = writerOf(this.#options.workerUrl);
    return new RepairedHandle(handle, source, opfsFile, saved, await source.mark(), writer);
  }

  /**
   * Returns what identifies the file to all its open logs: its path, if it has one.
   *
   * @returns {Promise<string | object>} the same at each call
   */
  #identity() {
    const named = (/** @type {string[] | null} */ parts) =>
      parts ? `opfs:${[...parts, this.#name].join("/")}` : this;
    return (this.#identified ??= this.#directory.parts().then(named, () => this));
  }

  /** @param {string} name */
  async #opfsFile(name) {
    return { parts: await this.#directory.writableParts(), name };
  }

  async close() {
    await this.#appended?.close();
  }
}

/** @type {Storage["storedLog"]} */
export function storedLog(dir, sessionId, options) {
  return new BrowserLog(new Directory(dir), sessionId, options);
}

/** @type {Storage["openFile"]} */
export async function openFile(file, options, signal) {
  if (typeof file === "string" || isUrl(file)) return openUrl(file, options, signal);
  refuseHttpOptions(options);
  if (isFileHandle(file)) return openHandle(file, options);
  const open = await openMemory(file);
  return {
    open: async () =>
      scannedElsewhere(await open(), /** @type {Blob | Uint8Array<ArrayBuffer>} */ (file), options),
    followed: null,
  };
}

/**
 * @param {FileSystemFileHandle} handle
 * @param {StorageOptions} options
 */
async function openHandle(handle, options) {
  const open = async () => {
    const source = await handleSource(handle, handle.name, handle);
    if (!source)
      throw new SkillLogError("NOT_FOUND", `${handle.name}: no such file`, { path: handle.name });
    return scannedElsewhere(source, handle, options);
  };
  // A missing file is reported now and not at the first read.
  await open();
  return {
    open,
    followed: followedHandle(handle, handle.name),
  };
}

/**
 * @param {string | URL} source
 * @param {StorageOptions} options
 * @param {AbortSignal | undefined} signal
 */
async function openUrl(source, options, signal) {
  let url;
  try {
    url = new URL(source, globalThis.location?.href);
  } catch {
    // Reported below.
  }
  // An empty URL would be that of the page.
  if (source === "" || !isHttpUrl(url))
    throw invalidArgument("source", withoutSecrets(source), "the http: or https: URL of a log");
  const { headers, fetch } = options;
  const { path, open, followed } = await openHttp(url, { headers, fetch }, signal);
  // A function cannot be sent to a worker.
  if (fetch) return { path, open, followed };
  const scanned = { url: url.href, headers };
  return {
    path,
    open: async (/** @type {AbortSignal | undefined} */ signal) =>
      scannedElsewhere(await open(signal), scanned, options),
    followed,
  };
}

/** @type {Storage["listLogs"]} */
export async function listLogs(dir, recursive) {
  const logs = await folderLogs(new Directory(dir), { recursive, links: false });
  return infosOf(await logs.find());
}

/** @type {Storage["removeLog"]} */
export async function removeLog(dir, sessionId) {
  const directory = new Directory(dir);
  const name = logName(sessionId);
  const path = directory.pathOf(name);
  let parts;
  try {
    parts = await directory.writableParts();
  } catch (error) {
    if (error instanceof SkillLogError && error.code === "NOT_FOUND") return false;
    throw error;
  }
  const saved = savedName(sessionId);
  const names = [name, ...(await archivedFiles(parts, name))];
  // All paths are checked before anything is removed.
  const kinds = await Promise.all(names.map((each) => kindAt(parts, each)));
  const savedKind = await kindAt(parts, saved);
  const folder = kinds.indexOf("folder");
  if (folder >= 0) throw inTheWay(directory.pathOf(names[folder]));
  if (savedKind === "folder" && kinds.every((kind) => !kind)) return false;
  if (savedKind === "folder") throw inTheWay(directory.pathOf(saved));
  // In turn, or writers that do not pause could keep it from the file for ever.
  return inTurn(pathOf({ parts, name }), FILE_WAIT, async () => {
    // The saved damage goes first: after a kill in between, the next call removes the rest.
    await untilFree(path, () => removed(parts, saved));
    let wasThere = false;
    for (const each of names)
      wasThere = (await untilFree(path, () => removed(parts, each))) || wasThere;
    return wasThere;
  });
}

/**
 * Returns the names of a session's archive, and of what is being archived.
 *
 * @param {string[]} parts of the path of its directory
 * @param {string} log its name
 */
async function archivedFiles(parts, log) {
  const names = [];
  try {
    const directory = await directoryAt(parts, false);
    for await (const name of directory.keys()) if (archivedName(name) === log) names.push(name);
  } catch (error) {
    // The directory is a file, which has no files in it.
    if (!isNamed(error, "NotFoundError") && !isNamed(error, "TypeMismatchError"))
      throw fileError(parts.join("/"), "list", error);
  }
  return names;
}

/** @param {string} path */
function inTheWay(path) {
  return new SkillLogError(
    "NOT_A_REGULAR_FILE",
    `${path} is a directory and no regular file: nothing was removed; move it away first`,
    { path },
  );
}

/**
 * @param {string[]} parts
 * @param {string} name
 * @returns {Promise<"file" | "folder" | null>} null when there is nothing at the path
 */
async function kindAt(parts, name) {
  let directory = null;
  try {
    directory = await directoryAt(parts, false);
    await directory.getFileHandle(name);
    return "file";
  } catch (error) {
    if (isNamed(error, "TypeMismatchError")) return directory ? "folder" : null;
    if (isNamed(error, "NotFoundError")) return null;
    throw fileError(name, "look at", error);
  }
}

/**
 * @param {string[]} parts
 * @param {string} name
 */
async function removed(parts, name) {
  let directory = null;
  try {
    directory = await directoryAt(parts, false);
    // Throws for a directory of that name, which must stay.
    await directory.getFileHandle(name);
    await directory.removeEntry(name);
    return true;
  } catch (error) {
    // The directory is a file, which has no files in it.
    if (isNamed(error, "NotFoundError") || (!directory && isNamed(error, "TypeMismatchError")))
      return false;
    throw error;
  }
}

/** @type {Storage["storedLogs"]} */
export function storedLogs(source, options) {
  if (Array.isArray(source)) return new ListedFiles(source, options, fileAccess(options));
  return folderLogs(new Directory(source), options);
}

/**
 * @param {Directory} directory
 * @param {StoredLogsOptions} options
 */
async function folderLogs(directory, options) {
  const storedLog = (/** @type {Directory} */ directory, /** @type {string} */ id) =>
    new BrowserLog(directory, id, options);
  return new FolderLogs(directory, storedLog, options);
}

/** @type {Storage["processors"]} */
export function processors() {
  return navigator.hardwareConcurrency ?? 1;
}

/** @type {Storage["scanAccess"]} */
export const scanAccess = null;

/** @type {Storage["cacheFiles"]} */
export function cacheFiles(dir) {
  return new BrowserCacheFiles(dir);
}
