// What an entry, a file name or an error holds is shown, and never obeyed.

/**
 * What a terminal may obey, or what changes the order in which the rest is shown: control characters, format characters (bidi controls
 * among them; not the two joiners, which scripts and emoji need), separators of lines and paragraphs, and lone surrogates.
 */
const controls = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** The same without what JSON escapes itself. */
const controlsOutsideJson = /(?![\n\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** @type {Record<string, string>} */
const shortEscapes = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** @param {string} character */
function escaped(character) {
  // One unit after the other, as JSON does it.
  return (
    shortEscapes[character] ??
    character.replace(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
  );
}

/**
 * Gives a text for one line of a terminal: what would be obeyed is spelled as in JSON.
 *
 * @param {string} text
 * @param {(escape: string) => string} [style] of what is spelled so
 */
export function printable(text, style = (escape) => escape) {
  return text.replace(controls, (character) => style(escaped(character)));
}

/**
 * Gives JSON for a terminal: the same value, in which nothing is left that would be obeyed. Line ends between values stay.
 *
 * @param {string} json
 */
export function printableJson(json) {
  return json.replace(controlsOutsideJson, escaped);
}
