// Shows the part of a text around a match, in one line.

import { stdout } from "./output.js";
import { printable } from "./printable.js";
import { widthOf } from "./width.js";

/** @import { Place } from "../../types.js" */

/** Marks where the text is cut. */
const CUT = "…";

/** The most columns of text before the match, when the text is too long to be shown as a whole. */
const BEFORE = 30;

/**
 * Returns the text around the first match in a string, with all matches highlighted.
 *
 * @param {Place[]} matches those in the string
 * @param {number} width the most columns; at least one character of the match is shown
 */
export function matchExcerpt(matches, width) {
  const [{ start: at, length, excerpt }] = matches;
  const { text, start: first } = excerpt;
  // The excerpt is a part of the string: `cut` is where it starts.
  const cut = at - first;
  const isWhole = text.length === length;
  const isShort = isWhole && endOfWidth(text, 0, 1, width) === text.length;
  const start = isShort ? 0 : endOfWidth(text, first, -1, Math.min(BEFORE, Math.floor(width / 3)));
  const isCutBefore = cut + start > 0;
  const left = width - widthOf(printable(text.slice(start, first))) - (isCutBefore ? 1 : 0);
  const all = endOfWidth(text, first, 1, left);
  const end =
    cut + all === length
      ? all
      : Math.max(first + characterAt(text, first).length, endOfWidth(text, first, 1, left - 1));
  const { dim } = stdout.style;
  const places = matches.map(({ start, end }) => ({ start: start - cut, end: end - cut }));
  return (
    (isCutBefore ? dim(CUT) : "") +
    highlighted(text, places, start, end) +
    (cut + end < length ? dim(CUT) : "")
  );
}

/**
 * Returns the index that is `width` columns away from another index.
 *
 * @param {string} text
 * @param {number} from
 * @param {1 | -1} direction
 * @param {number} width columns
 */
function endOfWidth(text, from, direction, width) {
  let at = from;
  for (let used = 0; direction > 0 ? at < text.length : at > 0; ) {
    const character = direction > 0 ? characterAt(text, at) : characterBefore(text, at);
    used += widthOf(printable(character));
    if (used > width) break;
    at += direction * character.length;
  }
  return at;
}

/** @param {string} text @param {number} at */
function characterAt(text, at) {
  return String.fromCodePoint(/** @type {number} */ (text.codePointAt(at)));
}

/** @param {string} text well-formed @param {number} at */
function characterBefore(text, at) {
  return /[\udc00-\udfff]/.test(text[at - 1]) ? text.slice(at - 2, at) : text[at - 1];
}

/**
 * Returns a part of a text, with all matches highlighted.
 *
 * @param {string} text
 * @param {{ start: number, end: number }[]} matches
 * @param {number} start
 * @param {number} end
 */
function highlighted(text, matches, start, end) {
  const { bold, red, inverse } = stdout.style;
  let shown = "";
  let at = start;
  for (const match of matches) {
    if (match.start >= end) break;
    const to = Math.min(end, match.end);
    shown +=
      printable(text.slice(at, match.start), inverse) +
      bold(red(printable(text.slice(match.start, to), inverse)));
    at = to;
  }
  return shown + printable(text.slice(at, end), inverse);
}
