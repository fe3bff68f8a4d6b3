// Long strings are cut: a text between two code points, and the strings of a line of JSON, of which
// nothing else changes, so that numbers stay exact.

/**
 * Returns a text, or its first UTF-16 units and a note of how many more there are.
 *
 * @param {string} text
 * @param {number} most
 */
export function cutText(text, most) {
  if (text.length <= most) return text;
  const last = text.charCodeAt(most - 1);
  // The first half of a code point does not stay without the second one.
  const kept = text.slice(0, last >= 0xd800 && last < 0xdc00 ? most - 1 : most);
  return `${kept}… [cut: ${text.length - kept.length} characters more]`;
}

/**
 * Returns a line whose long strings are cut, also those that are keys.
 *
 * @param {string} line of JSON, canonical
 * @param {number} most UTF-16 units that stay of a string
 * @returns {string} the same text when nothing was cut
 */
export function cutLine(line, most) {
  let cut = "";
  let taken = 0;
  for (let at = line.indexOf('"'); at >= 0; ) {
    const end = stringEnd(line, at);
    // A string has no more units than its spelling.
    if (end - at - 2 > most) {
      const text = /** @type {string} */ (JSON.parse(line.slice(at, end)));
      if (text.length > most) {
        cut += line.slice(taken, at) + JSON.stringify(cutText(text, most));
        taken = end;
      }
    }
    at = line.indexOf('"', end);
  }
  return cut + line.slice(taken);
}

/**
 * Returns where a string of JSON ends, after its quote. A regular expression would run out of memory
 * in a string of some megabytes.
 *
 * @param {string} json valid
 * @param {number} start of its first quote
 */
function stringEnd(json, start) {
  for (let at = start + 1; ; at += 1) {
    at = json.indexOf('"', at);
    let escapes = 0;
    while (json[at - 1 - escapes] === "\\") escapes += 1;
    if (escapes % 2 === 0) return at + 1;
  }
}

/** The bytes of a part that is not made smaller, so that each part goes on. */
const SMALLEST_PART = 16;

/**
 * Returns a part of a text in UTF-8, whole code points of it.
 *
 * @param {Uint8Array} bytes
 * @param {number} from byte; within a code point, the part starts after it
 * @param {number} most bytes of the part as a string of JSON, with its quotes
 * @returns {{ json: string, next: number }} `next` is where the part ends
 */
export function textPart(bytes, from, most) {
  const first = codePointFrom(bytes, from);
  for (let size = Math.max(most, SMALLEST_PART); ; ) {
    const next = codePointBefore(bytes, Math.min(first + size, bytes.length));
    const json = JSON.stringify(Buffer.from(bytes.subarray(first, next)).toString());
    const length = Buffer.byteLength(json);
    if (length <= most || size < SMALLEST_PART) return { json, next };
    // Quotes and backslashes take two bytes.
    size = Math.max(Math.floor((size * most) / length), SMALLEST_PART) - 4;
  }
}

/** @param {Uint8Array} bytes @param {number} at */
function codePointFrom(bytes, at) {
  while (at < bytes.length && isWithin(bytes, at)) at += 1;
  return Math.min(at, bytes.length);
}

/** @param {Uint8Array} bytes @param {number} at */
function codePointBefore(bytes, at) {
  while (at < bytes.length && isWithin(bytes, at)) at -= 1;
  return at;
}

/** Returns whether a byte of UTF-8 goes on with a code point. @param {Uint8Array} bytes @param {number} at */
function isWithin(bytes, at) {
  return (bytes[at] & 0xc0) === 0x80;
}
