// The columns of an index as typed arrays, and rows sorted by a column.

import { invalidArgument } from "../errors.js";
import { freeBuffer } from "../storage/chunks.js";

/** @import { LogIndex as Core } from "../../dist/skill_log.js" */
/** @import { ColumnName, TextColumn } from "../types.js" */

/** The columns of text, in the order of the core. */
export const TEXT_COLUMNS = /** @type {const} */ ([
  "skill",
  "phase",
  "final_status",
  "model_used",
  "session",
]);

/** The columns of numbers, which follow in the core. */
const NUMBERS = ["timestamp", "duration_ms", "length", "attempts", "offset"];

/** The columns of flags, which follow in the core. */
const FLAGS = ["verified", "first_verified", "recovered", "foreign"];

/** All columns, in the order of the core. src/wasm/columns.rs has the same order. */
const COLUMNS = [
  ...TEXT_COLUMNS,
  ...NUMBERS,
  ...FLAGS,
  "seconds",
  "nanoseconds",
  "duration_high",
  "duration_low",
];

/** How many columns a caller can name. */
const NAMED = TEXT_COLUMNS.length + NUMBERS.length + FLAGS.length;

/**
 * Some rows of an index.
 *
 * @typedef {object} RowsOfIndex
 * @property {Core} core
 * @property {(string | undefined)[]} sessions the session id of each log
 * @property {(column: number, code: number) => string} textOf
 * @property {Uint32Array | undefined} rows undefined stands for every row
 */

/**
 * Returns the values of rows in a column.
 *
 * @param {RowsOfIndex} of
 * @param {ColumnName} name
 * @returns {Float64Array | Uint8Array | TextColumn}
 * @throws {SkillLogError} `INVALID_ARGUMENT` when there is no such column
 */
export function columnOf(of, name) {
  checkName("name", name);
  if (TEXT_COLUMNS.some((column) => column === name)) return textsOf(of, name);
  const values = valuesOf(of, name);
  return FLAGS.includes(name) ? converted(values, Uint8Array) : values;
}

/**
 * Converts values, and frees them.
 *
 * @template {Uint8Array | Uint32Array} Converted
 * @param {Float64Array} values
 * @param {new (values: Float64Array) => Converted} Type
 */
function converted(values, Type) {
  const made = new Type(values);
  freeBuffer(values);
  return made;
}

/**
 * @param {string} argument
 * @param {unknown} name
 */
function checkName(argument, name) {
  const names = COLUMNS.slice(0, NAMED);
  if (!names.some((column) => column === name))
    throw invalidArgument(argument, name, `one of ${names.join(", ")}`);
}

/**
 * @param {RowsOfIndex} of
 * @param {string} name
 */
function valuesOf({ core, rows }, name) {
  return core.column(COLUMNS.indexOf(name), rows);
}

/**
 * Returns the texts of rows. The codes are in the order of the texts.
 *
 * @param {RowsOfIndex} of
 * @param {string} name of a column of text
 * @returns {TextColumn}
 */
export function textsOf(of, name) {
  return textsOfCodes(of, name, converted(valuesOf(of, name), Uint32Array));
}

/**
 * @param {RowsOfIndex} of
 * @param {string} name
 * @param {Uint32Array} codes those of the core, which are replaced
 * @returns {TextColumn}
 */
function textsOfCodes(of, name, codes) {
  const column = COLUMNS.indexOf(name);
  const textOf = (/** @type {number} */ code) =>
    name === "session" ? (of.sessions[code] ?? "") : of.textOf(column, code);
  const places = usedCodes(codes);
  /** @type {{ code: number, text: string }[]} */
  const order = [];
  for (let code = 0; code < places.length; code += 1)
    if (places[code] > 0) order.push({ code, text: textOf(code) });
  order.sort((a, b) => byCodePoints(a.text, b.text));
  /** @type {string[]} */
  const texts = [];
  for (const { code, text } of order) {
    // A log that was removed and came back has two numbers and one name.
    if (texts.length === 0 || texts[texts.length - 1] !== text) texts.push(text);
    places[code] = texts.length - 1;
  }
  replaceCodes(codes, places);
  return { codes, texts };
}

