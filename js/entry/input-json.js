// Writes `input` as JSON, in one walk that reads each value once.
//
// A check before JSON.stringify may see other values than JSON.stringify writes, because a getter
// or a Proxy may return something else the second time. This walk reads each property, `toJSON`,
// length and list of keys once, checks it and writes it. A `toJSON` that is no function is read
// again, as a member. The walk uses no recursion, so that a value may be nested as deep in every
// engine.
//
// For a value that JSON.stringify writes without a loss, the text is that of JSON.stringify. What
// JSON.stringify would drop, or turn into null or {}, is refused. Errors, of which it writes
// nothing, are written.

import { isDate, isError, tagOf, unboxed } from "../builtins.js";
import { describe } from "../errors.js";
import { invalid, invalidAs, reasonOf, Refusal } from "./refusal.js";
import { pathOf } from "./text-path.js";
import { LONGEST_TEXT } from "../wasm/core.js";

/** @import { TextFilter } from "./text-path.js" */

/**
 * How deep objects and arrays may be nested: the format allows 10,000 levels, and the entry is one.
 */
const DEEPEST = 9_999;

/** Up to this depth a cycle is looked for level by level, because a Set takes longer to make. */
const FEW = 64;

/**
 * A string up to this length is checked here: a call of JSON.stringify takes longer. Measured on
 * Node 20.
 */
const SHORT = 40;

/**
 * Text is built in pieces of about this length: V8 holds 30 bytes for each `+=` until a string is
 * used.
 */
const PIECE = 1 << 16;

/** From how many values of an array one call of JSON.stringify is faster than a look at each. */
const MANY = 16;

/** The most values of an array that are copied before they are written. */
const MOST_AT_ONCE = 1_024;

/** The most texts of keys that are kept: 100 KB. */
const KEYS = 1_000;

/** The most UTF-16 units of an Error's `stack` that are written. */
const STACK_LENGTH = 8_192;

/** Errors are written up to this depth: an Error, its cause, the cause of its cause, and so on. */
const ERRORS_DEEP = 8;

/** The most Errors within Errors that are written in one `input`: many Errors may share a cause. */
const ERRORS_WITHIN = 1_000;

/** Replaces an Error that is left out. */
const LEFT_OUT = "[left out]";

/** Properties of the language's own Errors that are not enumerable and may hold Errors. */
const LINKS = ["cause", "errors", "error", "suppressed"];

/** Kinds of objects that hold more than their properties show. */
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
 * @property {object} self the caller's object, to find cycles
 * @property {any} members the object that has its values: itself, or the copy of an Error
 * @property {string[] | null} keys null for an array
 * @property {string[] | null} names the keys as they are written
 * @property {string} path for a filter; empty without
 * @property {number} length the number of keys or values
 * @property {number} at the number of those that were read
 * @property {boolean} isEmpty whether no member was written yet
 * @property {number} errors the number of Errors from here outwards
 */

/**
 * A walk that stays: V8 drops the code for a class when a garbage collection finds no instance of
 * the class.
 *
 * @type {Walk | undefined}
 */
let idle;

/**
 * Returns the JSON text of a value, without blanks; the empty text where its `toJSON` returns
 * undefined.
 *
 * @param {unknown} input
 * @param {TextFilter | null} [filter] changes each key and each string
 * @returns {string}
 * @throws {Refusal} also for whatever a getter, a Proxy or a `toJSON` throws
 */
