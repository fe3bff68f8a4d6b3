// Spells `input` as JSON, in one walk that looks at each value once.
//
// A check before JSON.stringify sees other values than those that are written where a getter or a Proxy answers
// otherwise the second time, and no check can tell a Proxy. In this walk, what was read is what is checked and what is
// written: each property, each `toJSON`, each length and each list of keys is asked for once. The walk keeps its place
// on a list of its own, so that a value may be nested as deep in every engine. (A `toJSON` that is no function is asked
// for once more, as the member that it is.)
//
// Of a value that JSON.stringify writes without a loss, the text is the one that JSON.stringify gives. What it would drop,
// or turn into null or {}, is refused; Errors, of which it writes nothing, are written.

import { isDate, isError, tagOf, unboxed } from "../builtins.js";
import { describe } from "../errors.js";
import { invalid, invalidAs, reasonOf, Refusal } from "./refusal.js";
import { LONGEST_TEXT } from "../wasm/core.js";

/** Objects and arrays that a value may have around it, itself counted: the format allows 10,000, and one is the entry. */
const DEEPEST = 9_999;

/** Up to here a cycle is looked for among what is around a value one by one; a Set takes longer to make than that. */
const FEW = 64;

/** A string up to this length is looked at here: JSON.stringify takes longer to be called. Measured on Node 20. */
const SHORT = 40;

/** Text is put together in pieces of about this length: V8 holds some 30 bytes for each `+=` until a string is used. */
const PIECE = 1 << 16;

/** From so many values of an array on, one call of JSON.stringify for all of them is faster than looking at each. */
const MANY = 16;

/** Values of an array that are copied before they are written. */
const MOST_AT_ONCE = 1_024;

/** Texts of keys that are held: at most 100 KB. */
const KEYS = 1_000;

/** UTF-16 units of an Error's `stack` that are written. */
const STACK_LENGTH = 8_192;

/** Errors within each other that are written: an Error, its cause, the cause of that … */
const ERRORS_DEEP = 8;

/** Errors within other Errors that are written, in one `input`: causes that many share may be many times as many. */
const ERRORS_WITHIN = 1_000;

/** What stands where an Error is left out. */
const LEFT_OUT = "[left out]";

/** What Errors hold in properties that are not enumerable: of the language's own. */
const LINKS = ["cause", "errors", "error", "suppressed"];

/** What holds something that no property shows, so that its properties would not be all of it. */
const OPAQUE = new Set([
  "Map",
  "Set",
  "WeakMap",
  "WeakSet",
  "WeakRef",
  "RegExp",
  "Promise",
  "Date",
  "ArrayBuffer",
  "SharedArrayBuffer",
  "Symbol",
]);

const JSON_VALUE = "what JSON can hold";
const COPYABLE = "what JSON can hold, or an object with a toJSON";

/**
 * An object or array that is being written.
 *
 * @typedef {object} Frame
 * @property {Frame | null} outer
 * @property {number} depth 1 for the outermost
 * @property {object} self what it is, to know it again
 * @property {any} members where its values are: itself, or what an Error was copied to
 * @property {string[] | null} keys null for an array
 * @property {number} length how many keys or values there are
 * @property {number} at how many of them were looked at
 * @property {boolean} isEmpty whether none was written
 * @property {number} errors how many Errors there are from here outwards
 */

/**
 * Returns the JSON text of a value, without blanks; the empty text where its `toJSON` returns undefined.
 *
 * @param {unknown} input
 * @returns {string}
 * @throws {Refusal} also for whatever a getter, a Proxy or a `toJSON` throws
 */
export function jsonOf(input) {
  if (typeof input === "string") return quoted(input);
  try {
    return new Walk().textOf(input);
  } catch (thrown) {
    throw Refusal.errorOf(thrown) ? thrown : notJson(input, reasonOf(thrown), thrown);
  }
}

/**
 * @param {unknown} input
 * @param {string} reason
 * @param {unknown} [cause]
 */
export function notJson(input, reason, cause) {
  return new Refusal("input", `input: expected ${JSON_VALUE}: ${reason}`, {
    got: describe(input),
    expected: JSON_VALUE,
    cause,
  });
}

class Walk {
  /** @type {Set<object> | null} what is around the value, where it is nested deep */
  #around = null;
  /** Errors within others that were written. */
  #errorsWithin = 0;

