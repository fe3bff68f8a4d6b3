// Reads what a log has that was not exported before.

import { setTimeout as pause } from "node:timers/promises";

import { SessionLog, SkillLogError } from "../../../index.js";
import { canonicalBytes, changesOf } from "../../canonical.js";
import { Failure } from "../../failures.js";
import { digestOf } from "./identities.js";
import { LeftOut } from "./left-out.js";
import { LogText, startHash } from "./log-text.js";
import { memberFacts } from "./member-names.js";

/** @import { Hash } from "node:crypto" */
/** @import { Damage, LinesChunk } from "../../../types.js" */
/** @import { NamedLog } from "../../selection/operands.js" */
/** @import { Identities } from "./identities.js" */

/**
 * What is known of a log that was read to its end.
 *
 * @typedef {object} Head
 * @property {string | null} stamp of the file; null when it must be read again in any case
 * @property {number} resume where its last line starts that was not complete: the next reading starts
 *   here if the bytes before are the same
 * @property {string | null} prefix the SHA-256 of the bytes before; null when the next reading starts
 *   at 0, and knows each entry by its identity
 * @property {boolean} isPending whether the log ends in an unfinished line
 * @property {LeftOut} left what was left out before `resume`
 * @property {LeftOut} tail what was left out from there on
 */

/** An entry to export. @typedef {object} NewEntry
 * @property {number} offset of its first byte in the log
 * @property {Buffer} digest
 * @property {string} timestamp
 * @property {Uint8Array} line canonical, with its line end
 * @property {LinesChunk["changed"] | undefined} changed absent when the log has the same bytes
 */

/** The head of a log of which nothing is known. @type {Head} */
export const UNKNOWN = {
  stamp: null,
  resume: 0,
  prefix: null,
  isPending: false,
  left: new LeftOut(),
  tail: new LeftOut(),
};

/**
 * Returns a head as JSON has it, without what is empty.
 *
 * @param {Head} head
 */
export function headFacts({ left, tail, ...head }) {
  return { ...head, ...(!left.isEmpty && { left }), ...(!tail.isEmpty && { tail }) };
}

/** Returns the head of which these are the facts. @param {any} facts @returns {Head} */
export function headOf({ left, tail, ...head }) {
  return {
    ...head,
    left: left ? LeftOut.from(left) : new LeftOut(),
    tail: tail ? LeftOut.from(tail) : new LeftOut(),
  };
}

/**
 * How long NULs are read again, in milliseconds, when a log was written just now: while a process
 * writes, a reader may see them for a moment in place of the new bytes.
 */
const SETTLE_TIME = 500;
const SETTLE_PAUSE = 50;

/** One reading of a log. */
export class LogReading {
  #log;
  #before;
  #identities;
  #onDamage;
  /** How many entries stand elsewhere than when they were exported. */
  moved = 0;
  /** What is known of the log after `entries` has ended. @type {Head} */
  head = UNKNOWN;

  /**
   * @param {NamedLog} log
   * @param {object} known
   * @param {Head} known.before what an earlier reading left
   * @param {() => Identities | null} known.identities returns those of the exported entries; null when
   *   there are none
   * @param {(damage: Damage) => void} onDamage gets the damage in what is read
   */
  constructor(log, { before, identities }, onDamage) {
    this.#log = log;
    this.#before = before;
    this.#identities = identities;
    this.#onDamage = onDamage;
  }

  /**
   * Yields the entries that were not exported before, in the order of the log. An entry is known by
   * its place and its digest. In a log whose beginning changed, it is also known where it has moved.
   *
   * @returns {AsyncGenerator<NewEntry, void, void>}
   */
  async *entries() {
    const deadline = performance.now() + SETTLE_TIME;
    for (;;) {
      // All readings are of one text, also while its files are archived or replaced.
      const text = await LogText.open(this.#log);
      try {
        const start = this.#startIn(text);
        const mayChange = text.isWritten && performance.now() < deadline && text.hasNul(start.from);
        if (!mayChange) {
          yield* this.#newEntries(await SessionLog.from(text.blob), text, start);
          return;
        }
      } catch (error) {
        // What the text cannot read, the package calls a Blob that it cannot read.
        const { cause } = error instanceof SkillLogError ? error : {};
        throw cause instanceof Failure ? cause : error;
      } finally {
        text.close();
      }
      await pause(SETTLE_PAUSE);
    }
  }

  /** Reads the log to its end. */
  async readAll() {
    const entries = this.entries();
    while (!(await entries.next()).done);
  }

  /**
   * Returns where reading starts, and the hash of what is before.
   *
   * @param {LogText} text
   */
  #startIn(text) {
    const { resume, prefix } = this.#before;
    const hash = startHash();
    if (prefix !== null && resume <= text.size) {
      text.hash(hash, 0, resume);
      if (hash.copy().digest("hex") === prefix) return { from: resume, isSame: true, hash };
    }
    return { from: 0, isSame: false, hash: startHash() };
  }

  /**
   * @param {SessionLog} open
   * @param {LogText} text the same
   * @param {{ from: number, isSame: boolean, hash: Hash }} start
   * @returns {AsyncGenerator<NewEntry, void, void>}
   */
  async *#newEntries(open, text, { from, isSame, hash }) {
    const known = isSame ? null : this.#identities();
    if (known) {
      for await (const { offset, digest } of identified(open, text, 0, () => {}))
        known.isInPlace(offset, digest);
      known.endSurvey();
    }

    const left = new LeftOut();
    if (isSame) left.add(this.#before.left);
    const tail = new LeftOut();
    const end = text.lastLineStart(from, text.size);
    let isTailRead = false;
    // What stands on the last line may change with it.
    const placeOf = (/** @type {number} */ offset) => {
      if (offset < end) return left;
      isTailRead = true;
      return tail;
    };
    const onDamage = (/** @type {Damage} */ damage) => {
      this.#onDamage(damage);
      placeOf(damage.offset).addDamage(damage);
    };
    for await (const each of identified(open, text, from, onDamage)) {
      const { offset, digest, facts } = each;
      const out = placeOf(offset);
      if (facts?.isForeign) {
        out.foreign += 1;
        continue;
      }
      for (const name of facts?.unknown ?? []) out.addMember(name);
      if (known?.isInPlace(offset, digest)) continue;
      if (known?.hasMoved(digest)) this.moved += 1;
      else yield each;
    }
    text.hash(hash, from, end);
    this.head = {
      stamp: text.stamp,
      resume: end,
      // The next reading must know the entries of the last line, if it has any.
      prefix: isTailRead ? null : hash.digest("hex"),
      isPending: end < text.size && !isTailRead,
      left,
      tail,
    };
  }
}

/**
 * Yields the entries of a log with their digests. Foreign ones have an empty digest.
 *
 * @param {SessionLog} open
 * @param {LogText} text the same
 * @param {number} from
 * @param {(damage: Damage) => void} onDamage
 */
async function* identified(open, text, from, onDamage) {
  for await (const { entry, offset, length, end } of open.records({
    input: "raw",
    from,
    onDamage,
  })) {
    const line = canonicalBytes(entry);
    const raw = text.bytes(offset, length);
    const isCanonical = raw.length === line.length - 1 && raw.equals(line.subarray(0, raw.length));
    const facts = isCanonical ? undefined : memberFacts(raw);
    yield {
      offset,
      end,
      timestamp: entry.timestamp,
      line,
      changed: isCanonical ? undefined : changesOf(entry),
      facts,
      digest: facts?.isForeign ? NO_DIGEST : digestOf(line),
    };
  }
}

const NO_DIGEST = Buffer.alloc(0);
