// Where a text stands in an entry.

import { invalidArgument } from "../errors.js";
import { checkOptions } from "../options.js";
import { stringsOf } from "./entry-strings.js";
import { patternOf } from "./pattern.js";

/** @import { Entry, Place, PlacesOptions } from "../types.js" */

/** The options of places, beside `signal`. */
export const PLACES_OPTIONS = ["ignoreCase", "most", "mostPerString", "around"];

/** The most UTF-16 units of a match in its excerpt. */
const MOST_MATCHED = 1000;

const LARGEST = 1_000_000;

/**
 * Returns where a text stands in an entry, as `LogIndex.places` does for the entry of a row.
 *
 * @param {Entry} entry as it was read, with its `input` parsed or raw
 * @param {string | RegExp} text
 * @param {PlacesOptions} [options]
 * @returns {Place[]} in the order of the strings: the members, the attempts, then `input`
 * @throws {SkillLogError} `INVALID_ARGUMENT`
 */
export function places(entry, text, options) {
  if (typeof entry !== "object" || entry === null)
    throw invalidArgument("entry", entry, "an entry");
  return placesIn(entry, placesWanted(text, checkOptions(options, PLACES_OPTIONS)));
}

/**
 * What places are looked for.
 *
 * @typedef {{ pattern: RegExp, most: number, mostPerString: number, around: number }} Wanted
 */

/**
 * Checks what places are looked for.
 *
 * @param {string | RegExp} text
 * @param {PlacesOptions} options
 * @returns {Wanted}
 * @throws {SkillLogError} `INVALID_ARGUMENT`
 */
export function placesWanted(text, { ignoreCase, most = 100, mostPerString = most, around = 40 }) {
  if (ignoreCase !== undefined && typeof ignoreCase !== "boolean")
    throw invalidArgument("options.ignoreCase", ignoreCase, "true or false");
  for (const [name, value] of Object.entries({ most, mostPerString, around })) {
    if (!Number.isInteger(value) || value < 0 || value > LARGEST)
      throw invalidArgument(`options.${name}`, value, `a whole number from 0 to ${LARGEST}`);
  }
  return { pattern: patternOf(text, ignoreCase === true), most, mostPerString, around };
}

/**
 * @param {Entry} entry
 * @param {Wanted} wanted
 * @returns {Place[]}
 */
export function placesIn(entry, { pattern, most, mostPerString, around }) {
  /** @type {Place[]} */
  const found = [];
  for (const { text, isKey, path } of stringsOf(entry)) {
    let left = Math.min(mostPerString, most - found.length);
    if (left <= 0) break;
    for (const match of text.matchAll(pattern)) {
      const start = match.index;
      const end = start + match[0].length;
      found.push({
        field: path(),
        ...(isKey && { key: true }),
        length: text.length,
        start,
        end,
        excerpt: excerptOf(text, start, end, around),
      });
      left -= 1;
      if (left === 0) break;
    }
  }
  return found;
}

/**
 * @param {string} text
 * @param {number} start
 * @param {number} end
 * @param {number} around
 */
function excerptOf(text, start, end, around) {
  const shown = Math.min(end, start + MOST_MATCHED);
  const from = boundary(text, Math.max(0, start - around));
  const to = boundary(text, Math.min(text.length, shown + (shown < end ? 0 : around)));
  return { text: text.slice(from, to), start: start - from, end: Math.min(end, to) - from };
}

/**
 * Returns an index that is not inside a pair of surrogates.
 *
 * @param {string} text well-formed
 * @param {number} at
 */
function boundary(text, at) {
  return /[\udc00-\udfff]/.test(text.charAt(at)) ? at - 1 : at;
}
