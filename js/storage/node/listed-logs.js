// The logs of a list: files by their paths, and Blobs and bytes in memory.

import { isBytes, isUrl } from "../../builtins.js";
import { invalidArgument, SkillLogError } from "../../errors.js";
import { memorySource, openMemory } from "../blob.js";
import { CompressedFile } from "../compressed/compressed-file.js";
import { formatOf, isCompressedName, readAsText } from "../compressed/formats.js";
import { foundLogs } from "../found-logs.js";
import { cannotFollow, listedId } from "../listed-files.js";
import { STAMP_WORDS } from "../stamps.js";
import { openRef } from "./directory-logs.js";
import { fileError, hasCode } from "./errors.js";
import { followedPath } from "./follow.js";
import { factsOf, lookAtLog } from "./found-files.js";
import { startThread } from "./scan-thread.js";
import { openToScan } from "./scanned-file.js";
import { absolutePath, isCompressedAt } from "./source.js";

/** @import { SessionInfo } from "../../types.js" */
/** @import { Found } from "../found-logs.js" */
/** @import { FoundLogs, ScannedLog, Source, StoredLog, StoredLogs } from "../storage.js" */

/**
 * What opens bytes in memory.
 *
 * @typedef {{ name: string, memory: unknown, isCompressed?: boolean }} MemoryRef
 */

/**
 * What opens a log of the list. Whether it is compressed is known once it was found.
 *
 * @typedef {{ path: string, isLink: true, isCompressed?: boolean } | MemoryRef} ListedRef
 */

/**
 * @typedef {{ facts: Omit<SessionInfo, "id">, stamp: bigint[] }} Known what is known of a log without
 *   opening it
 */

/** @implements {StoredLogs} */
export class ListedLogs {
  isList = true;
  /** By session id. @type {Map<string, ListedRef>} */
  #refs = new Map();
  /** The texts of those that are compressed. @type {Map<ListedRef, CompressedFile>} */
  #texts = new Map();
  /** Absent where Blobs are read, which other threads cannot wait for. */
  startThread;

  /**
   * The id of a log is its path as it is given; that of a Blob is its name, without `.jsonl`. A
   * path that is given twice is one log.
   *
   * @param {readonly unknown[]} sources
   */
  constructor(sources) {
    for (const [at, source] of sources.entries()) {
      if (typeof source === "string" || isUrl(source)) {
        if (source === "" || String(source).includes("\0"))
          throw invalidArgument(`source[${at}]`, source, "a path");
        this.#refs.set(String(source), { path: absolutePath(source), isLink: true });
      } else {
        const { name } = memorySource(source);
        this.#refs.set(this.#freeId(listedId(name)), { name, memory: source });
      }
    }
    const isInMemory = [...this.#refs.values()].some((ref) => "memory" in ref);
    if (!isInMemory) this.startThread = startThread;
  }

  /** @param {string} name */
  #freeId(name) {
    if (!this.#refs.has(name)) return name;
    let number = 2;
    while (this.#refs.has(`${name} (${number})`)) number += 1;
    return `${name} (${number})`;
  }

  /** @returns {Promise<FoundLogs>} */
  async find() {
    /** @type {Found[]} */
    const found = [];
    for (const [id, ref] of this.#refs) {
      const log = "memory" in ref ? await lookAtMemory(ref) : lookAtFile(ref.path);
      ref.isCompressed = "memory" in ref ? isCompressed(ref) : isCompressedAt(ref.path);
      if (log) found.push({ info: { id, ...log.facts }, ref, stamp: log.stamp });
    }
    return foundLogs(found);
  }

  /**
   * Returns a log that can only be read.
   *
   * @param {string} id
   * @returns {StoredLog}
   */
  storedLog(id) {
    const ref = this.#refs.get(id);
    if (!ref)
      throw new SkillLogError("NOT_FOUND", `${JSON.stringify(id)} is no log of the list`, {
        session_id: id,
      });
    const refuse = () => {
      throw new SkillLogError("READ_ONLY", `${this.named(ref).name}: a log of a list is read only`);
    };
    return {
      ...("path" in ref && { path: ref.path }),
      append: refuse,
      source: () => this.open(ref),
      followed: () => ("memory" in ref || isCompressedAt(ref.path) ? null : followedPath(ref.path)),
      create: async () => refuse(),
      repairable: async () => refuse(),
      async close() {},
    };
  }

  /** @returns {never} */
  followed() {
    throw cannotFollow();
  }

  /** @param {ListedRef} ref */
  named(ref) {
    if ("memory" in ref) return { name: ref.name };
    return { name: ref.path, path: ref.path };
  }

  /** @param {ListedRef} ref */
  isCompressed({ isCompressed = false }) {
    return isCompressed;
  }

  /**
   * @param {ListedRef} ref
   * @returns {Promise<Source | null>}
   */
  async open(ref) {
    const open = async () => ("memory" in ref ? (await openMemory(ref.memory))() : openRef(ref));
    ref.isCompressed ??= "memory" in ref ? isCompressed(ref) : isCompressedAt(ref.path);
    if (!ref.isCompressed) return open();
    const text = this.#texts.get(ref) ?? new CompressedFile(open);
    this.#texts.set(ref, text);
    return text.open();
  }

  /**
   * @param {ListedRef} ref
   * @returns {ScannedLog | null | Promise<ScannedLog>}
   */
  openToScan(ref) {
    if (ref.isCompressed) throw readAsText();
    return "memory" in ref ? scanMemory(ref) : openToScan(ref);
  }
}

/**
 * @param {string} path
 * @returns {Known | null} null when nothing is there
 */
function lookAtFile(path) {
  try {
    const look = lookAtLog(path);
    return look && { facts: factsOf(path, look), stamp: look.stamp };
  } catch (error) {
    if (hasCode(error, "ENOTDIR")) return null;
    throw fileError(path, "look at", error);
  }
}

/**
 * @param {MemoryRef} ref
 * @returns {Promise<Known>}
 */
async function lookAtMemory({ memory }) {
  const bytes = await memorySource(memory).size();
  const modified = /** @type {{ lastModified?: number }} */ (memory).lastModified ?? 0;
  return { facts: { bytes, modified: new Date(modified) }, stamp: stampOfMemory(bytes) };
}

/**
 * Returns whether bytes in memory are compressed: a Blob's name says so.
 *
 * @param {MemoryRef} ref
 */
function isCompressed({ name, memory }) {
  return isBytes(memory) ? formatOf(memory) !== null : isCompressedName(name);
}

/**
 * Returns the stamp of bytes that never change.
 *
 * @param {number} bytes
 */
function stampOfMemory(bytes) {
  const stamp = new Array(STAMP_WORDS).fill(0n);
  stamp[3] = BigInt(bytes);
  return stamp;
}

/**
 * @param {MemoryRef} ref
 * @returns {Promise<ScannedLog>}
 */
async function scanMemory({ memory }) {
  const source = await (await openMemory(memory))();
  const size = await source.size();
  return {
    size,
    stamp: stampOfMemory(size),
    read: (offset, into) => source.read(offset, into),
    close: () => void source.close(),
  };
}
