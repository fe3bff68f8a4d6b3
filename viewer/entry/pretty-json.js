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
  const line = () => `\n${"  ".repeat(Math.min(level, DEEPEST))}`;
  // Matches an empty object or array, a string with or without its colon, punctuation, or a word.
  return json.replace(/\{\}|\[\]|"(?:[^"\\]+|\\.)*":?|[{}[\],]|[^"{}[\],]+/g, (token) => {
    switch (token) {
      case "{":
      case "[":
        level += 1;
        return token + line();
      case "}":
      case "]":
        level -= 1;
        return line() + token;
      case ",":
        return token + line();
      default:
        return token.endsWith('":') ? `${token} ` : token;
    }
  });
}
