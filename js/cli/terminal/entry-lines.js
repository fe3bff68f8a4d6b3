// Prints entries for people, one per line, in columns.

import { durationText, instantOf, localTime } from "../selection/times.js";
import { stdout } from "./output.js";
import { printable } from "./printable.js";
import { cut, widthOf } from "./width.js";

/** @import { Entry } from "../../types.js" */

/**
 * @typedef {{ shown: string, width: number, style?: (text: string) => string, isRight?: boolean }}
 *   Cell
 */

/** The most columns of a name in a terminal; longer names are cut. */
const WIDEST = 28;

/** The index of the session's column. */
const SESSION = 1;

/** The fewest columns for a message; with less room, it is left out. */
const SHORTEST = 8;

/** Common words for success and for failure; a status is free text. */
const good = /^(pass(ed)?|ok|success(ful|ful+y)?|succeeded|done|completed?)$/i;
const bad =
  /^(fail(ed|ure)?|error(ed)?|abort(ed)?|crash(ed)?|timed?[ _-]?out|killed|panic(ked)?)$/i;

/**
 * Colours a status: green for success, red for failure, yellow for all others.
 *
 * @param {string} status
 * @param {string} shown the status in printable form
 */
export function styledStatus(status, shown) {
  if (shown === "") return "";
  const { green, red, yellow } = stdout.style;
  return (good.test(status) ? green : bad.test(status) ? red : yellow)(shown);
}

/**
 * How many lines are held back to find the column widths, and the most UTF-16 units of their
 * messages.
 */
const GATHERED = 200;
const GATHERED_LENGTH = 1 << 20;

/** Formats entries in columns, as wide as the widest value so far. */
export class EntryLines {
  /** @type {number[]} */
  #widths = [];
  /** The lines that are held back; null when no more are. @type {Cell[][] | null} */
  #gathered = [];
  #length = 0;
  #hasSession;

  /** The session of the first entry. @type {string | undefined} */
  #session;

  /**
   * @param {boolean} hasSession whether each line names its session; a second session turns this on
   */
  constructor(hasSession) {
    this.#hasSession = hasSession;
  }

  /**
   * Adds an entry: when, session, skill and phase, status, model, attempts, duration, message.
   *
   * @param {string} session its displayed name
   * @param {Entry} entry
   * @returns {string} the lines to write now
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

  /** Returns the lines that were held back; from now on, none is. */
  flush() {
    const lines = this.#gathered?.map((cells) => this.#line(cells)) ?? [];
    this.#gathered = null;
    return lines.join("");
  }

  /**
   * @param {string} session
   * @param {Entry} entry
   * @returns {Cell[]} the last cell is the message, which has no column width
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
    // Escaped characters are marked, unless the message is cut.
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
