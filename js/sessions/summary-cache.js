// What each log holds, in a file that later processes read instead of the logs. It is a hundredth of
// the rows, so that a list does not wait for those. Like them, it is never the authority.
//
// The bytes: MAGIC; a hash of the bytes that follow; the number of logs and the length of the ids; for
// each log its stamp; for each log where what it holds ends; the ids; what each log holds, as an array
// in JSON. NUL is after each id and each array.

import { hash } from "../../dist/skill_log.js";
import { pendingSince } from "../damage/verify.js";
import { LOG_COST, WRITING_PART } from "./row-cache.js";
import { cacheName } from "../storage/cache-name.js";
import { sizeOf } from "../storage/found-logs.js";
import { MTIME, sameVersions, SIZE, STAMP_NUMBERS, STAMP_WORDS } from "../storage/stamps.js";

/** @import { LogContents } from "../types.js" */
/** @import { CacheFiles, FoundLogs } from "../storage/storage.js" */

const MAGIC = new TextEncoder().encode("skill-log list 2");

/** How many logs have their texts decoded at once. */
const DECODED_LOGS = 64;

/** Bytes before those that are hashed, and bytes before the stamps. */
const HASHED_FROM = MAGIC.length + 8;
const HEAD_BYTES = HASHED_FROM + 16;

/** The largest cache in bytes: that of some 300,000 logs. */
const LARGEST = 64 << 20;

/** About how many bytes the summary of a log takes. */
const SUMMARY_BYTES = 200;

/** A file's name may have any character but this one, and JSON has none of it. */
const SEPARATOR = "\0";

/**
 * What a log holds. The bytes are absent where it was not read.
 *
 * @typedef {Omit<LogContents, "session" | "bytes"> & { bytes?: number }} Contents
 */

/** Matches what `textOf` returns for a log without damage, foreign lines and a pending entry. */
const CLEAN = /^\[(\d+),\d+,0,0,0,0[,\]]/;

/** @type {Contents} what is said of a log that is not read */
export const NO_CONTENTS = { entries: 0, damaged: 0, pending: null, foreign: 0 };

/** The summaries of a directory of logs. */
export class SummaryCache {
  #files;
  #name;
  #stamps = new BigInt64Array(0);
  /** @type {string[]} the ids by position, and an empty text */
  #ids = [];
  /** Where the text of each log ends. */
  #ends = new Uint32Array(0);
  #texts = new Uint8Array(0);
  /** The first log whose text is decoded, and the texts from there. */
  #decoded = { from: -1, texts: [""] };
  /** @type {Map<string, number> | null} the position of each log */
  #positions = null;
  /** @type {FoundLogs | null} */
  #found = null;
  /** The position of each log that was found; -1 for others. */
  #known = new Int32Array(0);
  /** @type {Promise<void>} */
  #saving = Promise.resolve();

  /**
   * @param {CacheFiles} files
   * @param {string | Promise<string>} key
   */
  constructor(files, key) {
    this.#files = files;
    this.#name = (async () => cacheName(await key, "list"))();
  }

