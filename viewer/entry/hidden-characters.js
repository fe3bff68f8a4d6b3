// Characters that change how a text looks without being seen: they are shown by their code points.

/**
 * Text as it is, or a character that is shown by its code point.
 *
 * @typedef {{ text: string, code?: string }} Piece
 */

// Controls but tab and line feed; marks, embeddings, overrides and isolates of text direction;
// soft hyphens, spaces without width, separators of lines, fillers, tags, and lone surrogates.
// Joiners stay, because emoji and several scripts need them.
const HIDDEN =
  // eslint-disable-next-line no-control-regex, no-misleading-character-class
  /[\0-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e0fff}]|\p{Surrogate}/gu;

/**
 * Divides a text into what is shown as it is, and hidden characters.
 *
 * @param {string} text
 * @returns {Generator<Piece, void, void>}
 */
export function* piecesOf(text) {
  let from = 0;
  for (const { 0: character, index } of text.matchAll(HIDDEN)) {
    // A carriage return before a line feed is a line end.
    if (character === "\r" && text[index + 1] === "\n") {
      if (index > from) yield { text: text.slice(from, index) };
      from = index + 1;
      continue;
    }
    if (index > from) yield { text: text.slice(from, index) };
    yield { text: character, code: codeOf(character) };
    from = index + character.length;
  }
  if (from < text.length) yield { text: text.slice(from) };
}

/**
 * Returns a text in which code points replace hidden characters, for labels and titles.
 *
 * @param {string} text
 */
export function plainly(text) {
  return text.replace(HIDDEN, (character) => `[${codeOf(character)}]`);
}

/** @param {string} character */
function codeOf(character) {
  const code = /** @type {number} */ (character.codePointAt(0));
  return `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}
