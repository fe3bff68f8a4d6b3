// Shows bytes as text. Printable characters stay; all others are written between < and >, which no
// canonical line contains: <NUL>, <1B>, <U+202E>.

import { printable } from "./printable.js";
import { widthOf } from "./width.js";

/** Bytes with well-known names. @type {Record<number, string>} */
const NAMES = { 0x00: "NUL", 0x09: "TAB", 0x0a: "LF", 0x0d: "CR", 0x1b: "ESC" };

/**
 * A unit of the shown text: a character, or a run of equal escaped bytes.
 *
 * @typedef {object} Glyph
 * @property {number} offset in the file
 * @property {number} length in bytes
 * @property {string} text
 * @property {boolean} isEscaped
 * @property {number} width in columns, at least 1
 */

/**
 * Returns the glyphs of bytes.
 *
 * @param {Buffer} bytes
 * @param {number} offset of the first byte in the file
 * @returns {Glyph[]}
 */
export function glyphsOf(bytes, offset) {
  /** @type {Glyph[]} */
  const glyphs = [];
  for (let at = 0; at < bytes.length; ) {
    const { text, length, isEscaped } = characterAt(bytes, at);
    let count = 1;
    let end = at + length;
    while (isEscaped && bytes.subarray(end, end + length).equals(bytes.subarray(at, at + length)))
      (count += 1), (end += length);
    const shown = isEscaped ? `<${text}${count > 1 ? ` ×${count}` : ""}>` : text;
    const width = isEscaped || length === 1 ? shown.length : Math.max(1, widthOf(shown));
    glyphs.push({ offset: offset + at, length: end - at, text: shown, isEscaped, width });
    at = end;
  }
  return glyphs;
}

/**
 * @param {Buffer} bytes
 * @param {number} at
 * @returns {{ text: string, length: number, isEscaped: boolean }}
 */
function characterAt(bytes, at) {
  const lead = bytes[at];
  if (lead >= 0x20 && lead < 0x7f)
    return { text: String.fromCharCode(lead), length: 1, isEscaped: false };
  const length = lead < 0xc2 || lead > 0xf4 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  const own = bytes.subarray(at, at + length);
  const text = own.toString();
  if (length === 1 || !Buffer.from(text).equals(own))
    return { text: NAMES[lead] ?? hexadecimal(lead, 2), length: 1, isEscaped: true };
  const isEscaped = printable(text) !== text;
  return {
    text: isEscaped ? `U+${hexadecimal(/** @type {number} */ (text.codePointAt(0)), 4)}` : text,
    length,
    isEscaped,
  };
}

/** @param {number} number @param {number} digits at least */
function hexadecimal(number, digits) {
  return number.toString(16).toUpperCase().padStart(digits, "0");
}
