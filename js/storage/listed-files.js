// Logs of a list of files in memory or of a user: Blobs, Files and bytes.

import { isBlob, isBytes } from "../builtins.js";
import { describe, invalidArgument, SkillLogError } from "../errors.js";
import { memorySource, openMemory, wholeSource } from "./blob.js";
import { compressedFile, sessionTexts } from "./compressed/as-text.js";
import { formatOf, isCompressedName, readAsText } from "./compressed/formats.js";
import { foundLogs } from "./found-logs.js";
import { archivedName, isLogName, logName } from "./listing.js";
import {
  BLOBS_AT_ONCE,
  lastModifiedOf,
  openBlobToScan,
  snapshotStamp,
  WHOLE_BYTES,
} from "./scanned-blob.js";
import { dateOf, MTIME, SIZE } from "./stamps.js";
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
 * @property {Map<string, any>} [files] those of a session with an archive, by path
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

/** @typedef {Map<string, Map<string, unknown>>} Sessions */

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
   * Files of a folder are joined that are of one session.
   *
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
    /** The files of each session that has an archive, by the path of its log. @type {Sessions} */
    const sessions = new Map();
    for (const file of files) {
      const log = archivedName(pathOf(file) ?? "");
      if (log !== null) sessions.set(log, new Map());
    }
    for (const [at, file] of files.entries()) {
      const name = access.nameOf(file);
      if (name === null) throw invalidArgument(`source[${at}]`, file, access.expected);
      const path = pathOf(file);
      const below = path && belowFolder(path);
      const isPart = below !== null && archivedName(below) !== null;
      const isLog = below === null || isPart || isLogName(below.replace(/\.gz$/, ""));
      if (!isLog || (!recursive && below?.includes("/"))) continue;
      if (!isJoined(file, sessions)) this.#add(below ?? name, file);
    }
    for (const [path, files] of sessions)
      if (files.size > 0)
        this.#put({ file: null, path: belowFolder(path), isCompressed: true, files });
  }

  /**
   * Adds a file. Where another one has its id, it gets the next free number.
   *
   * @param {string} path
   * @param {unknown} file
   */
  #add(path, file) {
    const isCompressed = isBytes(file) ? formatOf(file) !== null : isCompressedName(path);
    this.#put({ file, path, ...(isCompressed && { isCompressed }) });
  }

  /** @param {ListedRef} ref */
  #put(ref) {
    const id = listedId(ref.path);
    let free = id;
    for (let number = 2; this.#files.has(free); number += 1) free = `${id} (${number})`;
    this.#files.set(free, ref);
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
      const look = await (ref.files ? this.#lookAtSession(ref) : this.#access.look(ref.file));
      signal?.throwIfAborted();
      if (!look) continue;
      const { bytes, modified, stamp } = look;
      const info = { id, bytes, modified: new Date(modified) };
      found.push({ info: ref.files ? { ...info, archived: true } : info, ref, stamp });
    }
    turns.close();
    return foundLogs(found);
  }

  /**
   * Looks at the text of a session.
   *
   * @param {ListedRef} ref
   * @returns {Promise<Look | null>}
   */
  async #lookAtSession(ref) {
    try {
      const source = await openListed(ref, this.#access, false);
      await source?.close();
      const stamp = source?.stamp;
      if (!stamp) return null;
      return { bytes: Number(stamp[SIZE]), modified: dateOf(stamp[MTIME]).getTime(), stamp };
    } catch {
      // Reading it reports why that fails.
      const [file] = ref.files?.values() ?? [];
      return this.#access.look(file);
    }
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
  ref.text ??= await (ref.files
    ? sessionOf(ref, access)
    : compressedFile(() => access.open(ref, false)));
  return ref.text.open();
}

/**
 * Returns what opens the text of a session of which files are archived.
 *
 * @param {ListedRef} ref
 * @param {FileAccess} access
 */
async function sessionOf({ path, files }, access) {
  const texts = await sessionTexts();
  const openFile = async (/** @type {string} */ path) => {
    const file = files?.get(path);
    const source = file && (await access.open({ file, path }, false));
    return source && Object.assign(source, { name: path, stamp: snapshotStamp(file) });
  };
  return { open: () => texts.openSnapshot(path, openFile) };
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
 * Returns the path of a file that was picked with its folder; null for one that was picked by itself.
 *
 * @param {any} file
 * @returns {string | null}
 */
function pathOf(file) {
  const path = file?.webkitRelativePath;
  return typeof path === "string" && path.includes("/") ? path : null;
}

/**
 * Returns a path below the folder that the user picked.
 *
 * @param {string} path with the folder
 */
function belowFolder(path) {
  return path.slice(path.indexOf("/") + 1);
}

/**
 * Returns whether a file is one of a session with an archive, and has it read with the others.
 *
 * @param {unknown} file
 * @param {Sessions} sessions
 */
function isJoined(file, sessions) {
  const path = pathOf(file);
  const files = path === null ? undefined : sessions.get(archivedName(path) ?? path);
  const name = path && belowFolder(path);
  // One that was picked twice is a log of its own.
  if (!files || !name || files.has(name)) return false;
  files.set(name, file);
  return true;
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
