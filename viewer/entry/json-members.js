// The values of a JSON text, level by level, from its bytes: what is not opened is only skipped.
// Numbers keep their digits, and members of the same name are all there, unlike with JSON.parse.

import { pause } from "../app/pause.js";

/**
 * A value and its place in the bytes.
 *
 * @typedef {object} JsonValue
 * @property {"object" | "array" | "string" | "number" | "word"} kind `word`: true, false or null
 * @property {number} start
 * @property {number} end
 * @property {number} count of its members; 0 for what has none
 */

/**
 * @typedef {object} JsonMember
 * @property {JsonValue | null} key of an object's member
 * @property {JsonValue} value
 */

/** How many members apart the places are that `marksOf` remembers. */
export const MARK_EVERY = 100;

/** How long the page's thread is kept, in milliseconds. */
const TURN = 8;

/** Bytes of a string that are decoded at once. */
const AT_ONCE = 1 << 20;

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [0x7b, 0x7d, 0x5b, 0x5d];

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** When the page last had its turn. */
let lastPause = Number.NEGATIVE_INFINITY;

/**
 * Runs work that yields now and then, and lets the page answer meanwhile.
 *
 * @template T
 * @param {Generator<void, T, void>} work
 * @param {AbortSignal} [signal]
 * @returns {Promise<T>}
 */
export async function inTurns(work, signal) {
  for (;;) {
    // Many short works in a row take turns too.
    if (performance.now() - lastPause > TURN) {
      await pause();
      lastPause = performance.now();
      signal?.throwIfAborted();
    }
    const { done, value } = work.next();
    if (done) return value;
  }
}

/**
 * Finds the value that is the whole text.
 *
 * @param {Uint8Array} bytes valid JSON
 */
export function* rootOf(bytes) {
  return yield* valueAt(bytes, afterBlanks(bytes, 0));
}

/**
 * Finds where every hundredth member of an object or array starts.
 *
 * @param {Uint8Array} bytes
 * @param {JsonValue} value
 * @returns {Generator<void, number[], void>}
 */
export function* marksOf(bytes, value) {
  let at = afterBlanks(bytes, value.start + 1);
  if (value.count <= MARK_EVERY) return [at];
  const marks = [];
  for (let index = 0; index < value.count; index += 1) {
    if (index % MARK_EVERY === 0) {
      marks.push(at);
      yield;
    }
    at = (yield* memberAt(bytes, at, value.kind === "object")).next;
  }
  return marks;
}

/**
 * Reads members that stand one after the other.
 *
 * @param {Uint8Array} bytes
 * @param {JsonValue} value
 * @param {number} at where the first of them starts
 * @param {number} count how many
 * @returns {Generator<void, JsonMember[], void>}
 */
export function* membersAt(bytes, value, at, count) {
  /** @type {JsonMember[]} */
  const members = [];
  while (members.length < count) {
    const { next, ...member } = yield* memberAt(bytes, at, value.kind === "object");
    members.push(member);
    at = next;
  }
  return members;
}

/**
 * @param {Uint8Array} bytes
 * @param {number} at
 * @param {boolean} hasKey
 * @returns {Generator<void, JsonMember & { next: number }, void>} `next`: where the next one starts
 */
function* memberAt(bytes, at, hasKey) {
  const key = hasKey ? yield* valueAt(bytes, at) : null;
  const start = key ? afterBlanks(bytes, key.end) : at;
  const value = yield* valueAt(
    bytes,
    bytes[start] === COLON ? afterBlanks(bytes, start + 1) : start,
  );
  const end = afterBlanks(bytes, value.end);
  return { key, value, next: bytes[end] === COMMA ? afterBlanks(bytes, end + 1) : end };
}

/**
 * @param {Uint8Array} bytes
 * @param {number} start
 * @returns {Generator<void, JsonValue, void>}
 */
