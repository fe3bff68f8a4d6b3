// Escapes control characters of entries, file names and errors, so that the terminal never obeys
// them.

/**
 * Characters that a terminal may obey, or that change the order of the shown text: control and
 * format characters (with bidi controls, but without the two joiners that scripts and emoji need),
 * line and paragraph separators, and lone surrogates.
 */
const controls = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Matches most texts, which have none. */
const PLAIN = /^[ -~]*$/;

/** The same without line ends, which stand only between JSON values. */
const controlsOutsideJson = /(?![\n\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** @type {Record<string, string>} */
const shortEscapes = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** @param {string} character */
function escaped(character) {
  // Escape each UTF-16 unit, as JSON does.
  return (
    shortEscapes[character] ??
    character.replace(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
  );
}

/**
 * Returns a text for one line of a terminal, with control characters escaped as in JSON.
 *
 * @param {string} text
 * @param {(escape: string) => string} [style] applied to each escape
 */
export function printable(text, style = (escape) => escape) {
  if (PLAIN.test(text)) return text;
  return text.replace(controls, (character) => style(escaped(character)));
}

/**
 * Returns the same JSON value with all control characters escaped. Line ends between values stay.
 *
 * @param {string} json
 */
export function printableJson(json) {
  return json.replace(controlsOutsideJson, escaped);
}