/**
 * Returns for each code whether it is used, as 1 or 0.
 *
 * @param {Uint32Array} codes
 */
function usedCodes(codes) {
  let most = -1;
  for (let at = 0; at < codes.length; at += 1) if (codes[at] > most) most = codes[at];
  const used = new Uint32Array(most + 1);
  for (let at = 0; at < codes.length; at += 1) used[codes[at]] = 1;
  return used;
}

/**
 * @param {Uint32Array} codes
 * @param {Uint32Array} others by the codes that they replace
 */
function replaceCodes(codes, others) {
  for (let at = 0; at < codes.length; at += 1) codes[at] = others[codes[at]];
}

/** Matches texts without surrogates, and without the characters that come after them in UTF-16. */
const PLAIN = /^[\0-\ud7ff]*$/;

/**
 * Compares texts by their code points, for sorting. JavaScript compares UTF-16 units, of which
 * those of a character beyond U+FFFF are not the largest.
 *
 * @param {string} a
 * @param {string} b
 */
function byCodePoints(a, b) {
  if (PLAIN.test(a)) return a < b ? -1 : Number(a > b);
  const shorter = Math.min(a.length, b.length);
  for (let at = 0; at < shorter; at += 1) {
    const [one, other] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (one === other) continue;
    const isSurrogate = (/** @type {number} */ unit) => unit >= 0xd800 && unit < 0xe000;
    return Number(isSurrogate(one)) - Number(isSurrogate(other)) || one - other;
  }
  return a.length - b.length;
}

/** How many rows are worked on before others may have the thread: some milliseconds. */
export const PART_ROWS = 1 << 17;

/**
 * Returns rows in the order of a column. Rows that agree in it keep their order.
 *
 * @param {RowsOfIndex & { rows: Uint32Array }} of rows that exist
 * @param {any} by
 * @param {boolean} isDescending
 * @returns {Uint32Array}
 * @throws {SkillLogError} `INVALID_ARGUMENT` when there is no such column
 */
export function sortedRows(of, by, isDescending) {
  const steps = sortSteps(of, by, isDescending);
  for (let step = steps.next(); ; step = steps.next()) if (step.done) return step.value;
}

/**
 * Sorts rows as `sortedRows` does, in steps of some milliseconds.
 *
 * @param {RowsOfIndex & { rows: Uint32Array }} of
 * @param {any} by
 * @param {boolean} isDescending
 * @returns {Generator<void, Uint32Array<ArrayBuffer>, void>}
 * @throws {SkillLogError} `INVALID_ARGUMENT` from the first step
 */
export function* sortSteps(of, by, isDescending) {
  checkName("options.by", by);
  const { rows } = of;
  let order = new Uint32Array(rows.length);
  for (let at = 0; at < order.length; at += 1) order[at] = at;
  yield;
  for (const sorted of keySteps(of, by)) {
    if (!sorted) {
      yield;
      continue;
    }
    const { key, isMissing = false } = sorted;
    order = yield* sortStepsBy(order, key, isDescending && !isMissing);
    freeBuffer(key);
  }
  for (let at = 0; at < order.length; at += 1) order[at] = rows[order[at]];
  return order;
}

/**
 * The whole numbers that rows are sorted by. `isMissing`: they are 1 for rows that lack a value, which
 * come last.
 *
 * @typedef {{ key: Float64Array | Uint32Array, isMissing?: boolean }} SortKey
 */

/**
 * Yields the keys that rows are sorted by, in steps. The last key decides, and where it is the same,
 * the key before it. Only one is in memory at a time: that of a million rows has 8 MB.
 *
 * @param {RowsOfIndex & { rows: Uint32Array }} of
 * @param {string} by
 * @returns {Generator<SortKey | void, void, void>}
 */
