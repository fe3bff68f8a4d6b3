// One entry a line, for people.

import cliTruncate from "cli-truncate";
import stringWidth from "string-width";

import { stdout } from "./output.js";
import { printable } from "./printable.js";
import { duration, instantOf, localTime } from "./times.js";

/** @import { Entry } from "../types.js" */

/** Columns that a name may take in a terminal before it is cut. */
const WIDEST = 28;

/** Words that people use for what went well and what did not; all others are neither. */
const good = /^(pass(ed)?|ok|success(ful|ful+y)?|succeeded|done|completed?)$/i;
const bad = /^(fail(ed|ure)?|error(ed)?|abort(ed)?|crash(ed)?|timed?[ _-]?out|killed|panic(ked)?)$/i;

/**
 * Colours a status.
 *
 * @param {string} status
 * @param {string} shown the same, as it is shown
 */
export function styledStatus(status, shown) {
  const { green, red, yellow } = stdout.style;
  return (good.test(status) ? green : bad.test(status) ? red : yellow)(shown);
}

/** Lines whose columns are as wide as what was in them so far. */
export class EntryLines {
  /** @type {number[]} */
  #widths = [];
  #hasSession;

  /** @param {boolean} hasSession whether each line names its session */
  constructor(hasSession) {
    this.#hasSession = hasSession;
  }

  /**
   * Gives the line of an entry: when, session, skill and phase, status, model, attempts, duration, message.
   *
   * @param {string} session as it is called
   * @param {Entry} entry
   */
  of(session, entry) {
    const { style, width } = stdout;
    const { timestamp, skill, phase, final_status: status, model_used: model = "", attempts = [], duration_ms: took = 0, message = "" } = entry;
    const isVerified = attempts.at(-1)?.verified;
    const runs = attempts.length === 0 ? "" : `${attempts.length}${isVerified ? "✓" : "✗"}`;
    const cells = [
      this.#cell(0, localTime(instantOf(timestamp)), style.dim),
      ...(this.#hasSession ? [this.#cell(1, session, style.magenta)] : []),
      this.#cell(2, phase ? `${skill}/${phase}` : skill, style.bold),
      this.#cell(3, status, (shown) => styledStatus(status, shown)),
      this.#cell(4, model, style.cyan),
      this.#cell(5, runs, isVerified ? style.green : style.red),
      this.#cell(6, took ? duration(took) : "", style.dim, true),
    ].filter((cell) => cell !== "");
    const start = cells.join("  ");
    if (message === "") return start.trimEnd();
    const text = printable(message);
    const left = width - stringWidth(start) - 2;
    // What was escaped is marked as such where it is not cut off.
    return left < 8 ? start.trimEnd() : `${start}  ${stringWidth(text) > left ? cliTruncate(text, left) : printable(message, style.inverse)}`;
  }

  /**
   * @param {number} column
   * @param {string} text
   * @param {(text: string) => string} style
   * @param {boolean} [isRight] whether it ends where the column does
   */
  #cell(column, text, style, isRight = false) {
    const shown = printable(text);
    const cut = stdout.isTerminal ? cliTruncate(shown, WIDEST) : shown;
    const own = stringWidth(cut);
    const wide = Math.max(this.#widths[column] ?? 0, Math.min(own, WIDEST));
    this.#widths[column] = wide;
    if (wide === 0) return "";
    const rest = " ".repeat(Math.max(0, wide - own));
    return isRight ? rest + style(cut) : style(cut) + rest;
  }
}
