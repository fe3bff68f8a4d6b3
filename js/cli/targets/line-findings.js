// Finds what breaks rules in a line: a tolerant reader of JSON, which also reads what engines refuse.

import { isUtf8 } from "node:buffer";

/** @import { Rule, RuleName } from "./targets.js" */

/**
 * What breaks a rule in a line: the first place, and what is there.
 *
 * @typedef {object} LineFinding
 * @property {Rule} rule
 * @property {number} at the byte of the line, from 0
 * @property {number | string} [found] the size that is over a limit, or the name of a member
 */

const [QUOTE, BACKSLASH, COLON, COMMA] = Buffer.from('"\\:,');
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY] = Buffer.from("{}[]");

/** The bytes of numbers. */
const isNumeric = new Uint8Array(256);
for (const byte of Buffer.from("+-.0123456789eE")) isNumeric[byte] = 1;

/** Matches an escaped backslash or control character, but for a line end. */
const ESCAPED = /^(?:[^\\]|\\["/n]|\\u(?!00[01]))*\\(?:[\\bfrt]|u00[01])/;

/** An array or object that is open. */
class Container {
  /** @type {Set<string> | null} the names so far, of an object */
  names = null;
  /** The name of the member that is being read. */
  name = "";

  /**
   * @param {boolean} isObject
   * @param {boolean} isOfFormat whether the format names its members: an entry or an attempt
   */
  constructor(isObject, isOfFormat) {
    this.isObject = isObject;
    this.isOfFormat = isOfFormat;
    this.expectsName = isObject;
  }
}

/** Finds what breaks the rules of a target, line by line. */
export class LineFindings {
  /** @type {Map<RuleName, Rule>} */
  #rules;
  /** @type {Set<string>} */
  #names;
  /** @type {LineFinding[]} */
  #found = [];

  /**
   * @param {Rule[]} rules
   * @param {string[]} names of an entry's members, as the format spells them
   */
  constructor(rules, names) {
    this.#rules = new Map(rules.map((rule) => [rule.rule, rule]));
    this.#names = new Set(names);
  }

  /** Whether a rule looks into lines. If not, their lengths suffice. */
  get lookInside() {
    return this.#rules.size > (this.#rules.has("line") ? 1 : 0);
  }

  /**
   * Checks the length of a line.
   *
   * @param {number} length in bytes, without the line end
   * @returns {LineFinding[]}
   */
  ofLength(length) {
    this.#found = [];
    this.#check("line", 0, length);
    return this.#found;
  }

  /**
   * Checks a line, but for its length.
   *
   * @param {Buffer} line without its line end
   * @returns {LineFinding[]} the first of each rule
   */
  inside(line) {
    this.#found = [];
    if (this.#rules.has("utf8") && !isUtf8(line)) this.#add("utf8", firstInvalid(line));
    if (line.toString("latin1", 0, 8).trim() === "null") this.#add("null", 0);
    this.#tokens(line);
    return this.#found;
  }

  /** @param {Buffer} line */
  #tokens(line) {
    /** @type {Container[]} */
    const open = [];
    for (let at = 0; at < line.length; ) {
      const byte = line[at];
      const top = open[open.length - 1];
      if (byte === QUOTE) {
        const isName = top?.expectsName === true;
        const end = this.#endOfString(line, at, isName);
        if (isName) this.#name(line.subarray(at, end), at, top, open.length);
        else if (top?.isOfFormat) this.#text("string", line, at, end);
        if (top && !top.isOfFormat && this.#rules.has("escape_input"))
          if (ESCAPED.test(line.toString("latin1", at, end))) this.#add("escape_input", at);
        at = end;
      } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
        const isAttempts = open.length === 2 && open[0].name === "attempts" && !top.isObject;
        open.push(new Container(byte === OPEN_OBJECT, open.length === 0 || isAttempts));
        this.#check("depth", at, open.length);
        at += 1;
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
        open.pop();
        at += 1;
      } else if (isNumeric[byte] && byte < 0x3a) {
        at = this.#number(line, at);
      } else {
        if (top && byte === COLON) top.expectsName = false;
        if (top && byte === COMMA) top.expectsName = top.isObject;
        at += 1;
      }
    }
  }

  /**
   * Returns the end of a string, and checks its escapes.
   *
   * @param {Buffer} line
   * @param {number} start of the string: its quote
   * @param {boolean} isName
   */
  #endOfString(line, start, isName) {
    let at = start + 1;
    // What the last escape was, if a surrogate may pair with it.
    let high = -1;
    const lone = (/** @type {number} */ place) => {
      this.#add("surrogate", place);
      if (isName) this.#add("surrogate_name", place);
    };
    for (; at < line.length && line[at] !== QUOTE; ) {
      if (line[at] !== BACKSLASH) {
        at += 1;
        continue;
      }
      if (line[at + 1] !== 0x75) {
        at += 2;
        continue;
      }
      const unit = Number.parseInt(line.toString("latin1", at + 2, at + 6), 16);
      const isPair = high === at - 6 && unit >= 0xdc00 && unit <= 0xdfff;
      if (high >= 0 && !isPair) lone(high);
      high = -1;
      if (unit >= 0xd800 && unit <= 0xdbff) high = at;
      else if (unit >= 0xdc00 && unit <= 0xdfff && !isPair) lone(at);
      at += 6;
    }
    if (high >= 0) lone(high);
    return Math.min(at + 1, line.length);
  }

  /**
   * Checks a member's name.
   *
   * @param {Buffer} quoted
   * @param {number} at
   * @param {Container} object
   * @param {number} depth
   */
  #name(quoted, at, object, depth) {
    const isRepeated = object.isOfFormat ? "repeated" : "repeated_input";
    if (!object.isOfFormat) this.#text("name", quoted, 0, quoted.length, at);
    if (!object.isOfFormat && !this.#rules.has(isRepeated)) return;
    const name = textOf(quoted);
    object.name = name;
    object.names ??= new Set();
    if (object.names.has(name)) this.#add(isRepeated, at, name);
    object.names.add(name);
    if (depth === 1 && !this.#names.has(name) && this.#names.has(folded(name)))
      this.#add("spelling", at, name);
  }

  /**
   * @param {"string" | "name"} rule
   * @param {Buffer} line
   * @param {number} start
   * @param {number} end
   * @param {number} [at]
   */
  #text(rule, line, start, end, at = start) {
    const most = this.#rules.get(rule)?.most;
    // A text has as many units as bytes, or fewer.
    if (most !== undefined && end - start - 2 > most)
      this.#check(rule, at, textOf(line.subarray(start, end)).length);
  }

  /**
   * @param {Buffer} line
   * @param {number} start
   */
  #number(line, start) {
    let end = start + 1;
    while (end < line.length && isNumeric[line[end]]) end += 1;
    const number = this.#rules.get("number");
    if (number?.most !== undefined && end - start > number.most)
      this.#check("number", start, digitsOf(line.toString("latin1", start, end)));
    const integer = this.#rules.get("integer");
    if (end - start > 15 && integer?.most !== undefined) {
      const text = line.toString("latin1", start, end);
      const { most } = integer;
      // Long ones are beyond any limit, and take long to convert.
      const isOver = () => text.length > 400 || BigInt(text.replace("-", "")) > BigInt(most);
      if (/^-?\d+$/.test(text) && isOver())
        this.#add("integer", start, text.length > 40 ? `${text.slice(0, 40)}…` : text);
    }
    if (this.#rules.has("double") && end - start > 4) {
      if (Math.abs(Number(line.toString("latin1", start, end))) === Infinity)
        this.#add("double", start);
    }
    return end;
  }

  /**
   * Adds a finding when a size is over the limit of a rule.
   *
   * @param {RuleName} name
   * @param {number} at
   * @param {number} size
   */
  #check(name, at, size) {
    const most = this.#rules.get(name)?.most;
    if (most !== undefined && size > most) this.#add(name, at, size);
  }

  /**
   * @param {RuleName} name
   * @param {number} at
   * @param {number | string} [found]
   */
  #add(name, at, found) {
    const rule = this.#rules.get(name);
    if (!rule) return;
    const earlier = this.#found.find((finding) => finding.rule === rule);
    if (!earlier) this.#found.push({ rule, at, ...(found !== undefined && { found }) });
    // Of sizes, the largest.
    else if (typeof found === "number" && typeof earlier.found === "number")
      earlier.found = Math.max(earlier.found, found);
  }
}

/**
 * Returns the text of a string.
 *
 * @param {Buffer} quoted
 * @returns {string}
 */
function textOf(quoted) {
  const text = quoted.toString();
  if (!text.includes("\\")) return text.slice(1, -1);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Spells a name as readers of the format compare it. @param {string} name */
function folded(name) {
  return name.replaceAll("\u017f", "s").replaceAll("\u212a", "k").toLowerCase();
}

/** Counts the digits of a number, without those of its exponent. @param {string} number */
function digitsOf(number) {
  return number.replace(/e.*$/i, "").replaceAll(/\D/g, "").length;
}

/** Returns the place of the first byte that is not UTF-8. @param {Buffer} line */
function firstInvalid(line) {
  // The longest start that is UTF-8, found by halving. It may end within a character.
  let [valid, invalid] = [0, line.length];
  const isValid = (/** @type {number} */ end) => {
    try {
      new TextDecoder("utf-8", { fatal: true }).decode(line.subarray(0, end), { stream: true });
      return true;
    } catch {
      return false;
    }
  };
  while (invalid - valid > 1) {
    const middle = (valid + invalid) >>> 1;
    if (isValid(middle)) valid = middle;
    else invalid = middle;
  }
  return valid;
}
