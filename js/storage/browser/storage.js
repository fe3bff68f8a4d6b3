// Session logs in a browser: in the origin private file system (OPFS), in folders and files of the user's, and on servers. What is done
// to one file is in browser/.

import { isUrl } from "../../builtins.js";
import { describe, invalidArgument, SkillLogError } from "../../errors.js";
import { sessionIdFault } from "../../session-id.js";
import { openMemory } from "../blob.js";
import { Appender } from "./appender.js";
import { Directory, directoryAt, isFileHandle } from "./directory.js";
import { fileError, isNamed } from "./errors.js";
import { untilFree } from "./exclusive-file.js";
import { FollowedHandle } from "./follow.js";
import { handleSource } from "./source.js";
import { RepairedHandle } from "./repair.js";
import { scannedElsewhere } from "./worker/row-scan.js";
import { writerOf } from "./worker/writer.js";
import { isHttpUrl, openHttp, refuseHttpOptions } from "../http.js";
import { shown } from "../secrets.js";

/** @import { AppendOptions } from "../../types.js" */
/** @import { Source, Storage, StorageOptions, StoredLog } from "../storage.js" */

const SUFFIX = ".jsonl";

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
  /** To name it by: nobody else knows it. */
  #path;
  /** @type {Promise<string | object> | null} */
  #identified = null;
  #writer;
  #appender;

  /**
   * @param {Directory} directory
   * @param {string} sessionId a checked one
   * @param {StorageOptions} options
   */
  constructor(directory, sessionId, options) {
    this.#directory = directory;
    this.#sessionId = sessionId;
    this.#options = options;
    this.#name = sessionId + SUFFIX;
    this.#path = directory.pathOf(this.#name);
    this.#writer = writerOf(options.workerUrl);
    this.#appender = new Appender(this.#path, () => this.#opfsFile(this.#name), this.#writer);
  }

  /**
   * Appends lines, together with those that come while others are being written.
   *
   * @param {Uint8Array} lines
   * @param {Required<AppendOptions>} options
   */
  append(lines, { sync }) {
    return this.#appender.append(lines, sync);
  }

  /** @returns {Promise<Source | null>} */
  async source() {
    const handle = await this.#directory.file(this.#name);
    const source = handle && (await handleSource(handle, this.#path, await this.#identity()));
    return source && scannedElsewhere(source, handle, this.#options);
  }

  followed() {
    return new FollowedHandle(
      () => this.#directory.file(this.#name),
      this.#path,
      () => this.#identity(),
    );
  }

  async repairable() {
    const handle = await this.#directory.file(this.#name);
    const source = handle && (await handleSource(handle, this.#path, await this.#identity()));
    if (!source) return null;
    const opfsFile = await this.#opfsFile(this.#name);
    const saved = await this.#opfsFile(`${this.#sessionId}.damaged`);
    return new RepairedHandle(handle, source, opfsFile, saved, await source.mark(), this.#writer);
  }

  /**
   * Gives what the file is known by, to every log of it: its path, where it has one.
   *
   * @returns {Promise<string | object>} always the same
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
    await this.#appender.settled();
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
  // Fails here rather than at the first read.
  await open();
  return {
    open,
    followed: new FollowedHandle(
      async () => handle,
      handle.name,
      async () => handle,
    ),
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
    // Said below.
  }
  // An empty one would be the page's own.
  if (source === "" || !isHttpUrl(url))
    throw invalidArgument("source", shown(source), "the http: or https: URL of a log");
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
export async function listLogs(dir) {
  const directory = new Directory(dir);
  const handle = await directory.open();
  if (!handle) return [];
  const logs = [];
  try {
    for await (const [name, each] of handle.entries()) {
      if (!name.endsWith(SUFFIX)) continue;
      const id = name.slice(0, -SUFFIX.length);
      const fault = sessionIdFault(id);
      const file =
        each.kind === "file" ? await snapshot(/** @type {FileSystemFileHandle} */ (each)) : null;
      // Removed in the meantime.
      if (each.kind === "file" && !file) continue;
      const unsafe = fault ? `the id ${describe(id)} ${fault}` : file ? undefined : "not a file";
      logs.push({
        id,
        bytes: file?.size ?? 0,
        modified: new Date(file?.lastModified ?? 0),
        ...(unsafe !== undefined && { unsafe }),
      });
    }
  } catch (error) {
    // The directory of a handle: it was removed.
    if (isNamed(error, "NotFoundError")) return [];
    throw fileError(directory.name, "list", error);
  }
  return logs.sort((a, b) => b.modified.getTime() - a.modified.getTime() || (a.id < b.id ? -1 : 1));
}

/** @param {FileSystemFileHandle} handle */
async function snapshot(handle) {
  try {
    return await handle.getFile();
  } catch (error) {
    if (isNamed(error, "NotFoundError")) return null;
    throw error;
  }
}

/** @type {Storage["removeLog"]} */
export async function removeLog(dir, sessionId) {
  const directory = new Directory(dir);
  const name = sessionId + SUFFIX;
  const path = directory.pathOf(name);
  let parts;
  try {
    parts = await directory.writableParts();
  } catch (error) {
    if (error instanceof SkillLogError && error.code === "NOT_FOUND") return false;
    throw error;
  }
  const savedName = `${sessionId}.damaged`;
  // Both are looked at before one of them is removed.
  const [log, saved] = await Promise.all([name, savedName].map((each) => kindAt(parts, each)));
  if (log === "folder") throw inTheWay(path);
  if (saved === "folder" && !log) return false;
  if (saved === "folder") throw inTheWay(directory.pathOf(savedName));
  // What was saved first, and in any case: after a kill in between, the next call finds what is left.
  await untilFree(path, () => removed(parts, savedName));
  return untilFree(path, () => removed(parts, name));
}

/** @param {string} path */
function inTheWay(path) {
  return new SkillLogError(
    "NOT_A_REGULAR_FILE",
    `${path}: a directory is in the way, and no regular file: nothing was removed; move it away first`,
    { path },
  );
}

/**
 * @param {string[]} parts
 * @param {string} name
 * @returns {Promise<"file" | "folder" | null>} null where there is nothing
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
    // Never what is in a directory of that name.
    await directory.getFileHandle(name);
    await directory.removeEntry(name);
    return true;
  } catch (error) {
    // A file holds none.
    if (isNamed(error, "NotFoundError") || (!directory && isNamed(error, "TypeMismatchError")))
      return false;
    throw error;
  }
}
