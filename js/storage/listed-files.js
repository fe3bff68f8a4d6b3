// Logs of a list of files in memory or of a user: Blobs, Files and bytes.

import { isBlob, isBytes } from "../builtins.js";
import { describe, invalidArgument, SkillLogError } from "../errors.js";
import { memorySource, openMemory, wholeSource } from "./blob.js";
import { compressedFile } from "./compressed/as-text.js";
import { formatOf, isCompressedName, readAsText } from "./compressed/formats.js";
import { foundLogs } from "./found-logs.js";
import { isLogName, logName } from "./listing.js";
import {
  BLOBS_AT_ONCE,
  lastModifiedOf,
  openBlobToScan,
  snapshotStamp,
  WHOLE_BYTES,
} from "./scanned-blob.js";
import { ThreadTurns } from "./thread-turns.js";

/** @import { Found } from "./found-logs.js" */
/** @import { FollowedLog, FoundLogs, ScannedLog, Source, StoredLog, StoredLogs, StoredLogsOptions } from "./storage.js" */

/**
 * What opens a log: a Blob, bytes, or whatever else a platform lists; and how messages name it.
 *
 * @typedef {object} ListedRef
 * @property {any} file
 * @property {string} path
 * @property {boolean} [isCompressed] whether its name, or its bytes in memory, say so
 * @property {{ open: () => Promise<Source | null> }} [text] what opens it as its text
 * @property {ArrayLike<bigint>} [stamp] that of bytes that were read from a file
 * @property {File | null} [snapshot] the file as it was when it was looked at, until it is read
 */

/**
 * How a platform reads what is listed.
 *
 * @typedef {object} FileAccess
 * @property {string} expected what may be listed, for messages
 * @property {(file: unknown) => string | null} nameOf returns the name of a file; "" where it has
 *   none; null for what cannot be listed
 * @property {(file: any) => Look | null | Promise<Look | null>} look returns null where there is no
 *   such file any more
 * @property {(ref: ListedRef, wasRead: boolean) => Promise<Source | null>} open
 * @property {(ref: ListedRef) => Promise<ScannedLog | null>} openToScan
 * @property {(ref: ListedRef) => FollowedLog | null} followed
 * @property {StoredLogs["startThread"]} [startThread]
 * @property {StoredLogs["isPage"]} [isPage]
 * @property {StoredLogs["smallBytes"]} [smallBytes]
 *
 * @typedef {object} Look
 * @property {number} bytes
 * @property {number} modified in milliseconds since 1970
 * @property {ArrayLike<bigint>} stamp
 * @property {File} [snapshot] the file as it was then, where its handle may take another one
 */

/**
 * Reads Blobs and bytes, on every platform.
 *
 * @type {FileAccess}
 */
export const memoryAccess = {
  expected: "an array of Blobs, Files and Uint8Arrays",
  nameOf(file) {
    if (isBytes(file)) return "bytes";
    if (!isBlob(file)) return null;
    return "name" in file && typeof file.name === "string" ? file.name : "blob";
  },
  look: (/** @type {Blob | Uint8Array} */ file) => ({
    bytes: isBytes(file) ? file.length : file.size,
    modified: lastModifiedOf(file),
    stamp: snapshotStamp(file),
  }),
  async open({ file }, wasRead) {
    if (isBytes(file)) return memorySource(file);
    if (wasRead && file.size <= WHOLE_BYTES) return wholeSource(file);
    return (await openMemory(file))();
  },
  openToScan: ({ file }) => openBlobToScan(file),
  followed: () => null,
};

/**
 * Logs of a list of files. Their ids are the names of the files; of files that a user picked with
 * their folder, the paths below it.
 *
 * @implements {StoredLogs}
 */
export class ListedFiles {
  #access;
  /** @type {Map<string, ListedRef>} by id */
  #files = new Map();
  isList = true;
  openedAtOnce = BLOBS_AT_ONCE;
  openToScan;
  startThread;
  isPage;
  smallBytes;

