// Where a string of JSON ends. No regular expression finds that in a string of some megabytes: for
// each character or escape it keeps where to go back to, and runs out of memory for that.

/**
 * Returns where a string of JSON ends, after its quote.
 *
 * @param {string} json
 * @param {number} start of its first quote
 */
export function stringEnd(json, start) {
  for (let at = start + 1; ; at += 1) {
    at = json.indexOf('"', at);
    if (at < 0) return json.length;
    let escapes = 0;
    while (json[at - 1 - escapes] === "\\") escapes += 1;
    if (escapes % 2 === 0) return at + 1;
  }
}
