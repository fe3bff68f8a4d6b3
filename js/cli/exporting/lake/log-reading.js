// Reads what a log has that was not exported before.

import { canonicalBytes, changesOf } from "../../canonical.js";
import { Failure } from "../../failures.js";
import { digestOf } from "./identities.js";
import { LeftOut } from "./left-out.js";
import { memberFacts } from "./member-names.js";
import { RawFile, startHash } from "./raw-file.js";

/** @import { SessionLog } from "../../../index.js" */
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
    if (this.#log.archived)
      throw new Failure(
        `${this.#log.name} is archived, and archives cannot be exported by host yet; leave out the HOST= to export them`,
      );
    const open = await this.#log.open();
    /** @type {RawFile | undefined} */
    let file;
    try {
      file = new RawFile(this.#log);
      yield* this.#newEntries(open, file);
    } finally {
      file?.close();
      await open.close();
    }
  }

  /** Reads the log to its end. */
  async readAll() {
    const entries = this.entries();
    while (!(await entries.next()).done);
  }

  /**
   * @param {SessionLog} open
   * @param {RawFile} file
   * @returns {AsyncGenerator<NewEntry, void, void>}
   */
  async *#newEntries(open, file) {
    const { resume, prefix, left: leftBefore } = this.#before;
    const { size, stamp } = file;
    let hash = startHash();
    const isSame =
      prefix !== null &&
      resume <= size &&
      file.hash(hash, 0, resume) &&
      hash.copy().digest("hex") === prefix;
    const from = isSame ? resume : 0;
    if (!isSame) hash = startHash();
    const known = isSame ? null : this.#identities();
    if (known) {
      for await (const { offset, digest } of identified(open, file, 0, () => {}))
        known.isInPlace(offset, digest);
      known.endSurvey();
    }

    const left = new LeftOut();
    if (isSame) left.add(leftBefore);
    const tail = new LeftOut();
    // What stands on the last line may change with it, unless it turns out to be complete.
    const lastLine = file.lastLineStart(from, size);
    /** @type {{ offset: number, note: (into: LeftOut) => void }[]} */
    const late = [];
    const note = (/** @type {number} */ offset, /** @type {(into: LeftOut) => void} */ how) => {
      if (offset < lastLine) how(left);
      else late.push({ offset, note: how });
    };
    let end = lastLine;
    const onDamage = (/** @type {Damage} */ damage) => {
      this.#onDamage(damage);
      note(damage.offset, (into) => into.addDamage(damage));
    };
    for await (const each of identified(open, file, from, onDamage)) {
      const { offset, digest, facts } = each;
      // A line that was completed meanwhile is done too.
      if (each.end > end && file.endsLine(each.end)) end = each.end;
      if (offset >= lastLine) late.push({ offset, note() {} });
      if (facts?.isForeign) {
        note(offset, (into) => (into.foreign += 1));
        continue;
      }
      for (const name of facts?.unknown ?? []) note(offset, (into) => into.addMember(name));
      if (known?.isInPlace(offset, digest)) continue;
      if (known?.hasMoved(digest)) this.moved += 1;
      else yield each;
    }
    for (const { offset, note } of late) note(offset < end ? left : tail);
    const isHashed = file.hash(hash, from, end);
    const isTailRead = late.some(({ offset }) => offset >= end);
    this.head = {
      stamp,
      resume: end,
      // The next reading must know the entries of the last line, if it has any.
      prefix: isHashed && !isTailRead ? hash.digest("hex") : null,
      isPending: end < size && !isTailRead,
      left,
      tail,
    };
  }
}

/**
 * Yields the entries of a log with their digests. Foreign ones have an empty digest.
 *
 * @param {SessionLog} open
 * @param {RawFile} file the same log
 * @param {number} from
 * @param {(damage: Damage) => void} onDamage
 */
async function* identified(open, file, from, onDamage) {
  for await (const { entry, offset, length, end } of open.records({
    input: "raw",
    from,
    onDamage,
  })) {
    const line = canonicalBytes(entry);
    const raw = file.bytes(offset, length);
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