function* keySteps(of, by) {
  switch (by) {
    case "timestamp":
      yield { key: yield* valueSteps(of, "nanoseconds") };
      yield { key: yield* valueSteps(of, "seconds") };
      break;
    case "duration_ms":
      yield { key: yield* valueSteps(of, "duration_low") };
      yield { key: yield* valueSteps(of, "duration_high") };
      yield* missingSteps(of, by);
      break;
    case "verified":
    case "first_verified":
      yield { key: yield* valueSteps(of, by) };
      yield* missingSteps(of, "attempts");
      break;
    case "skill":
    case "final_status":
    case "session":
    case "phase":
    case "model_used": {
      const own = converted(yield* valueSteps(of, by), Uint32Array);
      yield;
      const { codes, texts } = textsOfCodes(of, by, own);
      const isOptional = by === "phase" || by === "model_used";
      const missing = isOptional && texts[0] === "" ? missingKey(codes) : null;
      yield { key: codes };
      if (missing) yield missing;
      break;
    }
    default:
      yield { key: yield* valueSteps(of, by) };
  }
}

/**
 * Yields the key of rows that lack a value, which is 0 there.
 *
 * @param {RowsOfIndex & { rows: Uint32Array }} of
 * @param {string} name
 * @returns {Generator<SortKey | void, void, void>}
 */
function* missingSteps(of, name) {
  const values = yield* valueSteps(of, name);
  const missing = missingKey(values);
  freeBuffer(values);
  yield missing;
}

/** @param {Float64Array | Uint32Array} values 0: none @returns {SortKey} */
function missingKey(values) {
  const key = new Uint32Array(values.length);
  for (let at = 0; at < key.length; at += 1) key[at] = Number(values[at] === 0);
  return { key, isMissing: true };
}

/**
 * Returns the values of rows in a column.
 *
 * @param {RowsOfIndex & { rows: Uint32Array }} of
 * @param {string} name
 * @returns {Generator<void, Float64Array, void>}
 */
function* valueSteps(of, name) {
  const { rows } = of;
  const values = new Float64Array(rows.length);
  for (let from = 0; from < rows.length; from += PART_ROWS) {
    const some = valuesOf({ ...of, rows: rows.subarray(from, from + PART_ROWS) }, name);
    values.set(some, from);
    freeBuffer(some);
    yield;
  }
  return values;
}

/** The values of a digit. */
const DIGITS = 1 << 16;

/**
 * Sorts positions by their keys, digit by digit from the lowest, which keeps the order of equal
 * keys. So `LogIndex.sort` takes 0.2 s for the instants of a million rows; comparing two keys at a
 * time took 0.55 s.
 *
 * @param {Uint32Array<ArrayBuffer>} order
 * @param {Float64Array | Uint32Array} keys whole numbers, by position
 * @param {boolean} isDescending
 * @returns {Generator<void, Uint32Array<ArrayBuffer>, void>} `order` or another array
 */
function* sortStepsBy(order, keys, isDescending) {
  const { length } = order;
  let [least, most] = [Infinity, -Infinity];
  for (const [from, to] of partsOf(length)) {
    for (let at = from; at < to; at += 1) {
      const key = keys[at];
      if (key < least) least = key;
      if (key > most) most = key;
    }
    yield;
  }
  let from = order;
  let to = new Uint32Array(least < most ? length : 0);
  const digits = new Uint16Array(to.length);
  const starts = new Uint32Array(DIGITS);
  for (let scale = 1; scale <= most - least; scale *= DIGITS) {
    starts.fill(0);
    for (const [start, end] of partsOf(length)) {
      for (let at = start; at < end; at += 1) {
        const distance = isDescending ? most - keys[at] : keys[at] - least;
        const digit = Math.floor(distance / scale) % DIGITS;
        digits[at] = digit;
        starts[digit] += 1;
      }
      yield;
    }
    let start = 0;
    for (let digit = 0; digit < DIGITS; digit += 1) {
      const count = starts[digit];
      starts[digit] = start;
      start += count;
    }
    for (const [first, end] of partsOf(length)) {
      for (let place = first; place < end; place += 1) {
        const at = from[place];
        to[starts[digits[at]]++] = at;
      }
      yield;
    }
    [from, to] = [to, from];
  }
  for (const unused of [to, digits, starts]) freeBuffer(unused);
  return from;
}

/** @param {number} length @returns {Generator<[from: number, to: number], void, void>} */
function* partsOf(length) {
  for (let from = 0; from < length; from += PART_ROWS)
    yield [from, Math.min(from + PART_ROWS, length)];
}