  /** Reads the cache. Without one, or with a broken one, no log is known. */
  async open() {
    try {
      let bytes = new Uint8Array(0);
      await this.#files.read(
        await this.#name,
        LARGEST,
        (length) => (bytes = new Uint8Array(length)),
      );
      const { buffer } = bytes;
      const isWhole =
        bytes.length >= HEAD_BYTES &&
        MAGIC.every((byte, at) => bytes[at] === byte) &&
        new BigUint64Array(buffer, MAGIC.length, 1)[0] === hashOf(bytes.subarray(HASHED_FROM));
      if (!isWhole) return;
      const [count, idBytes] = Array.from(new BigUint64Array(buffer, HASHED_FROM, 2), Number);
      const stamps = new BigInt64Array(buffer, HEAD_BYTES, STAMP_WORDS * count);
      const ends = new Uint32Array(buffer, HEAD_BYTES + stamps.byteLength, count);
      const texts = bytes.subarray(HEAD_BYTES + stamps.byteLength + ends.byteLength);
      const ids = split(texts.subarray(0, idBytes));
      if (ids.length !== count + 1) return;
      this.#stamps = stamps;
      this.#ends = ends;
      this.#ids = ids;
      this.#texts = texts.subarray(idBytes);
    } catch {
      // The disk fails, or it was forged: the logs are read.
    }
  }

  /**
   * Returns the position of each log that has not changed; -1 for others.
   *
   * @param {FoundLogs} found
   */
  match(found) {
    this.#found = found;
    const { ids, stamps } = found;
    const known = new Int32Array(ids.length).fill(-1);
    // Most logs have the order that they had.
    let next = 0;
    const areSame = sameVersions(stamps, this.#stamps);
    for (let at = 0; at < ids.length; at += 1) {
      const id = ids[at];
      const position = this.#ids[next] === id ? next : this.#positionOf(id);
      if (position === undefined) continue;
      next = position + 1;
      if (areSame(STAMP_NUMBERS * at, STAMP_NUMBERS * position)) known[at] = position;
    }
    this.#known = known;
    return known;
  }

  /**
   * Returns the position of a log, which may have changed; -1 where the cache does not have it.
   *
   * @param {string} id
   */
  find(id) {
    return this.#positionOf(id) ?? -1;
  }

  /**
   * Returns the stamp that a log had.
   *
   * @param {number} position
   */
  stampOf(position) {
    const start = STAMP_WORDS * position;
    return this.#stamps.subarray(start, start + STAMP_WORDS);
  }

  /**
   * Returns the size of each log that had nothing but whole lines of entries; Infinity for others.
   */
  cleanSizes() {
    const sizes = new Float64Array(this.#ends.length).fill(Infinity);
    for (let position = 0; position < sizes.length; position += 1) {
      const bytes = Number(CLEAN.exec(this.#textAt(position))?.[1]);
      if (bytes === Number(this.#stamps[STAMP_WORDS * position + SIZE])) sizes[position] = bytes;
    }
    return sizes;
  }

  /** @param {string} id */
  #positionOf(id) {
    if (!this.#positions) {
      this.#positions = new Map();
      for (let at = 0; at < this.#ends.length; at += 1) this.#positions.set(this.#ids[at], at);
    }
    return this.#positions.get(id);
  }

  /**
   * Returns what a log holds.
   *
   * @param {number} position
   */
  contentsAt(position) {
    return contentsIn(
      this.#textAt(position),
      () => Number(this.#stamps[STAMP_WORDS * position + MTIME]) / 1e6,
    );
  }

  /**
   * Returns the text that says what a log holds.
   *
   * @param {number} position
   */
  #textAt(position) {
    const from = position - (position % DECODED_LOGS);
    if (this.#decoded.from !== from) {
      const ends = this.#ends.subarray(from, from + DECODED_LOGS);
      const start = from === 0 ? 0 : this.#ends[from - 1];
      this.#decoded = { from, texts: split(this.#texts.subarray(start, ends.at(-1))) };
    }
    return this.#decoded.texts[position - from] ?? "";
  }

  /**
   * Writes the cache anew if it lacked much. Writing goes on after the call.
   *
   * @param {ReadonlyMap<number, Contents>} read what the logs hold that could be read, by their
   *   positions among those that were found
   */
  save(read) {
    const found = this.#found;
    if (!found) return;
    let cost = 0;
    for (const at of read.keys()) cost += sizeOf(found, at) + LOG_COST;
    if (cost === 0 || cost * WRITING_PART < SUMMARY_BYTES * found.ids.length) return;
    this.#saving = this.#write(found, read).catch(() => {});
  }

  /**
   * @param {FoundLogs} found
   * @param {ReadonlyMap<number, Contents>} read
   */
  async #write({ ids, stamps }, read) {
    const words = stamps.slice();
    const texts = ids.map((_, at) => {
      const known = this.#known[at];
      if (known >= 0) return this.#textAt(known);
      const contents = read.get(at);
      // A stamp that no file has.
      if (!contents) words.fill(-1n, STAMP_WORDS * at, STAMP_WORDS * (at + 1));
      return textOf(contents ?? NO_CONTENTS);
    });
    const bytes = bytesOf(words, ids, texts);
    if (bytes.length <= LARGEST) await this.#files.write(await this.#name, bytes);
  }

  /** Waits until the cache is written. */
  async close() {
    await this.#saving;
  }
}

/** @param {Uint8Array} bytes */
function hashOf(bytes) {
  return BigInt.asUintN(64, hash(bytes));
}

/** @param {Uint8Array} bytes texts, and NUL after each */
function split(bytes) {
  return new TextDecoder().decode(bytes).split(SEPARATOR);
}

/**
 * @param {BigInt64Array} stamps
 * @param {readonly string[]} ids
 * @param {readonly string[]} texts
 */
function bytesOf(stamps, ids, texts) {
  const [idBytes, textBytes] = [ids, texts].map((each) =>
    new TextEncoder().encode(each.map((text) => text + SEPARATOR).join("")),
  );
  const ends = endsOf(textBytes);
  const parts = [stamps, ends, idBytes, textBytes];
  const length = parts.reduce((sum, { byteLength }) => sum + byteLength, HEAD_BYTES);
  const bytes = new Uint8Array(length);
  bytes.set(MAGIC);
  new BigUint64Array(bytes.buffer, HASHED_FROM, 2).set([
    BigInt(ids.length),
    BigInt(idBytes.length),
  ]);
  let at = HEAD_BYTES;
  for (const { buffer, byteOffset, byteLength } of parts) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  new BigUint64Array(bytes.buffer, MAGIC.length, 1)[0] = hashOf(bytes.subarray(HASHED_FROM));
  return bytes;
}

/**
 * Returns where each text ends.
 *
 * @param {Uint8Array} bytes of all texts
 */
function endsOf(bytes) {
  const ends = [];
  for (let at = bytes.indexOf(0); at >= 0; at = bytes.indexOf(0, at)) ends.push((at += 1));
  return Uint32Array.from(ends);
}

/** @param {Contents} contents */
function textOf(contents) {
  const { bytes, entries, damaged, foreign, pending, first, last, skill, final_status } = contents;
  const place = pending ? [pending.offset, pending.length] : [0, 0];
  const numbers = [bytes ?? null, entries, damaged, foreign, ...place];
  return JSON.stringify(entries > 0 ? [...numbers, first, last, skill, final_status] : numbers);
}

/**
 * Reads what a log holds. Of a text that someone forged, nothing.
 *
 * @param {string} text
 * @param {() => number} modified returns when the log was last changed, in milliseconds since 1970
 * @returns {Contents}
 */
function contentsIn(text, modified) {
  let parts;
  try {
    parts = JSON.parse(text);
  } catch {
    return NO_CONTENTS;
  }
  if (!Array.isArray(parts)) return NO_CONTENTS;
  // Named one by one: a pattern takes five times as long.
  const bytes = parts[0];
  const entries = parts[1];
  const damaged = parts[2];
  const foreign = parts[3];
  const offset = parts[4];
  const length = parts[5];
  const areCounts = isCount(entries) && isCount(damaged) && isCount(foreign);
  if (!areCounts || !isCount(bytes) || !isCount(offset) || !isCount(length)) return NO_CONTENTS;
  const pending = length > 0 ? pendingSince({ offset, length }, modified()) : null;
  if (entries === 0) return { bytes, entries, damaged, pending, foreign };
  const first = parts[6];
  const last = parts[7];
  const skill = parts[8];
  const final_status = parts[9];
  const areTexts = isText(first) && isText(last) && isText(skill) && isText(final_status);
  if (!areTexts) return NO_CONTENTS;
  return { bytes, entries, first, last, skill, final_status, damaged, pending, foreign };
}

/** @param {any} number */
function isCount(number) {
  return Number.isSafeInteger(number) && number >= 0;
}

/** @param {unknown} text */
function isText(text) {
  return typeof text === "string";
}
