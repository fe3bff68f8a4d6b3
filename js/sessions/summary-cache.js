// What each log holds, in a file that later processes read instead of the logs. It is a hundredth of
// the rows, so that a list does not wait for those. Like them, it is never the authority.
//
// The bytes: MAGIC; a hash of the bytes that follow; the number of logs, and the lengths of the ids
// and of the times; for each log its stamp; for each log its numbers; for each log the positions of its
// skill and its status among the names; for each log where its times end; the ids, and the first and
// last time of each log, with NUL after each; the names, as an array in JSON. Columns are read without
// an object for each log.

import { hash } from "../../dist/skill_log.js";
import { pendingSince } from "../damage/verify.js";
import { LOG_COST, WRITING_PART } from "./row-cache.js";
import { cacheName } from "../storage/cache-name.js";
import { sizeOf } from "../storage/found-logs.js";
import {
  MTIME,
  numbersOf,
  sameVersions,
  sizeIn,
  STAMP_NUMBERS,
  STAMP_WORDS,
} from "../storage/stamps.js";

/** @import { LogContents } from "../types.js" */
/** @import { CacheFiles, FoundLogs } from "../storage/storage.js" */

const MAGIC = new TextEncoder().encode("skill-log list 3");

/** How many logs have their times decoded at once. */
const DECODED_LOGS = 64;

/** Bytes before those that are hashed, and bytes before the stamps. */
const HASHED_FROM = MAGIC.length + 8;
const HEAD_BYTES = HASHED_FROM + 24;

/** The largest cache in bytes: that of some 300,000 logs. */
const LARGEST = 64 << 20;

/** About how many bytes the summary of a log takes. */
const SUMMARY_BYTES = 200;

/** A file's name may have any character but this one, and a time has none of it. */
const SEPARATOR = "\0";

/**
 * What a log holds. The bytes are absent where it was not read.
 *
 * @typedef {Omit<LogContents, "session" | "bytes"> & { bytes?: number }} Contents
 */

/**
 * Numbers of a log: the bytes that were read, or -1 where it was not read; entries; damaged lines;
 * foreign entries; the offset and the length of the pending bytes.
 */
const NUMBERS = 6;

/** @type {Contents} what is said of a log that is not read */
export const NO_CONTENTS = { entries: 0, damaged: 0, pending: null, foreign: 0 };

