// What an index knows of its logs beside their rows: their bytes, their damage and their last bytes.

import { damageOf, joinedDamage, MAX_DAMAGE } from "../damage/verify.js";

/** @import { Damage, Pending } from "../types.js" */
/** @import { DamagedLine } from "../storage/storage.js" */

/** The damage of a log. */
class LogDamage {
  lines = 0;
  /** @type {Damage[]} */
  list = [];
  /** @type {Damage | null} that of a last line without a line end */
  unended = null;

  /**
   * @param {DamagedLine} line
   * @param {boolean} isUnended
   * @param {string | undefined} session
   */
  add(line, isUnended, session) {
    const described = { ...damageOf(line), ...(session !== undefined && { session }) };
    this.lines += line.lines;
    // A last line without a line end is read again.
    if (isUnended) this.unended = described;
    const both = isUnended ? null : joinedDamage(this.list.at(-1), described);
    if (both) this.list[this.list.length - 1] = both;
    else if (this.list.length < MAX_DAMAGE) this.list.push(described);
  }

  forgetUnended() {
    if (!this.unended) return;
    this.lines -= 1;
    if (this.list.at(-1) === this.unended) this.list.pop();
    this.unended = null;
  }
}

/** What is known of each log of an index, by the number of the log. */
export class LogFacts {
  /** @type {(string | undefined)[]} the session ids */
  sessions = [];
  /** @type {number[]} the bytes that were read of each log */
  #bytes = [];
  /** @type {Map<number, LogDamage>} */
  #damage = new Map();
  /** @type {Map<number, Pending>} */
  #pending = new Map();
  /** How often anything changed: what is known here of a log, or its rows. */
  changes = 0;

  /**
   * Adds a log that was not read. Its number is the next one.
   *
   * @param {string | undefined} session
   */
  add(session) {
    this.changes += 1;
    this.sessions.push(session);
    this.#bytes.push(0);
  }

  /** @param {number} log */
  bytesOf(log) {
    return this.#bytes[log];
  }

  /**
   * @param {number} log
   * @returns {Pending | null}
   */
  pendingOf(log) {
    return this.#pending.get(log) ?? null;
  }

  /**
   * Returns the number of damaged lines of a log.
   *
   * @param {number} log
   */
  damagedOf(log) {
    return this.#damage.get(log)?.lines ?? 0;
  }

  /**
   * Returns the damage of a log.
   *
   * @param {number} log
   */
  damageOf(log) {
    return this.#damage.get(log)?.list ?? [];
  }

  /** The bytes that were read of all logs. */
  get bytes() {
    return this.#bytes.reduce((sum, bytes) => sum + bytes, 0);
  }

  /** The number of damaged lines in all logs. */
  get damaged() {
    return [...this.#damage.values()].reduce((sum, { lines }) => sum + lines, 0);
  }

  /** The damage of all logs, log by log. */
  get damage() {
    const logs = [...this.#damage].sort(([one], [other]) => one - other);
    return logs.length === 1 ? logs[0][1].list : logs.flatMap(([, { list }]) => list);
  }

  /** @returns {Pending | null} the pending bytes of the first log that has any */
  get pending() {
    let first = Infinity;
    for (const log of this.#pending.keys()) first = Math.min(first, log);
    return this.#pending.get(first) ?? null;
  }

  /**
   * Prepares to read on: a last line without a line end is read again.
   *
   * @param {number} log
   */
  readOn(log) {
    this.changes += 1;
    this.#damage.get(log)?.forgetUnended();
    this.#pending.delete(log);
  }

  /**
   * Takes what a chunk of a log had.
   *
   * @param {number} log
   * @param {{ damage: Iterable<DamagedLine>, rest: Float64Array, isLast: boolean }} step
   * @param {number} position where reading continues: damage from there on is of a line that has
   *   not ended
   * @returns {number} the bytes of the log that were read
   */
  take(log, { damage, rest, isLast }, position) {
    this.changes += 1;
    for (const line of damage) {
      let damaged = this.#damage.get(log);
      if (!damaged) this.#damage.set(log, (damaged = new LogDamage()));
      damaged.add(line, line.offset >= position, this.sessions[log]);
    }
    const [offset, length, pendingOffset, pendingLength] = rest;
    this.#bytes[log] = offset + length;
    // A pass that stopped before NULs may have had some.
    if (isLast) this.#pending.delete(log);
    if (isLast && pendingLength > 0)
      this.#pending.set(log, { offset: pendingOffset, length: pendingLength });
    return offset + length;
  }

  /**
   * Sets the pending bytes of a log, with the time of its last change.
   *
   * @param {number} log
   * @param {Pending} pending
   */
  setPending(log, pending) {
    this.changes += 1;
    this.#pending.set(log, pending);
  }

  /**
   * Takes what a cache kept of a log.
   *
   * @param {number} log
   * @param {number} bytes
   * @param {{ damaged: number, damage: Damage[] }} damage
   * @param {Pending | null} pending
   * @param {number} position where reading continues
   */
  restore(log, bytes, { damaged, damage }, pending, position) {
    this.changes += 1;
    this.#bytes[log] = bytes;
    if (damaged > 0) {
      const kept = new LogDamage();
      kept.lines = damaged;
      kept.list = damage.map((each) => ({ ...each, session: this.sessions[log] }));
      const last = kept.list.at(-1);
      if (last && last.offset >= position) kept.unended = last;
      this.#damage.set(log, kept);
    }
    if (pending) this.#pending.set(log, pending);
  }

  /**
   * Forgets what was read of a log.
   *
   * @param {number} log
   */
  clear(log) {
    this.changes += 1;
    this.#bytes[log] = 0;
    this.#damage.delete(log);
    this.#pending.delete(log);
  }
}
