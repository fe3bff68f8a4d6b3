// One entry a line, for people.

import { durationText, instantOf, localTime } from "../selection/times.js";
import { stdout } from "./output.js";
import { printable } from "./printable.js";
import { cut, widthOf } from "./width.js";

/** @import { Entry } from "../../types.js" */

/** @typedef {{ shown: string, width: number, style?: (text: string) => string, isRight?: boolean }} Cell */

/** Columns that a name may take in a terminal before it is cut. */
const WIDEST = 28;

/** The place of the session among the columns. */
const SESSION = 1;

/** Columns that a message needs, or it is left out. */
const SHORTEST = 8;

/** Words that people use for what went well and what did not; all others are neither. */
const good = /^(pass(ed)?|ok|success(ful|ful+y)?|succeeded|done|completed?)$/i;
const bad =
  /^(fail(ed|ure)?|error(ed)?|abort(ed)?|crash(ed)?|timed?[ _-]?out|killed|panic(ked)?)$/i;

/**
 * Colours a status.
 *
 * @param {string} status
 * @param {string} shown the same, as it is shown
 */
export function styledStatus(status, shown) {
  if (shown === "") return "";
  const { green, red, yellow } = stdout.style;
  return (good.test(status) ? green : bad.test(status) ? red : yellow)(shown);
}

/** Lines that are gathered to see how wide their columns are, and what their messages may take together, in UTF-16 units. */
const GATHERED = 200;
const GATHERED_LENGTH = 1 << 20;

/** Lines in columns, as wide as what was in them so far. */
export class EntryLines {
  /** @type {number[]} */
  #widths = [];
  /** @type {Cell[][] | null} null when enough was gathered */
  #gathered = [];
  #length = 0;
  #hasSession;

  /** @type {string | undefined} the first one */
  #session;

  /** @param {boolean} hasSession whether each line names its session; when a second one comes, each does from then on */
  constructor(hasSession) {
    this.#hasSession = hasSession;
  }

  /**
   * Adds an entry: when, session, skill and phase, status, model, attempts, duration, message.
   *
   * @param {string} session as it is called
   * @param {Entry} entry
   * @returns {string} lines that are to be written now
   */
  add(session, entry) {
    this.#session ??= session;
    this.#hasSession ||= session !== this.#session;
    const cells = this.#cells(session, entry);
    for (const [column, { width }] of cells.slice(0, -1).entries())
      this.#widths[column] = Math.max(this.#widths[column] ?? 0, Math.min(width, WIDEST));
    if (!this.#gathered) return this.#line(cells);
    this.#length += entry.message?.length ?? 0;
    return this.#gathered.push(cells) < GATHERED && this.#length < GATHERED_LENGTH
      ? ""
      : this.flush();
  }

  /** Gives the lines that were gathered; from then on each comes at once. */
  flush() {
    const lines = this.#gathered?.map((cells) => this.#line(cells)) ?? [];
    this.#gathered = null;
    return lines.join("");
  }

  /**
   * @param {string} session
   * @param {Entry} entry
   * @returns {Cell[]} the last one is as long as it is
   */
  #cells(session, entry) {
    const { style } = stdout;
    const {
      timestamp,
      skill,
      phase,
      final_status: status,
      model_used: model = "",
      attempts = [],
      duration_ms: took = 0,
      message = "",
    } = entry;
    const isVerified = attempts.at(-1)?.verified;
    const runs = attempts.length === 0 ? "" : `${attempts.length}${isVerified ? "✓" : "✗"}`;
    return [
      cell(localTime(instantOf(timestamp)), style.dim),
      cell(session, style.magenta),
      cell(phase ? `${skill}/${phase}` : skill, style.bold),
      cell(status, (shown) => styledStatus(status, shown)),
      cell(model, style.cyan),
      cell(runs, isVerified ? style.green : style.red),
      { ...cell(took ? durationText(took) : "", style.dim), isRight: true },
      { shown: message, width: 0 },
    ];
  }

  /** @param {Cell[]} cells */
  #line(cells) {
    let line = "";
    let used = 0;
    for (const [column, { shown, width, style, isRight }] of cells.slice(0, -1).entries()) {
      const wide = this.#widths[column];
      if (wide === 0 || (column === SESSION && !this.#hasSession)) continue;
      const gap = used > 0 ? "  " : "";
      const rest = " ".repeat(Math.max(0, wide - width));
      const styled = shown === "" || !style ? shown : style(shown);
      line += gap + (isRight ? rest + styled : styled + rest);
      used += gap.length + Math.max(wide, width);
    }
    const message = cells[cells.length - 1].shown;
    const left = stdout.width - used - 2;
    if (message === "" || left < SHORTEST) return `${line.trimEnd()}\n`;
    const text = printable(message);
    // What was escaped is marked as such where it is not cut off.
    return `${line}  ${widthOf(text) > left ? cut(text, left) : printable(message, stdout.style.inverse)}\n`;
  }
}

/**
 * @param {string} text
 * @param {(text: string) => string} style
 * @returns {Cell}
 */
function cell(text, style) {
  const printed = printable(text);
  const shown = stdout.isTerminal ? cut(printed, WIDEST) : printed;
  return { shown, width: widthOf(shown), style };
}