/** The summaries of a directory of logs. */
export class SummaryCache {
  #files;
  #name;
  #stamps = new BigInt64Array(0);
  /** @type {string[]} the ids by position, and an empty text */
  #ids = [];
  #numbers = new Float64Array(0);
  /** For each log the positions of its skill and its status among the names. */
  #codes = new Uint32Array(0);
  /** Where the times of each log end. */
  #ends = new Uint32Array(0);
  #times = new Uint8Array(0);
  /** The first log whose times are decoded, and the times from there. */
  #decoded = { from: -1, times: [""] };
  /** @type {unknown[]} */
  #names = [];
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
      const lengths = new BigUint64Array(buffer, HASHED_FROM, 3);
      const [count, idBytes, timeBytes] = Array.from(lengths, Number);
      let at = HEAD_BYTES;
      const stamps = new BigInt64Array(buffer, at, STAMP_WORDS * count);
      const numbers = new Float64Array(buffer, (at += stamps.byteLength), NUMBERS * count);
      const codes = new Uint32Array(buffer, (at += numbers.byteLength), 2 * count);
      const ends = new Uint32Array(buffer, (at += codes.byteLength), count);
      at += ends.byteLength;
      const ids = split(bytes.subarray(at, (at += idBytes)));
      const times = bytes.subarray(at, (at += timeBytes));
      const names = JSON.parse(decoder.decode(bytes.subarray(at)));
      if (ids.length !== count + 1 || !Array.isArray(names)) return;
      this.#stamps = stamps;
      this.#numbers = numbers;
      this.#codes = codes;
      this.#ends = ends;
      this.#ids = ids;
      this.#times = times;
      this.#names = names;
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
    const stamps = numbersOf(this.#stamps);
    const numbers = this.#numbers;
    for (let position = 0; position < sizes.length; position += 1) {
      const at = NUMBERS * position;
      const bytes = numbers[at];
      let isClean = bytes === sizeIn(stamps, STAMP_NUMBERS * position);
      for (let other = at + 2; other < at + NUMBERS; other += 1)
        if (numbers[other] !== 0) isClean = false;
      if (isClean) sizes[position] = bytes;
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
   * Returns what a log holds. Of a cache that someone forged, nothing.
   *
   * @param {number} position
   * @returns {Contents}
   */
  contentsAt(position) {
    const at = NUMBERS * position;
    const numbers = this.#numbers;
    for (let number = at; number < at + NUMBERS; number += 1)
      if (!isCount(numbers[number])) return NO_CONTENTS;
    const bytes = numbers[at];
    const entries = numbers[at + 1];
    const damaged = numbers[at + 2];
    const foreign = numbers[at + 3];
    const pending = numbers[at + 5] > 0 ? this.#pendingAt(position) : null;
    if (entries === 0) return { bytes, entries, damaged, pending, foreign };
    const from = position - (position % DECODED_LOGS);
    if (this.#decoded.from !== from) this.#decode(from);
    const { times } = this.#decoded;
    const first = times[2 * (position - from)];
    const last = times[2 * (position - from) + 1];
    const skill = this.#names[this.#codes[2 * position]];
    const final_status = this.#names[this.#codes[2 * position + 1]];
    if (!isText(first) || !isText(last) || !isText(skill) || !isText(final_status))
      return NO_CONTENTS;
    return { bytes, entries, first, last, skill, final_status, damaged, pending, foreign };
  }

  /** @param {number} position */
  #pendingAt(position) {
    const [offset, length] = this.#numbers.subarray(NUMBERS * position + 4);
    const modified = Number(this.#stamps[STAMP_WORDS * position + MTIME]) / 1e6;
    return pendingSince({ offset, length }, modified);
  }

  /**
   * Decodes the times of some logs.
   *
   * @param {number} from the first of them
   */
  #decode(from) {
    const ends = this.#ends.subarray(from, from + DECODED_LOGS);
    const start = from === 0 ? 0 : this.#ends[from - 1];
    this.#decoded = { from, times: split(this.#times.subarray(start, ends.at(-1))) };
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
    const contents = ids.map((_, at) => {
      const known = this.#known[at];
      const own = known >= 0 ? this.contentsAt(known) : read.get(at);
      // A stamp that no file has.
      if (!own) words.fill(-1n, STAMP_WORDS * at, STAMP_WORDS * (at + 1));
      return own ?? NO_CONTENTS;
    });
    const bytes = bytesOf(words, ids, contents);
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

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

/** @param {Uint8Array} bytes texts, and NUL after each */
function split(bytes) {
  return decoder.decode(bytes).split(SEPARATOR);
}

/** @param {readonly string[]} texts */
function joined(texts) {
  return encoder.encode(texts.map((text) => text + SEPARATOR).join(""));
}

/**
 * @param {BigInt64Array} stamps
 * @param {readonly string[]} ids
 * @param {readonly Contents[]} contents
 */
function bytesOf(stamps, ids, contents) {
  /** @type {Map<string, number>} */
  const names = new Map();
  const codeOf = (/** @type {string} */ name) => {
    const code = names.get(name) ?? names.size;
    names.set(name, code);
    return code;
  };
  const numbers = Float64Array.from(contents.flatMap(numbersIn));
  const codes = Uint32Array.from(
    contents.flatMap(({ skill = "", final_status = "" }) => [codeOf(skill), codeOf(final_status)]),
  );
  const idBytes = joined(ids);
  const times = joined(contents.flatMap(({ first = "", last = "" }) => [first, last]));
  const parts = [stamps, numbers, codes, endsOf(times), idBytes, times];
  parts.push(encoder.encode(JSON.stringify([...names.keys()])));
  const length = parts.reduce((sum, { byteLength }) => sum + byteLength, HEAD_BYTES);
  const bytes = new Uint8Array(length);
  bytes.set(MAGIC);
  new BigUint64Array(bytes.buffer, HASHED_FROM, 3).set(
    [ids, idBytes, times].map(({ length }) => BigInt(length)),
  );
  let at = HEAD_BYTES;
  for (const { buffer, byteOffset, byteLength } of parts) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  new BigUint64Array(bytes.buffer, MAGIC.length, 1)[0] = hashOf(bytes.subarray(HASHED_FROM));
  return bytes;
}

/**
 * Returns where the times of each log end.
 *
 * @param {Uint8Array} times
 */
function endsOf(times) {
  const ends = [];
  for (let at = times.indexOf(0); at >= 0; at = times.indexOf(0, at)) {
    // Each log has two.
    at = times.indexOf(0, at + 1) + 1;
    ends.push(at);
  }
  return Uint32Array.from(ends);
}

/** @param {Contents} contents */
function numbersIn({ bytes = -1, entries, damaged, foreign, pending }) {
  return [bytes, entries, damaged, foreign, pending?.offset ?? 0, pending?.length ?? 0];
}

/** @param {any} number */
function isCount(number) {
  return Number.isSafeInteger(number) && number >= 0;
}

/** @param {unknown} text */
function isText(text) {
  return typeof text === "string";
}