export function jsonOf(input, filter = null) {
  if (typeof input === "string") return quoted(filter ? filter.text(input, "", "input") : input);
  if (!idle) idle = new Walk(null);
  try {
    return new Walk(filter).textOf(input);
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
  #filter;
  /** @type {Set<object> | null} the objects around the value, where it is nested deep */
  #around = null;
  /** The number of Errors within Errors that were written. */
  #errorsWithin = 0;

  /** @param {TextFilter | null} filter */
  constructor(filter) {
    this.#filter = filter;
  }

  /**
   * @param {unknown} input
   * @returns {string}
   */
  textOf(input) {
    const isFiltered = this.#filter !== null;
    /** @type {string[]} */
    const pieces = [];
    let length = 0;
    let text = "";
    /** @type {Frame | null} */
    let frame = null;
    /** @type {string | number} the key of the value in the object around it */
    let key = "";
    let value = resolved(input, key);
    if (value === undefined) return "";
    for (;;) {
      switch (typeof value) {
        case "string":
          text += quoted(isFiltered ? this.#filtered(frame, key, value) : value);
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
            if (!isError(value)) throw notJson(input, "it contains itself");
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
      // Goes on to the next value, in this object or further out.
      for (;;) {
        if (text.length > PIECE) {
          length += text.length;
          if (length > LONGEST_TEXT) throw notJson(input, "longer than a string can be");
          // A regular expression makes V8 flatten the string, and free its parts.
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
          const name = keyText(/** @type {string[]} */ (frame.names)[at]);
          text += frame.isEmpty ? name : `,${name}`;
          frame.isEmpty = false;
          break;
        }
        if (at > 0) text += ",";
        value = frame.members[at];
        let next = at;
        if (frame.length - at >= MANY && isScalar(value, isFiltered)) {
          // One call of JSON.stringify for the next values, in an array that no other code has.
          const run = [value];
          const end = Math.min(at + MOST_AT_ONCE, frame.length);
          for (
            next += 1;
            next < end && isScalar((value = frame.members[next]), isFiltered);
            next += 1
          )
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
   * Returns whether an object is nested in itself.
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
   * Returns the frame of an object or array, or its text where it is written as another kind of
   * value.
   *
   * @param {Frame | null} outer
   * @param {any} value
   * @param {string | number} key
   * @returns {Frame | string}
   */
  #begun(outer, value, key) {
    if (Array.isArray(value)) {
      const { length } = value;
      // A Proxy may return anything as its length.
      if (!(Number.isSafeInteger(length) && length >= 0)) throw unfit(key, value);
      return this.#frameOf(outer, key, value, value, null, length);
    }
    const prototype = Object.getPrototypeOf(value);
    const isPlain = prototype === Object.prototype || isRoot(prototype);
    if (!isPlain || prototype === null) {
      const text = prototype === null ? rawText(value) : boxedText(value, key);
      if (text !== null)
        return this.#filter && text.startsWith('"')
          ? quoted(this.#filtered(outer, key, JSON.parse(text)))
          : text;
      if (!isPlain && isError(value)) return this.#begunError(outer, value, key);
    }
    if (!isPlain && (ArrayBuffer.isView(value) || OPAQUE.has(tagOf(value))))
      throw opaque(key, value);
    const keys = Object.keys(value);
    // An instance without properties may hold values in private fields or a closure.
    if (keys.length === 0 && !isPlain) throw opaque(key, value);
    return this.#frameOf(outer, key, value, value, keys, keys.length);
  }

  /**
   * Copies the members of an Error, most of which are not enumerable. Leaves out an Error that is
   * too deep, or one too many.
   *
   * @param {Frame | null} outer
   * @param {any} error
   * @param {string | number} key
   * @returns {Frame | string}
   */
  #begunError(outer, error, key) {
    const around = outer?.errors ?? 0;
    if (around >= ERRORS_DEEP || (around > 0 && ++this.#errorsWithin > ERRORS_WITHIN))
      return quoted(LEFT_OUT);
    const { name, message, stack } = error;
    /** @type {Record<string, unknown>} */
    const members = Object.assign(Object.create(null), {
      name,
      message,
      // A filter sees all of it: a cut could halve what the filter looks for.
      stack: typeof stack === "string" && !this.#filter ? shortened(stack) : stack,
    });
    for (const key of Object.keys(error)) if (!(key in members)) members[key] = error[key];
    for (const key of LINKS)
      if (!(key in members) && Object.hasOwn(error, key)) members[key] = error[key];
    const keys = Object.keys(members);
    const frame = this.#frameOf(outer, key, error, members, keys, keys.length);
    frame.errors += 1;
    return frame;
  }

  /**
   * @param {Frame | null} outer
   * @param {string | number} key
   * @param {object} self
   * @param {any} members
   * @param {string[] | null} keys
   * @param {number} length
   * @returns {Frame}
   */
  #frameOf(outer, key, self, members, keys, length) {
    const filter = this.#filter;
    const path = filter ? pathOf(outer?.path ?? "", nameIn(outer, key)) : "";
    return {
      outer,
      depth: outer === null ? 1 : outer.depth + 1,
      self,
      members,
      keys,
      names: filter && keys ? filter.keys(keys, path) : keys,
      path,
      length,
      at: 0,
      isEmpty: true,
      errors: outer === null ? 0 : outer.errors,
    };
  }

  /**
   * @param {Frame | null} frame
   * @param {string | number} key
   * @param {string} text
   */
  #filtered(frame, key, text) {
    const filter = /** @type {TextFilter} */ (this.#filter);
    const filtered = filter.text(text, frame?.path ?? "", nameIn(frame, key));
    // The members of an Error are a copy.
    const isStack = key === "stack" && frame?.members !== frame?.self;
    return isStack ? shortened(filtered) : filtered;
  }
}

/**
 * Returns the name of a value that is being written, as a path has it.
 *
 * @param {Frame | null} frame
 * @param {string | number} key
 */
function nameIn(frame, key) {
  if (frame === null) return "input";
  return frame.names ? frame.names[frame.at - 1] : key;
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
      // The toJSON of an invalid Date returns null.
      if (result === null && isDate(value)) throw unfit(key, value);
      return result;
    }
    default:
      return value;
  }
}

/**
 * Returns whether objects with a prototype are of no class: it is null, or the `Object.prototype`
 * of any realm.
 *
 * @param {object | null} prototype
 */
function isRoot(prototype) {
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/**
 * Returns the text of an object that `JSON.rawJSON` made, which has checked the text. Null for any
 * other value, and where the engine lacks `JSON.rawJSON`.
 *
 * @param {any} value
 * @returns {string | null}
 */
function rawText(value) {
  const { isRawJSON } = /** @type {any} */ (JSON);
  return isRawJSON?.(value) ? value.rawJSON : null;
}

/**
 * Returns the text of a boxed number, string or boolean; null for any other value.
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
 * Returns whether a value is a scalar of JSON that is written as it is, and runs no code of the
 * caller.
 *
 * @param {unknown} value
 * @param {boolean} isFiltered whether strings are not written as they are
 * @returns {value is string | number | boolean | null}
 */
function isScalar(value, isFiltered) {
  return (
    (typeof value === "string" && !isFiltered) ||
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
  // The caller may have given every array a toJSON.
  return "toJSON" in values
    ? values.map((value) => JSON.stringify(value)).join()
    : JSON.stringify(values).slice(1, -1);
}

/** Texts of earlier keys, because entries have few different keys. @type {Map<string, string>} */
const keyTexts = new Map();

/**
 * Returns a key as JSON, with its colon.
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
 * Refuses an object that JSON.stringify would write only in part.
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
    // The class has no name.
  }
  return "an instance of a class without a name";
}

/** @param {string | number} key */
function fieldOf(key) {
  return key === "" ? "input" : `input…${key}`;
}
