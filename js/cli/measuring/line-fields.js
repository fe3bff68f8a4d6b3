// Counts the bytes that each field takes in lines, without decoding their values.

import { ATTEMPT_MEMBERS, MEMBERS } from "../exporting/lake/member-names.js";

/** What members are called that the format does not know. */
const UNKNOWN = "(unknown members)";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OBJECT = 0x7b;
const OBJECT_END = 0x7d;
const ARRAY = 0x5b;
const ARRAY_END = 0x5d;

/** Strings up to this length are searched here, because a call takes as long as so many bytes. */
const SHORT = 32;

/** How many values a field has, and their bytes. @typedef {{ count: number, bytes: number }} FieldBytes */

/** Thrown where a line is not what the index said. */
class Unexpected extends Error {}

/** Counts lines. */
export class LineFields {
  /** @type {Map<string, FieldBytes>} */
  fields = new Map();
  /** The bytes of lines that belong to no field: braces, commas, and blanks. */
  structure = 0;
  /** @type {Buffer} */
  #bytes = Buffer.alloc(0);
  #end = 0;
  #entry = new Names("", [...MEMBERS]);
  #attempt = new Names("attempts.", [...ATTEMPT_MEMBERS]);
  /** The bytes of the fields of the line that is counted. */
  #own = 0;

  /**
   * Counts a line.
   *
   * @param {Buffer} bytes
   * @param {number} start
   * @param {number} end without the line end
   */
  add(bytes, start, end) {
    this.#bytes = bytes;
    this.#end = end;
    this.#own = 0;
    try {
      const at = this.#blanks(start);
      if (bytes[at] === OBJECT) this.#object(at, this.#entry, true);
    } catch (error) {
      if (!(error instanceof Unexpected)) throw error;
    }
    this.structure += end - start - this.#own;
  }

  /**
   * Counts the members of an object, and returns where it ends.
   *
   * @param {number} start
   * @param {Names} names
   * @param {boolean} isEntry
   */
  #object(start, names, isEntry) {
    const bytes = this.#bytes;
    let at = this.#blanks(start + 1);
    while (bytes[at] === QUOTE) {
      const keyEnd = this.#string(at);
      const name = names.of(bytes, at, keyEnd);
      const colon = this.#blanks(keyEnd);
      if (bytes[colon] !== COLON) throw new Unexpected();
      const value = this.#blanks(colon + 1);
      const before = this.#own;
      const isList = isEntry && name === "attempts" && bytes[value] === ARRAY;
      const end = isList ? this.#attempts(value) : this.#value(value);
      // The attempts' own fields are counted by themselves.
      const own = end - at - (this.#own - before);
      this.#own += own;
      this.#count(name, own);
      at = this.#blanks(end);
      if (bytes[at] === COMMA) at = this.#blanks(at + 1);
    }
    if (bytes[at] !== OBJECT_END || at >= this.#end) throw new Unexpected();
    return at + 1;
  }

  /** @param {number} start */
  #attempts(start) {
    const bytes = this.#bytes;
    let at = this.#blanks(start + 1);
    while (at < this.#end && bytes[at] !== ARRAY_END) {
      at = bytes[at] === OBJECT ? this.#object(at, this.#attempt, false) : this.#value(at);
      at = this.#blanks(at);
      if (bytes[at] === COMMA) at = this.#blanks(at + 1);
    }
    return at + 1;
  }

  /**
   * @param {string} name
   * @param {number} bytes
   */
  #count(name, bytes) {
    const field = this.fields.get(name);
    if (field) {
      field.bytes += bytes;
      field.count += 1;
    } else this.fields.set(name, { count: 1, bytes });
  }

  /**
   * Returns where a value ends.
   *
   * @param {number} start
   */
  #value(start) {
    const bytes = this.#bytes;
    const first = bytes[start];
    if (first === QUOTE) return this.#string(start);
    let at = start;
    if (first === OBJECT || first === ARRAY) {
      for (let depth = 0; at < this.#end; ) {
        const byte = bytes[at];
        at = byte === QUOTE ? this.#string(at) : at + 1;
        if (byte === OBJECT || byte === ARRAY) depth += 1;
        else if ((byte === OBJECT_END || byte === ARRAY_END) && --depth === 0) return at;
      }
      throw new Unexpected();
    }
    while (at < this.#end && !isAfterLiteral(bytes[at])) at += 1;
    if (at === start) throw new Unexpected();
    return at;
  }

  /**
   * Returns where a string ends.
   *
   * @param {number} start of its quote
   */
  #string(start) {
    const bytes = this.#bytes;
    const short = Math.min(start + SHORT, this.#end);
    let at = start + 1;
    for (; at < short; at += 1) {
      if (bytes[at] === QUOTE) return at + 1;
      if (bytes[at] === BACKSLASH) at += 1;
    }
    for (;;) {
      const quote = bytes.indexOf(QUOTE, at);
      if (quote < 0 || quote >= this.#end) throw new Unexpected();
      let backslashes = quote;
      while (backslashes > at && bytes[backslashes - 1] === BACKSLASH) backslashes -= 1;
      if ((quote - backslashes) % 2 === 0) return quote + 1;
      at = quote + 1;
    }
  }

  /**
   * Returns where blanks end.
   *
   * @param {number} at
   */
  #blanks(at) {
    while (at < this.#end && isBlank(this.#bytes[at])) at += 1;
    return at;
  }
}

/** @param {number} byte */
function isBlank(byte) {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d;
}

/** @param {number} byte */
function isAfterLiteral(byte) {
  return byte === COMMA || byte === OBJECT_END || byte === ARRAY_END || isBlank(byte);
}

/** The names of members, as readers of the format accept them: in any case, and with escapes. */
class Names {
  #prefix;
  #members;
  /** By how a key is spelled. @type {Map<string, string>} */
  #known = new Map();

  /**
   * @param {string} prefix
   * @param {string[]} members
   */
  constructor(prefix, members) {
    this.#prefix = prefix;
    this.#members = members;
  }

  /**
   * Returns the name of a member.
   *
   * @param {Buffer} bytes
   * @param {number} start of the key, at its quote
   * @param {number} end
   */
  of(bytes, start, end) {
    const spelled = bytes.toString("latin1", start, end);
    let name = this.#known.get(spelled);
    if (name !== undefined) return name;
    const key = String(JSON.parse(bytes.toString("utf8", start, end)))
      .replaceAll("\u017f", "s")
      .replaceAll("\u212a", "k")
      .toLowerCase();
    name = this.#prefix + (this.#members.includes(key) ? key : UNKNOWN);
    // A log may have any number of unknown keys.
    if (this.#known.size < 1000) this.#known.set(spelled, name);
    return name;
  }
}
