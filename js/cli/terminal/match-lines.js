// Prints a matching entry for people: its line, and below it each matching string.

import { stringsOf } from "../selection/entry-strings.js";
import { EntryLines } from "./entry-lines.js";
import { matchExcerpt } from "./match-excerpt.js";
import { stdout } from "./output.js";
import { printable } from "./printable.js";
import { widthOf } from "./width.js";

/** @import { Entry } from "../../types.js" */

/** The most strings that are shown per entry. */
const MOST_STRINGS = 5;

/** The most columns of a matching string. */
const USUAL_WIDTH = 120;

/** The fewest columns of a matching string. */
const LEAST_WIDTH = 20;

/** The most matches that are counted in one string. */
const MOST_TIMES = 100;

const INDENT = "    ";

/** Formats entries that contain a text. */
export class MatchLines {
  #needle;
  #lines;

  /**
   * @param {RegExp} needle global
   * @param {boolean} hasSession whether each line names its session
   */
  constructor(needle, hasSession) {
    this.#needle = needle;
    this.#lines = new EntryLines(hasSession);
    // Hold no lines back: each match is printed at once.
    this.#lines.flush();
  }

  /**
   * Returns the lines of an entry, with their line ends.
   *
   * @param {string} session its displayed name
   * @param {Entry} entry
   */
  of(session, entry) {
    const { dim } = stdout.style;
    let lines = this.#lines.add(session, entry);
    let matches = 0;
    for (const { text, isKey, path } of stringsOf(entry)) {
      if (text.search(this.#needle) < 0) continue;
      matches += 1;
      if (matches > MOST_STRINGS) continue;
      const name = printable(`${path()}${isKey ? " (key)" : ""}`);
      const times = this.#timesIn(text);
      const width =
        Math.min(stdout.width, USUAL_WIDTH) - INDENT.length - widthOf(name) - 2 - widthOf(times);
      lines += `${INDENT}${dim(name)}  ${matchExcerpt(text, this.#needle, Math.max(width, LEAST_WIDTH))}${times && dim(times)}\n`;
    }
    const more = matches - MOST_STRINGS;
    return more > 0
      ? `${lines}${INDENT}${dim(`and in ${more} more ${more === 1 ? "string" : "strings"}`)}\n`
      : lines;
  }

  /** @param {string} text that matches */
  #timesIn(text) {
    let times = 0;
    for (const found = text.matchAll(this.#needle); times <= MOST_TIMES && !found.next().done; )
      times += 1;
    return times === 1
      ? ""
      : times > MOST_TIMES
        ? `  (over ${MOST_TIMES} times)`
        : `  (${times} times)`;
  }
}