function* valueAt(bytes, start) {
  const first = bytes[start];
  if (first === QUOTE) {
    const end = yield* stringEnd(bytes, start);
    return { kind: "string", start, end, count: 0 };
  }
  if (first !== OPEN_BRACE && first !== OPEN_BRACKET) {
    let end = start;
    while (end < bytes.length && !isDelimiter(bytes[end])) end += 1;
    return { kind: first > 0x39 ? "word" : "number", start, end, count: 0 };
  }
  let [depth, commas, isEmpty, steps] = [1, 0, true, 0];
  for (let at = start + 1; ; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      // Most strings are short: a look at each byte takes less time than a call.
      let end = at + 1;
      const near = at + 32;
      while (end < near && bytes[end] !== QUOTE && bytes[end] !== BACKSLASH) end += 1;
      at = bytes[end] === QUOTE ? end : (yield* stringEnd(bytes, at)) - 1;
      isEmpty = false;
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      depth += 1;
      isEmpty = false;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      depth -= 1;
      if (depth === 0)
        return {
          kind: first === OPEN_BRACE ? "object" : "array",
          start,
          end: at + 1,
          count: isEmpty ? 0 : commas + 1,
        };
    } else if (byte === COMMA) {
      if (depth === 1) commas += 1;
    } else if (byte > 0x20) isEmpty = false;
    else if (byte === undefined) throw new RangeError("the JSON ends within a value");
    steps += 1;
    if (steps % 16_384 === 0) yield;
  }
}

/**
 * @param {Uint8Array} bytes
 * @param {number} start of the opening quote
 * @returns {Generator<void, number, void>} the place after the closing quote
 */
function* stringEnd(bytes, start) {
  for (let at = start, steps = 1; ; steps += 1) {
    at = bytes.indexOf(QUOTE, at + 1);
    if (at === -1) throw new RangeError("the JSON ends within a string");
    let slashes = 0;
    while (bytes[at - 1 - slashes] === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return at + 1;
    if (steps % 4096 === 0) yield;
  }
}

/**
 * Decodes the start of a string, or the text of any other value.
 *
 * @param {Uint8Array} bytes
 * @param {JsonValue} value
 * @param {number} most bytes
 * @returns {{ text: string, isWhole: boolean }}
 */
export function startOf(bytes, value, most) {
  if (value.kind !== "string") {
    const end = Math.min(value.end, value.start + most);
    return { text: decoder.decode(bytes.subarray(value.start, end)), isWhole: end === value.end };
  }
  const last = value.end - 1;
  const end = partEnd(bytes, value.start + 1, Math.min(last, value.start + 1 + most), last);
  return { text: unescaped(bytes, value.start + 1, end), isWhole: end === last };
}

/**
 * Decodes a whole string, in turns.
 *
 * @param {Uint8Array} bytes
 * @param {JsonValue} value a string
 * @returns {Generator<void, string, void>}
 */
export function* textOf(bytes, value) {
  const last = value.end - 1;
  const parts = [];
  for (let at = value.start + 1; at < last; ) {
    const end = partEnd(bytes, at, Math.min(last, at + AT_ONCE), last);
    parts.push(unescaped(bytes, at, end));
    at = end;
    yield;
  }
  return parts.join("");
}

/**
 * Returns the first place from a limit on that is inside no escape, no pair of escaped surrogates
 * and no character.
 *
 * @param {Uint8Array} bytes
 * @param {number} start
 * @param {number} limit
 * @param {number} last the end of the string
 */
function partEnd(bytes, start, limit, last) {
  if (limit >= last) return last;
  // Escapes are found from a place at which none goes on.
  let at = start;
  while (at < limit) {
    if (bytes[at] === BACKSLASH) {
      const isHigh = isSurrogate(bytes, at, /^d[89ab]/i);
      at += bytes[at + 1] === 0x75 ? 6 : 2;
      if (isHigh && bytes[at] === BACKSLASH && isSurrogate(bytes, at, /^d[c-f]/i)) at += 6;
    } else {
      at += 1;
      while ((bytes[at] & 0xc0) === 0x80) at += 1;
    }
  }
  return Math.min(at, last);
}

/**
 * @param {Uint8Array} bytes
 * @param {number} at of a backslash
 * @param {RegExp} digits
 */
function isSurrogate(bytes, at, digits) {
  return bytes[at + 1] === 0x75 && digits.test(String.fromCharCode(bytes[at + 2], bytes[at + 3]));
}

/**
 * @param {Uint8Array} bytes
 * @param {number} start
 * @param {number} end
 * @returns {string}
 */
function unescaped(bytes, start, end) {
  const text = decoder.decode(bytes.subarray(start, end));
  return text.includes("\\") ? JSON.parse(`"${text}"`) : text;
}

/**
 * @param {Uint8Array} bytes
 * @param {number} at
 */
function afterBlanks(bytes, at) {
  while (bytes[at] === 0x20 || (bytes[at] >= 0x09 && bytes[at] <= 0x0d)) at += 1;
  return at;
}

/** @param {number} byte */
function isDelimiter(byte) {
  return byte === COMMA || byte === CLOSE_BRACE || byte === CLOSE_BRACKET || byte <= 0x20;
}
