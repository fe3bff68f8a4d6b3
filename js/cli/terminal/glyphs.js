// Bytes as text for people. What can be shown is shown as it is; everything else is spelled out between < and >, which stand in no
// canonical line: <NUL>, <1B>, <U+202E>.

import { printable } from "./printable.js";
import { widthOf } from "./width.js";

/** Bytes that people know by their names. @type {Record<number, string>} */
const NAMES = { 0x00: "NUL", 0x09: "TAB", 0x0a: "LF", 0x0d: "CR", 0x1b: "ESC" };

/**
 * What is shown together: a character, or a run of bytes that are spelled alike.
 *
 * @typedef {object} Cell
 * @property {number} offset in the file
 * @property {number} length in bytes
 * @property {string} text
 * @property {boolean} isSpelled
 * @property {number} width columns it takes, one at least
 */

/**
 * Cuts bytes into cells.
 *
 * @param {Buffer} bytes
 * @param {number} offset of the first one in the file
 * @returns {Cell[]}
 */
export function cellsOf(bytes, offset) {
  /** @type {Cell[]} */
  const cells = [];
  for (let at = 0; at < bytes.length; ) {
    const { text, length, isSpelled } = characterAt(bytes, at);
    let count = 1;
    let end = at + length;
    while (isSpelled && bytes.subarray(end, end + length).equals(bytes.subarray(at, at + length)))
      (count += 1), (end += length);
    const shown = isSpelled ? `<${text}${count > 1 ? ` ×${count}` : ""}>` : text;
    const width = isSpelled || length === 1 ? shown.length : Math.max(1, widthOf(shown));
    cells.push({ offset: offset + at, length: end - at, text: shown, isSpelled, width });
    at = end;
  }
  return cells;
}

/**
 * @param {Buffer} bytes
 * @param {number} at
 * @returns {{ text: string, length: number, isSpelled: boolean }}
 */
function characterAt(bytes, at) {
  const lead = bytes[at];
  if (lead >= 0x20 && lead < 0x7f)
    return { text: String.fromCharCode(lead), length: 1, isSpelled: false };
  const length = lead < 0xc2 || lead > 0xf4 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  const own = bytes.subarray(at, at + length);
  const text = own.toString();
  if (length === 1 || !Buffer.from(text).equals(own))
    return { text: NAMES[lead] ?? hexadecimal(lead, 2), length: 1, isSpelled: true };
  const isSpelled = printable(text) !== text;
  return {
    text: isSpelled ? `U+${hexadecimal(/** @type {number} */ (text.codePointAt(0)), 4)}` : text,
    length,
    isSpelled,
  };
}

/** @param {number} number @param {number} digits at least */
function hexadecimal(number, digits) {
  return number.toString(16).toUpperCase().padStart(digits, "0");
}
