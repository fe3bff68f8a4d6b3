// Searches an entry for a text by hand, for the peers without a search.

/**
 * A text to search for. No line spells it with an escape and no key holds it, so that peers which
 * search the lines find the same entries.
 *
 * @typedef {{ text: string, ignoreCase?: boolean }} Wanted
 */

/**
 * Returns a function that returns whether an entry, or a line, holds the text.
 *
 * @param {Wanted} wanted
 * @returns {(value: any) => boolean}
 */
export function matcher({ text, ignoreCase }) {
  const wanted = ignoreCase ? text.toLowerCase() : text;
  const holds = (/** @type {string} */ string) =>
    (ignoreCase ? string.toLowerCase() : string).includes(wanted);
  return (value) => (typeof value === "string" ? holds(value) : inEntry(value, holds));
}

/**
 * Searches where `search` does: in each string, and in the keys inside `input`.
 *
 * @param {any} entry
 * @param {(text: string) => boolean} holds
 */
function inEntry({ input, attempts = [], ...rest }, holds) {
  const inStrings = (/** @type {object} */ object) =>
    Object.values(object).some((value) => typeof value === "string" && holds(value));
  return inStrings(rest) || attempts.some(inStrings) || inValue(input, holds);
}

/**
 * @param {any} value
 * @param {(text: string) => boolean} holds
 * @returns {boolean}
 */
function inValue(value, holds) {
  if (typeof value === "string") return holds(value);
  if (Array.isArray(value)) return value.some((item) => inValue(item, holds));
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([key, item]) => holds(key) || inValue(item, holds));
}
