// The rows of logs in a file that later processes read instead of the logs. It is never the authority:
// a log whose file has another stamp is read, and a cache that is broken is as none.

import { RowCache as Core } from "../../dist/skill_log.js";
import { MARK_WORDS } from "../threads/log-scanner.js";
import { pendingSince } from "../damage/verify.js";
import { cacheName } from "../storage/cache-name.js";
import { MTIME, SIZE, STAMP_WORDS } from "../storage/stamps.js";
import { bytesAt, callCore, giveBack } from "../wasm/core.js";

/** @import { LogIndex } from "../../dist/skill_log.js" */
/** @import { LogFacts } from "../indexing/log-facts.js" */
/** @import { Damage, DamageKind, Pending, SessionInfo } from "../types.js" */
/** @import { CacheFiles } from "../storage/storage.js" */

/** Words that are kept of each log: its stamp and its mark. */
export const FACTS = STAMP_WORDS + MARK_WORDS;

/** The most descriptions of damage that are kept of a log. A log with more is read each time. */
const MOST_DAMAGE = 100;

/** The largest cache in bytes. */
const LARGEST = 256 << 20;

/**
 * What reading a log costs beside its bytes, in bytes that take as long. A cache is written when
 * reading what it lacks costs more than a part of writing it.
 */
export const LOG_COST = 16 << 10;
export const WRITING_PART = 4;

/** About how many bytes a row takes. */
const ROW_BYTES = 56;

/** @type {readonly DamageKind[]} */
const KINDS = ["corrupt", "fused", "nul", "torn", "too_long"];

/** What separates the names of logs. A file's name may have any other character. */
const SEPARATOR = "\0";

/** What is kept of a log beside its rows. @typedef {{ damaged: number, damage: Damage[], pending: Pending | null }} Note */

/** The cache of a directory of logs. */
export class RowCache {
  #files;
  #name;
  /** @type {Core | null} */
  #opened = null;
  /** @type {Map<string, number>} the position of each log */
  #positions = new Map();
  /** For each log whether its rows are put later: 1, else 0. */
  #wanted = new Uint8Array(0);
  /** No log from this position on is wanted. */
  #left = 0;
  #forgetsOthers = false;
  /** @type {Map<number, Note>} by position */
  #notes = new Map();
  /** The bytes of the cache when it was opened. */
  #bytes = 0;
  /** What the logs cost that were read because the cache did not have them. */
  #missed = 0;
  /** @type {Promise<void>} */
  #saving = Promise.resolve();
  /** @type {BigInt64Array} for each log `FACTS` words */
  facts = new BigInt64Array(0);

  /**
   * @param {CacheFiles} files
   * @param {string | Promise<string>} key
   */
  constructor(files, key) {
    this.#files = files;
    this.#name = (async () => cacheName(await key, "rows"))();
  }

