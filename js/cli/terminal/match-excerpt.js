// The part of a text where something was found, in one line.

import { stdout } from "./output.js";
import { printable } from "./printable.js";
import { widthOf } from "./width.js";

/** What stands for what was cut off. */
const CUT = "…";

/** Columns in front of what was found that are kept free for what led to it, at most, where not all of the text can be shown. */
const BEFORE = 30;

/**
 * Gives the first place in a text where an expression finds something, and what is around it; what was found is marked.
 *
 * @param {string} text
 * @param {RegExp} needle global; finds something in it
 * @param {number} width columns, at most; but a character of what was found is there in any case
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
 * Finds how far a text may be shown.
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
 * Gives a part of a text, with all in it that an expression finds marked.
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
