// Describes what each log of an index holds.

/** @import { LogIndex } from "../../dist/skill_log.js" */
/** @import { LogFacts } from "./log-facts.js" */
/** @import { LogContents } from "../types.js" */

/** Numbers of a log in the summaries of the core. */
const NUMBERS = 5;

/** The codes of skill and status in a row of the core. */
const SKILL = 3;
const STATUS = 5;

/** What each log of an index holds now. */
export class Contents {
  #core;
  #facts;
  #numbers;
  #text;

  /**
   * @param {LogIndex} core
   * @param {LogFacts} facts
   * @param {(column: number, code: number) => string} text
   */
  constructor(core, facts, text) {
    this.#core = core;
    this.#facts = facts;
    this.#numbers = core.summaries();
    this.#text = text;
  }

  /**
   * @param {number} log
   * @returns {Omit<LogContents, "session">}
   */
  of(log) {
    const start = NUMBERS * log;
    const [entries, foreign, first, latest, last] = this.#numbers.subarray(start, start + NUMBERS);
    const row = entries > 0 ? this.#core.row(last) : null;
    return {
      bytes: this.#facts.bytesOf(log),
      entries,
      ...(row && {
        first: this.#core.timestamp(first),
        last: this.#core.timestamp(latest),
        skill: this.#text(0, row[SKILL]),
        final_status: this.#text(2, row[STATUS]),
      }),
      damaged: this.#facts.damagedOf(log),
      pending: this.#facts.pendingOf(log),
      foreign,
    };
  }
}
