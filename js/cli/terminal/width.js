// Measures the width of text on a terminal.

import measure from "fast-string-truncated-width";

/** Matches most texts. Each of their characters takes one column. */
const PLAIN = /^[ -~]*$/;

/**
 * Returns the number of columns of a text. Escape sequences take none.
 *
 * @param {string} text
 */
export function widthOf(text) {
  if (PLAIN.test(text)) return text.length;
  return measure(text).width;
}

/**
 * Cuts a text that is too wide, and ends it with an ellipsis.
 *
 * @param {string} text without escape sequences
 * @param {number} columns at least 1
 */
export function cut(text, columns) {
  const { index, truncated, ellipsed } = measure(text, {
    limit: columns,
    ellipsis: "…",
    ellipsisWidth: 1,
  });
  return truncated ? text.slice(0, index) + (ellipsed ? "…" : "") : text;
}
