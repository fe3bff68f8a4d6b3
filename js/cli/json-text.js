// JSON text that other programs can read: jq and DuckDB refuse a surrogate without its partner.

/**
 * Matches one escape: a surrogate pair, a lone surrogate, or any other (so that `\\ud83d` is not
 * taken for one).
 */
const ESCAPE =
  /\\u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|\\u[dD][89a-fA-F][\da-fA-F]{2}|\\[^]/g;

/** The length of a lone surrogate's escape; no other match of ESCAPE has this length. */
const LONE_LENGTH = "\\ud83d".length;

/**
 * Replaces each surrogate that has no partner by U+FFFD, also in keys. Whole pairs stay as they
 * are.
 *
 * @param {string} json valid, with every lone surrogate escaped
 * @returns {string} the same text when it has no lone surrogate
 */
export function withoutLoneSurrogates(json) {
  if (!json.includes("\\ud") && !json.includes("\\uD")) return json;
  return json.replace(ESCAPE, (escape) => (escape.length === LONE_LENGTH ? "\ufffd" : escape));
}

/**
 * Returns the JSON text of a value; a bigint becomes all of its digits.
 *
 * @param {unknown} value plain objects, arrays, dates and scalars, nested a few levels deep
 * @returns {string}
 */
export function jsonText(value) {
  return withoutLoneSurrogates(toJson(value));
}

/** @param {unknown} value @returns {string} */
function toJson(value) {
  if (typeof value === "bigint") return String(value);
  if (Array.isArray(value)) return `[${value.map(toJson).join(",")}]`;
  if (typeof value !== "object" || value === null || value instanceof Date)
    return JSON.stringify(value);
  const members = Object.entries(value).filter(([, each]) => each !== undefined);
  return `{${members.map(([key, each]) => `${JSON.stringify(key)}:${toJson(each)}`).join(",")}}`;
}
