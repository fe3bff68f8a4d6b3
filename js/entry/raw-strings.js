// Changes the strings in the bytes of a JSON value. All else stays as it is spelled: numbers, the
// order of members, members of one name, and blanks.

import { pathOf } from "./text-path.js";

/** @import { TextFilter } from "./text-path.js" */

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY] = [0x7b, 0x7d, 0x5b, 0x5d];

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * An object or array around a value.
 *
 * @typedef {object} Around
 * @property {Around | null} outer
 * @property {string} path
 * @property {boolean} isObject
 * @property {string | number} key of the value that comes
 * @property {boolean} isAtKey whether a key comes
 */

/**
 * Returns a JSON value with other strings. In a changed string, U+FFFD replaces bytes that are not
 * UTF-8.
 *
 * The bytes need not be JSON: the core checks them later. A string of theirs that is no JSON stays,
 * so that the core refuses it still.
 *
 * @param {Uint8Array} bytes
 * @param {TextFilter} filter
 * @returns {Uint8Array} the same bytes where no string is changed
 */
export function filteredRaw(bytes, filter) {
  /** @type {Uint8Array[]} */
  const pieces = [];
  let kept = 0;
  let around = /** @type {Around | null} */ (null);
  for (let at = 0; at < bytes.length; at += 1) {
    switch (bytes[at]) {
      case QUOTE: {
        const end = stringEnd(bytes, at);
        if (end < 0) return bytes;
        const text = parsed(bytes.subarray(at, end));
        const other = text === null ? null : filtered(text, around, filter);
        if (other !== text) {
          pieces.push(bytes.subarray(kept, at), encoder.encode(JSON.stringify(other)));
          kept = end;
        }
        at = end - 1;
        break;
      }
      case OPEN_OBJECT:
      case OPEN_ARRAY: {
        /** @type {string} */
        const path = around ? pathOf(around.path, around.key) : "input";
        const isObject = bytes[at] === OPEN_OBJECT;
        around = { outer: around, path, isObject, key: isObject ? "" : 0, isAtKey: isObject };
        break;
      }
      case CLOSE_OBJECT:
      case CLOSE_ARRAY:
        around = around?.outer ?? null;
        break;
      case COMMA:
        if (around?.isObject) around.isAtKey = true;
        else if (around) around.key = Number(around.key) + 1;
        break;
      case COLON:
        if (around) around.isAtKey = false;
    }
  }
  if (pieces.length === 0) return bytes;
  pieces.push(bytes.subarray(kept));
  return joined(pieces);
}

/**
 * Returns what is written instead of a string.
 *
 * @param {string} text
 * @param {Around | null} around
 * @param {TextFilter} filter
 */
function filtered(text, around, filter) {
  if (!around) return filter.text(text, "", "input");
  if (!around.isAtKey) return filter.text(text, around.path, around.key);
  const [name] = filter.keys([text], around.path);
  around.key = name;
  return name;
}

/**
 * Returns where a string ends, after its closing quote.
 *
 * @param {Uint8Array} bytes
 * @param {number} start that of its opening quote
 * @returns {number} -1 where it does not end
 */
function stringEnd(bytes, start) {
  for (let at = bytes.indexOf(QUOTE, start + 1); at >= 0; at = bytes.indexOf(QUOTE, at + 1)) {
    let escapes = 0;
    while (bytes[at - 1 - escapes] === BACKSLASH) escapes += 1;
    if (escapes % 2 === 0) return at + 1;
  }
  return -1;
}

/**
 * Returns the value of a string.
 *
 * @param {Uint8Array} json
 * @returns {string | null} null where it is no JSON
 */
function parsed(json) {
  try {
    return JSON.parse(decoder.decode(json));
  } catch {
    return null;
  }
}

/** @param {Uint8Array[]} pieces */
function joined(pieces) {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
