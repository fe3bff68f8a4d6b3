// Prints a matching entry for people: its line, and below it each matching string.

import { EntryLines } from "./entry-lines.js";
import { matchExcerpt } from "./match-excerpt.js";
import { stdout } from "./output.js";
import { printable } from "./printable.js";
import { widthOf } from "./width.js";

/** @import { Entry, Place } from "../../types.js" */
/** @import { Filter } from "../selection/filter.js" */

/** The most strings that are shown per entry. */
const MOST_STRINGS = 5;

/** The most columns of a matching string. */
const USUAL_WIDTH = 120;

/** The fewest columns of a matching string. */
const LEAST_WIDTH = 20;

/** The most matches that are counted in one string. */
const MOST_TIMES = 100;

/** The most matches that are counted in an entry. */
const MOST_PLACES = 100_000;

/** How much text of a string is looked at before and after a match, in UTF-16 units. */
const AROUND = 4 * USUAL_WIDTH;

const INDENT = "    ";

/** Formats entries that contain a text. */
export class MatchLines {
  #filter;
  #lines;

  /**
   * @param {Filter} filter with a text to find
   * @param {boolean} hasSession whether each line names its session
   */
  constructor(filter, hasSession) {
    this.#filter = filter;
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
    const places = this.#filter.places(entry, {
      most: MOST_PLACES,
      mostPerString: MOST_TIMES + 1,
      around: AROUND,
    });
    const strings = byString(places);
    for (const matches of strings.slice(0, MOST_STRINGS)) {
      const [{ field, key }] = matches;
      const name = printable(`${field}${key ? " (key)" : ""}`);
      const times = timesText(matches.length);
      const width =
        Math.min(stdout.width, USUAL_WIDTH) - INDENT.length - widthOf(name) - 2 - widthOf(times);
      lines += `${INDENT}${dim(name)}  ${matchExcerpt(matches, Math.max(width, LEAST_WIDTH))}${times && dim(times)}\n`;
    }
    const more = strings.length - MOST_STRINGS;
    return more > 0
      ? `${lines}${INDENT}${dim(`and in ${more} more ${more === 1 ? "string" : "strings"}`)}\n`
      : lines;
  }
}

/**
 * Parts places by the string in which they stand.
 *
 * @param {Place[]} places
 */
function byString(places) {
  /** @type {Place[][]} */
  const strings = [];
  for (const place of places) {
    const last = strings.at(-1)?.at(-1);
    const isSame =
      last?.field === place.field && last.key === place.key && last.start < place.start;
    if (isSame) strings[strings.length - 1].push(place);
    else strings.push([place]);
  }
  return strings;
}

/** @param {number} times */
function timesText(times) {
  if (times === 1) return "";
  return times > MOST_TIMES ? `  (over ${MOST_TIMES} times)` : `  (${times} times)`;
}
