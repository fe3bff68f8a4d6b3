// Follows a log that `Sessions` cannot name: standard input as it comes, or a file whose name does
// not end in `.jsonl`.

import { setTimeout as pause } from "node:timers/promises";

import { SkillLogError } from "../../index.js";
import { damageWarning } from "../terminal/damage-warnings.js";

/** @import { SessionLog } from "../../index.js" */
/** @import { Damage, Entry, LogRecord } from "../../types.js" */
/** @import { NamedLog } from "../selection/operands.js" */

/** @typedef {(log: NamedLog, entry: Entry) => Promise<void> | undefined} Show shows an entry */

const input = "raw";

/** The pause between looks for a file that does not exist yet, in milliseconds. */
const INTERVAL = 100;

/** A log that is followed alone. */
export class SingleLog {
  #log;
  #show;
  /** The byte up to which the log was shown. */
  #shown;
  /** @type {AsyncGenerator<LogRecord, void, void> | null} */
  #records = null;
  #isEnded = false;

  /**
   * @param {NamedLog} log
   * @param {number} shown up to which byte the log was shown
   * @param {Show} show
   */
  constructor(log, shown, show) {
    this.#log = log;
    this.#shown = shown;
    this.#show = show;
  }

  /**
   * Shows new entries until `end` is called.
   *
   * @throws {unknown} what opening, reading or showing throws
   */
  async follow() {
    const open = await this.#open();
    try {
      if (!open || this.#isEnded) return;
      const from = await lastEnd(open, this.#shown);
      this.#records = open.follow({ from, input, onDamage: this.#report });
      for await (const { entry, end } of this.#records) {
        await this.#show(this.#log, entry);
        this.#shown = end;
      }
    } finally {
      await open?.close();
    }
  }

  /** Opens the log when it exists; null after `end`. */
  async #open() {
    while (!this.#isEnded) {
      try {
        return await this.#log.open();
      } catch (error) {
        if (!(error instanceof SkillLogError) || error.code !== "NOT_FOUND") throw error;
      }
      await pause(INTERVAL);
    }
    return null;
  }

  /** Ends following. */
  end() {
    this.#isEnded = true;
    void this.#records?.return();
  }

  /** Shows the entries that were not shown, when no more will come. */
  async finish() {
    const open = await this.#log.open();
    try {
      const rest = open.records({ from: this.#shown, input, onDamage: this.#report });
      for await (const { entry } of rest) await this.#show(this.#log, entry);
    } finally {
      await open.close();
    }
  }

  #report = (/** @type {Damage} */ damage) => {
    const end = damage.offset + damage.length;
    if (end <= this.#reported) return;
    this.#reported = end;
    void reportDamage(this.#log, damage);
  };
  #reported = 0;
}

/**
 * Finds the byte after the last entry before an offset.
 *
 * @param {SessionLog} open
 * @param {number} to
 */
async function lastEnd(open, to) {
  if (to === 0) return 0;
  const records = open.records({ to, reverse: true, input, onDamage: () => {} });
  const { value: last } = await records.next();
  await records.return();
  return !last ? 0 : last.end <= to ? last.end : last.offset;
}

/**
 * Reports a damaged line by its offset. Only a reader that starts at the start can count lines.
 *
 * @param {NamedLog} log
 * @param {Damage} damage
 */
export async function reportDamage(log, { line, ...damage }) {
  const warning = damageWarning(log);
  warning.add(damage);
  await warning.reportNow();
}
