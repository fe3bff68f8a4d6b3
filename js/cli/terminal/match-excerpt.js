// Shows the part of a text around a match, in one line.

import { stdout } from "./output.js";
import { printable } from "./printable.js";
import { widthOf } from "./width.js";

/** Marks where the text is cut. */
const CUT = "…";

/** The most columns of text before the match, when the text is too long to be shown as a whole. */
const BEFORE = 30;

/**
 * Returns the text around the first match of an expression, with all matches highlighted.
 *
 * @param {string} text
 * @param {RegExp} needle global; matches the text
 * @param {number} width the most columns; at least one character of the match is shown
 */
export function matchExcerpt(text, needle, width) {
  const first = text.search(needle);
  const isShort = endOfWidth(text, 0, 1, width) === text.length;
  const start = isShort ? 0 : endOfWidth(text, first, -1, Math.min(BEFORE, Math.floor(width / 3)));
  const left = width - widthOf(printable(text.slice(start, first))) - (start > 0 ? 1 : 0);
  const all = endOfWidth(text, first, 1, left);
  const end =
    all === text.length
      ? all
      : Math.max(first + characterAt(text, first).length, endOfWidth(text, first, 1, left - 1));
  const { dim } = stdout.style;
  return (
    (start > 0 ? dim(CUT) : "") +
    highlighted(text, needle, start, end) +
    (end < text.length ? dim(CUT) : "")
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
 * @param {RegExp} needle
 * @param {number} start
 * @param {number} end
 */
function highlighted(text, needle, start, end) {
  const { bold, red, inverse } = stdout.style;
  let shown = "";
  let at = start;
  const expression = new RegExp(needle);
  expression.lastIndex = start;
  for (const { index, 0: found } of text.matchAll(expression)) {
    if (index >= end) break;
    const to = Math.min(end, index + found.length);
    shown +=
      printable(text.slice(at, index), inverse) +
      bold(red(printable(text.slice(index, to), inverse)));
    at = to;
  }
  return shown + printable(text.slice(at, end), inverse);
}