  /**
   * Reads the cache, for an index that gets its rows.
   *
   * @param {LogIndex} core
   */
  async open(core) {
    /** @type {Core[]} */
    const made = [];
    try {
      await this.#files.read(await this.#name, LARGEST, (length) => {
        made[0] = new Core(length);
        this.#bytes = length;
        return bytesAt(made[0].space(), length);
      });
      const [cache] = made;
      if (!cache?.open(core)) return;
      this.#opened = cache;
      const words = cache.facts();
      this.facts = new BigInt64Array(words.buffer, words.byteOffset, words.length);
      const names = cache
        .names()
        .split(SEPARATOR)
        .slice(0, words.length / FACTS);
      this.#positions = new Map(names.map((name, at) => [name, at]));
      this.#wanted = new Uint8Array(names.length);
      this.#notes = new Map(JSON.parse(cache.notes()));
    } catch {
      // There is no memory for it, or the disk fails, or it was forged: the logs are read.
      this.release();
    }
  }

  /**
   * Returns the position of a log; -1 where the cache does not have it.
   *
   * @param {string} id
   */
  find(id) {
    return this.#positions.get(id) ?? -1;
  }

  /**
   * Wants a log, until its rows are put.
   *
   * @param {number} at its position
   */
  want(at) {
    this.#wanted[at] = 1;
    this.#left = Math.max(this.#left, at + 1);
  }

  /** Says that every log is wanted now that will be put: others may be forgotten. */
  forgetOthers() {
    this.#forgetsOthers = true;
  }

  /**
   * Returns how far a log was read, as the core's `LogIndex.state` does.
   *
   * @param {number} at its position
   * @param {number} log its number in the index
   */
  stateOf(at, log) {
    return /** @type {Core} */ (this.#opened).state(at, log);
  }

  /**
   * Returns whether a log had damage.
   *
   * @param {number} at its position
   */
  isDamaged(at) {
    return (this.#notes.get(at)?.damaged ?? 0) > 0;
  }

  /**
   * Puts the rows of a log into the index, and what else is known of it. Frees the rows of the last
   * logs that may be forgotten.
   *
   * @param {LogIndex} core
   * @param {LogFacts} facts
   * @param {number} log its number
   * @param {number} at its position in the cache
   * @returns {boolean} false, and nothing is put, where the cache does not have it
   */
  put(core, facts, log, at) {
    const opened = this.#opened;
    const note = noteOf(this.#notes.get(at));
    this.#wanted[at] = 0;
    while (this.#left > 0 && this.#wanted[this.#left - 1] === 0) this.#left -= 1;
    const left = this.#forgetsOthers ? this.#left : this.#wanted.length;
    if (!opened || !note || !callCore(() => core.put_cached(log, opened, at, left))) return false;
    const stamp = this.facts.subarray(FACTS * at, FACTS * at + STAMP_WORDS);
    const pending = note.pending && pendingSince(note.pending, Number(stamp[MTIME]) / 1e6);
    facts.restore(log, Number(stamp[SIZE]), note, pending, core.position(log));
    return true;
  }

  /**
   * Counts a log that was read.
   *
   * @param {number} bytes
   */
  miss(bytes) {
    this.#missed += bytes + LOG_COST;
  }

  /**
   * Frees what was read. Every log is as if the cache did not have it.
   */
  release() {
    giveBack(() => this.#opened?.free());
    this.#opened = null;
    this.#positions.clear();
    this.#notes.clear();
    this.#wanted = new Uint8Array(0);
    this.#left = 0;
    this.#forgetsOthers = false;
    this.facts = new BigInt64Array(0);
  }

  /**
   * Returns whether the cache lacks so much that it pays to write it anew.
   *
   * @param {LogIndex} core the index of the logs that were read
   */
  lacksMuch(core) {
    const cost = Math.max(rowBytes(core), this.#bytes);
    return this.#missed > 0 && this.#missed * WRITING_PART >= cost && cost <= LARGEST;
  }

  /**
   * Writes the cache anew. Writing goes on after the call.
   *
   * @param {LogIndex} core
   * @param {LogFacts} facts
   * @param {ReadonlyMap<string, number>} numbers the logs to keep, by session id
   * @param {BigInt64Array} stamps by the numbers of the logs
   * @param {BigInt64Array} marks
   */
  save(core, facts, numbers, stamps, marks) {
    if (rowBytes(core) > LARGEST) return;
    this.#missed = 0;
    /** @type {[string, number][]} */
    const kept = [...numbers].filter(
      ([, log]) => stamps[STAMP_WORDS * log] !== 0n || stamps[STAMP_WORDS * log + SIZE] !== 0n,
    );
    // An index takes its logs by id, and the memory of the last ones is freed first.
    kept.reverse().sort(([one], [other]) => (one < other ? 1 : -1));
    const words = new BigInt64Array(FACTS * kept.length);
    /** @type {[number, Note][]} */
    const notes = [];
    for (const [at, [, log]] of kept.entries()) {
      words.set(stamps.subarray(STAMP_WORDS * log, STAMP_WORDS * (log + 1)), FACTS * at);
      words.set(marks.subarray(MARK_WORDS * log, MARK_WORDS * (log + 1)), FACTS * at + STAMP_WORDS);
      const [damaged, damage, pending] = [
        facts.damagedOf(log),
        facts.damageOf(log),
        facts.pendingOf(log),
      ];
      // Its stamp matches no file.
      if (damage.length > MOST_DAMAGE) words.fill(-1n, FACTS * at, FACTS * (at + 1));
      else if (damaged > 0 || pending) notes.push([at, { damaged, damage, pending }]);
    }
    const bytes = callCore(() =>
      core.to_cache(
        Uint32Array.from(kept, ([, log]) => log),
        new BigUint64Array(words.buffer),
        kept.map(([id]) => id).join(SEPARATOR),
        JSON.stringify(notes),
      ),
    );
    this.#saving = this.#saving
      .then(async () => this.#files.write(await this.#name, bytes))
      .catch(() => {});
  }

  /** Waits until the cache is written. */
  async close() {
    await this.#saving;
  }
}

/** @param {LogIndex} core */
function rowBytes(core) {
  return ROW_BYTES * (core.length() - core.holes());
}

/** @type {Note} */
const NOTHING = { damaged: 0, damage: [], pending: null };

/**
 * Checks a note, because someone may have forged it.
 *
 * @param {any} note
 * @returns {Note | null} null when it is none
 */
function noteOf(note) {
  if (note === undefined) return NOTHING;
  const isPlace = (/** @type {any} */ place) =>
    Number.isSafeInteger(place?.offset) && Number.isSafeInteger(place.length);
  const isDamage = (/** @type {any} */ each) =>
    isPlace(each) && KINDS.includes(each.kind) && typeof each.reason === "string";
  const isNote =
    Number.isSafeInteger(note?.damaged) &&
    Array.isArray(note.damage) &&
    note.damage.every(isDamage) &&
    (note.pending === null || isPlace(note.pending));
  return isNote ? note : null;
}
