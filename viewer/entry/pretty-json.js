// JSON with line breaks, from its text, so that numbers keep their digits and no member is lost.

/** Deeper levels are not indented further: the text would grow with the square of its depth. */
const DEEPEST = 40;

/**
 * Returns a JSON text in lines.
 *
 * @param {string} json valid, and without blanks outside strings
 */
export function prettyJson(json) {
  let level = 0;
  let pretty = "";
  /** Where the text of the JSON was taken up to. */
  let taken = 0;
  const take = (/** @type {number} */ end, /** @type {string} */ blank) => {
    pretty += json.slice(taken, end) + blank;
    taken = end;
  };
  const line = () => `\n${"  ".repeat(Math.min(level, DEEPEST))}`;
  for (let at = 0; at < json.length; at += 1)
    switch (json[at]) {
      case '"':
        at = stringEnd(json, at) - 1;
        break;
      case ":":
        take(at + 1, " ");
        break;
      case ",":
        take(at + 1, line());
        break;
      case "{":
      case "[":
        if (json[at + 1] === "}" || json[at + 1] === "]") at += 1;
        else {
          level += 1;
          take(at + 1, line());
        }
        break;
      case "}":
      case "]":
        level -= 1;
        take(at, line());
        break;
    }
  return pretty + json.slice(taken);
}

/**
 * Returns where a string of JSON ends, after its quote. No regular expression finds that in a string of
 * some megabytes: for each character or escape it keeps where to go back to, and runs out of memory
 * for that.
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