  /**
   * @param {unknown} input
   * @returns {string}
   */
  textOf(input) {
    /** @type {string[]} */
    const pieces = [];
    let length = 0;
    let text = "";
    /** @type {Frame | null} */
    let frame = null;
    /** @type {string | number} of the value in what is around it */
    let key = "";
    let value = resolved(input, key);
    if (value === undefined) return "";
    for (;;) {
      switch (typeof value) {
        case "string":
          text += quoted(value);
          break;
        case "boolean":
          text += value ? "true" : "false";
          break;
        case "number":
          if (!Number.isFinite(value)) throw unfit(key, value);
          text += value;
          break;
        case "object": {
          if (value === null) {
            text += "null";
            break;
          }
          if (this.#isAround(frame, value)) {
            if (!isError(value)) throw notJson(input, "Converting circular structure to JSON");
            text += quoted(LEFT_OUT);
            break;
          }
          const begun = this.#begun(frame, value, key);
          if (typeof begun === "string") {
            text += begun;
            break;
          }
          if (begun.depth > DEEPEST) throw notJson(input, "nested too deep");
          this.#around?.add(value);
          frame = begun;
          text += frame.keys ? "{" : "[";
          break;
        }
        default:
          throw unfit(key, value);
      }
      // On to the next value, wherever it is.
      for (;;) {
        if (text.length > PIECE) {
          length += text.length;
          if (length > LONGEST_TEXT) throw notJson(input, "longer than a string can be");
          // A regular expression makes V8 put the string together, and let go of its parts.
          /^/.test(text);
          pieces.push(text);
          text = "";
        }
        if (frame === null) return pieces.length > 0 ? pieces.join("") + text : text;
        const at = frame.at;
        if (at === frame.length) {
          text += frame.keys ? "}" : "]";
          this.#around?.delete(frame.self);
          frame = frame.outer;
          continue;
        }
        frame.at = at + 1;
        if (frame.keys) {
          key = frame.keys[at];
          value = resolved(frame.members[key], key);
          if (value === undefined) continue;
          text += frame.isEmpty ? keyText(key) : `,${keyText(key)}`;
          frame.isEmpty = false;
          break;
        }
        if (at > 0) text += ",";
        value = frame.members[at];
        let next = at;
        if (isScalar(value) && frame.length - at >= MANY) {
          // One call of JSON.stringify for all that come now, in an array that nobody else has.
          const run = [value];
          const end = Math.min(at + MOST_AT_ONCE, frame.length);
          for (next += 1; next < end && isScalar((value = frame.members[next])); next += 1)
            run.push(value);
          text += scalarsText(run);
          frame.at = next;
          if (next === end) continue;
          text += ",";
          frame.at += 1;
        }
        key = next;
        value = resolved(value, key) ?? null;
        break;
      }
    }
  }

  /**
   * Tells whether an object is a part of itself.
   *
   * @param {Frame | null} frame
   * @param {object} value
   */
  #isAround(frame, value) {
    if (this.#around === null) {
      if (frame === null || frame.depth < FEW) {
        for (let each = frame; each; each = each.outer) if (each.self === value) return true;
        return false;
      }
      this.#around = new Set();
      for (let each = /** @type {Frame | null} */ (frame); each; each = each.outer)
        this.#around.add(each.self);
    }
    return this.#around.has(value);
  }

  /**
   * Returns the frame of an object or array, or its text where it is written as another kind of value.
   *
   * @param {Frame | null} outer
   * @param {any} value
   * @param {string | number} key
   * @returns {Frame | string}
   */
  #begun(outer, value, key) {
    if (Array.isArray(value)) {
      const { length } = value;
      // A Proxy may say anything.
      if (!(Number.isSafeInteger(length) && length >= 0)) throw unfit(key, value);
      return frameOf(outer, value, value, null, length);
    }
    const prototype = Object.getPrototypeOf(value);
    const isPlain = prototype === Object.prototype || isRoot(prototype);
    if (!isPlain || prototype === null) {
      const text = prototype === null ? rawText(value) : boxedText(value, key);
      if (text !== null) return text;
      if (!isPlain && isError(value)) return this.#begunError(outer, value);
    }
    if (!isPlain && (ArrayBuffer.isView(value) || OPAQUE.has(tagOf(value))))
      throw opaque(key, value);
    const keys = Object.keys(value);
    // An instance of a class that shows nothing may hold something all the same: in private fields, in a closure.
    if (keys.length === 0 && !isPlain) throw opaque(key, value);
    return frameOf(outer, value, value, keys, keys.length);
  }

  /**
   * Copies what an Error holds, most of which is not enumerable. So is a bound put to it: a cause may have a cause.
   *
   * @param {Frame | null} outer
   * @param {any} error
   * @returns {Frame | string}
   */
  #begunError(outer, error) {
    const around = outer?.errors ?? 0;
    if (around >= ERRORS_DEEP || (around > 0 && ++this.#errorsWithin > ERRORS_WITHIN))
      return quoted(LEFT_OUT);
    const { name, message, stack } = error;
    /** @type {Record<string, unknown>} */
    const members = Object.assign(Object.create(null), {
      name,
      message,
      stack: typeof stack === "string" ? shortened(stack) : stack,
    });
    for (const key of Object.keys(error)) if (!(key in members)) members[key] = error[key];
    for (const key of LINKS)
      if (!(key in members) && Object.hasOwn(error, key)) members[key] = error[key];
    const keys = Object.keys(members);
    const frame = frameOf(outer, error, members, keys, keys.length);
    frame.errors += 1;
    return frame;
  }
}

