// How wide a text is on a terminal.

import measure from "fast-string-truncated-width";

/**
 * Gives the number of columns that a text takes. Escape sequences in it take none.
 *
 * @param {string} text
 */
export function widthOf(text) {
  return measure(text).width;
}

/**
 * Cuts a text that is too wide, and marks it as cut.
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