  /**
   * @param {readonly unknown[]} files
   * @param {Pick<StoredLogsOptions, "recursive">} options
   * @param {FileAccess} [access]
   */
  constructor(files, { recursive }, access = memoryAccess) {
    this.#access = access;
    this.openToScan = async (/** @type {ListedRef} */ ref) => {
      if (ref.isCompressed) throw readAsText();
      return access.openToScan(ref);
    };
    this.startThread = access.startThread;
    this.isPage = access.isPage;
    this.smallBytes = access.smallBytes;
    for (const [at, file] of files.entries()) {
      const name = access.nameOf(file);
      if (name === null) throw invalidArgument(`source[${at}]`, file, access.expected);
      const below = pathBelowFolder(file);
      const isLog = below === null || isLogName(below.replace(/\.(zst|gz)$/, ""));
      if (!isLog || (!recursive && below?.includes("/"))) continue;
      this.#add(below ?? name, file);
    }
  }

  /**
   * Adds a file. Where another one has its id, it gets the next free number.
   *
   * @param {string} path
   * @param {unknown} file
   */
  #add(path, file) {
    const id = listedId(path);
    let free = id;
    for (let number = 2; this.#files.has(free); number += 1) free = `${id} (${number})`;
    const isCompressed = isBytes(file) ? formatOf(file) !== null : isCompressedName(path);
    this.#files.set(free, { file, path, ...(isCompressed && { isCompressed }) });
  }

  /**
   * @param {AbortSignal} [signal]
   * @returns {Promise<FoundLogs>}
   */
  async find(signal) {
    /** @type {Found[]} */
    const found = [];
    const turns = new ThreadTurns();
    for (const [id, ref] of this.#files) {
      // Chromium stops the page while it looks at a file for the first time.
      await turns.letOthersRun();
      const look = await this.#access.look(ref.file);
      signal?.throwIfAborted();
      if (!look) continue;
      const { bytes, modified, stamp } = look;
      found.push({ info: { id, bytes, modified: new Date(modified) }, ref, stamp });
    }
    turns.close();
    return foundLogs(found);
  }

  /** @returns {never} */
  followed() {
    throw cannotFollow();
  }

  /** @param {ListedRef} ref */
  named({ path }) {
    return { name: path };
  }

  /**
   * @param {ListedRef} ref
   * @param {AbortSignal} [_signal]
   * @param {boolean} [wasRead]
   */
  open(ref, _signal, wasRead = false) {
    return openListed(ref, this.#access, wasRead);
  }

  /** @param {ListedRef} ref */
  isCompressed({ isCompressed = false }) {
    return isCompressed;
  }

  /** @param {string} id */
  storedLog(id) {
    const ref = this.#files.get(id);
    if (ref) return new ListedLog(ref, this.#access);
    throw new SkillLogError("NOT_FOUND", `${describe(id)} is no log of the list`, {
      session_id: id,
    });
  }
}

/**
 * Opens a log of a list.
 *
 * @param {ListedRef} ref
 * @param {FileAccess} access
 * @param {boolean} wasRead
 */
async function openListed(ref, access, wasRead) {
  if (!ref.isCompressed) return access.open(ref, wasRead);
  ref.text ??= await compressedFile(() => access.open(ref, false));
  return ref.text.open();
}

/**
 * Returns the id of a file of a list: its name, without the end that names of logs have.
 *
 * @param {string} name
 */
export function listedId(name) {
  return isLogName(name) ? name.slice(0, -logName("").length) : name;
}

/** Returns the error of following a list of files. */
export function cannotFollow() {
  return new SkillLogError(
    "INVALID_ARGUMENT",
    "a list of files cannot be followed: open their directory, or follow each log",
  );
}

/**
 * Returns the path of a file below the folder that the user picked.
 *
 * @param {any} file
 * @returns {string | null} null for a file that was picked by itself
 */
function pathBelowFolder(file) {
  const path = file.webkitRelativePath;
  return typeof path === "string" && path.includes("/") ? path.slice(path.indexOf("/") + 1) : null;
}

/**
 * A log of a list, which can only be read.
 *
 * @implements {StoredLog}
 */
class ListedLog {
  #ref;
  #access;

  /**
   * @param {ListedRef} ref
   * @param {FileAccess} access
   */
  constructor(ref, access) {
    this.#ref = ref;
    this.#access = access;
  }

  /** @returns {never} */
  append() {
    throw new SkillLogError("READ_ONLY", "a log of a list of files can only be read");
  }

  async source() {
    return openListed(this.#ref, this.#access, false);
  }

  followed() {
    return this.#ref.isCompressed ? null : this.#access.followed(this.#ref);
  }

  /** @returns {Promise<never>} */
  async create() {
    return this.append();
  }

  /** @returns {Promise<never>} */
  async repairable() {
    return this.append();
  }

  async close() {}
}