/**
 * @param {Frame | null} outer
 * @param {object} self
 * @param {any} members
 * @param {string[] | null} keys
 * @param {number} length
 * @returns {Frame}
 */
function frameOf(outer, self, members, keys, length) {
  return {
    outer,
    depth: outer === null ? 1 : outer.depth + 1,
    self,
    members,
    keys,
    length,
    at: 0,
    isEmpty: true,
    errors: outer === null ? 0 : outer.errors,
  };
}

/**
 * Returns what the `toJSON` of a value makes of it; the value itself where it has none.
 *
 * @param {any} value
 * @param {string | number} key
 * @returns {any}
 */
function resolved(value, key) {
  switch (typeof value) {
    case "object":
    case "function":
    case "bigint": {
      if (value === null) return value;
      const { toJSON } = value;
      if (typeof toJSON !== "function") return value;
      const result = Reflect.apply(toJSON, value, [String(key)]);
      // What an invalid Date's own toJSON returns.
      if (result === null && isDate(value)) throw unfit(key, value);
      return result;
    }
    default:
      return value;
  }
}

/**
 * Tells whether a prototype is one of objects that are of no class: none, or an `Object.prototype` of any realm.
 *
 * @param {object | null} prototype
 */
function isRoot(prototype) {
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/**
 * Returns the text in what `JSON.rawJSON` made, where the engine has that: it has checked the text. Null for anything else.
 *
 * @param {any} value
 * @returns {string | null}
 */
function rawText(value) {
  const { isRawJSON } = /** @type {any} */ (JSON);
  return isRawJSON?.(value) ? value.rawJSON : null;
}

/**
 * Returns the text of a number, a string or a boolean that is in a box; null for anything else.
 *
 * @param {object} value
 * @param {string | number} key
 */
function boxedText(value, key) {
  const plain = unboxed(value);
  if (plain === value) return null;
  if (typeof plain === "bigint" || (typeof plain === "number" && !Number.isFinite(plain)))
    throw unfit(key, plain);
  return typeof plain === "string" ? quoted(plain) : String(plain);
}

/**
 * Tells whether a value is one that no code of the caller's can be a part of, and that JSON can hold.
 *
 * @param {unknown} value
 * @returns {value is string | number | boolean | null}
 */
function isScalar(value) {
  return (
    typeof value === "string" ||
    typeof value === "boolean" ||
    value === null ||
    (typeof value === "number" && Number.isFinite(value))
  );
}

/**
 * Returns the texts of values, with commas between them.
 *
 * @param {(string | number | boolean | null)[]} values
 */
function scalarsText(values) {
  // Somebody may have given every array a toJSON.
  return "toJSON" in values
    ? values.map((value) => JSON.stringify(value)).join()
    : JSON.stringify(values).slice(1, -1);
}

/** Texts of keys that came before: entries have few. @type {Map<string, string>} */
const keyTexts = new Map();

/**
 * Returns a key as JSON, and the colon after it.
 *
 * @param {string} key
 */
function keyText(key) {
  const known = keyTexts.get(key);
  if (known !== undefined) return known;
  const text = `${quoted(key)}:`;
  if (keyTexts.size === KEYS) keyTexts.clear();
  if (key.length <= SHORT) keyTexts.set(key, text);
  return text;
}

/** @param {string} stack */
function shortened(stack) {
  if (stack.length <= STACK_LENGTH) return stack;
  const cut = stack.slice(0, STACK_LENGTH);
  return `${/[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}

/**
 * Returns a string as JSON.
 *
 * @param {string} text
 */
function quoted(text) {
  if (text.length > SHORT) return JSON.stringify(text);
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < 0x20 || unit === 0x22 || unit === 0x5c || (unit >= 0xd800 && unit <= 0xdfff))
      return JSON.stringify(text);
  }
  return `"${text}"`;
}

/**
 * Refuses a value that JSON.stringify would drop or turn into null.
 *
 * @param {string | number} key
 * @param {unknown} value
 */
function unfit(key, value) {
  return invalid(fieldOf(key), value, JSON_VALUE);
}

/**
 * Refuses an object of which JSON.stringify would not write all that it holds.
 *
 * @param {string | number} key
 * @param {object} value
 */
function opaque(key, value) {
  const described = describe(value);
  return invalidAs(
    fieldOf(key),
    described === "an object" ? instanceOf(value) : described,
    COPYABLE,
  );
}

/** @param {any} value */
function instanceOf(value) {
  try {
    const { name } = value.constructor;
    if (typeof name === "string" && /^[\p{L}\p{N}_$]{1,40}$/u.test(name))
      return `an instance of ${name}`;
  } catch {
    // It has no name then.
  }
  return "an instance of a class without a name";
}

/** @param {string | number} key */
function fieldOf(key) {
  return key === "" ? "input" : `input…${key}`;
}
