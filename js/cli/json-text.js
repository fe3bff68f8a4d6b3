// JSON as others can read it: jq and DuckDB stop at half a surrogate pair, and many round integers that are no integers here.

/** An escape of a surrogate pair, of half of one, or another one: from the left, so that `\\ud83d` is none. */
const ESCAPE =
  /\\u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|\\u[dD][89a-fA-F][\da-fA-F]{2}|\\[^]/g;

/** Characters that the escape of half a pair has: none of the others has as many. */
const HALF = "\\ud83d".length;

/**
 * Replaces each half of a surrogate pair by U+FFFD, in keys too; a whole pair stays as it is spelled.
 *
 * @param {string} json valid, and without halves that are not escaped
 * @returns {string} the same text where there is none
 */
export function withoutLoneSurrogates(json) {
  if (!json.includes("\\ud") && !json.includes("\\uD")) return json;
  return json.replace(ESCAPE, (escape) => (escape.length === HALF ? "\ufffd" : escape));
}

/**
 * Returns the JSON text of a value: of a bigint its digits, whatever their number.
 *
 * @param {unknown} value made of plain objects, arrays, dates and scalars; not deep
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
