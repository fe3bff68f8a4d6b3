// Changes the texts of entries, and remembers what was changed.

import { invalidAs, reasonOf, Refusal } from "../entry/refusal.js";
import { pathOf } from "../entry/text-path.js";
import { describe, SkillLogError } from "../errors.js";
import { masked } from "../secrets/mask.js";
import { cut, cutAt } from "./cut.js";
import { withLiterals } from "./literals.js";
import { Redaction } from "./redaction.js";
import { findByShape } from "./shapes.js";

/** @import { Changes, CutText, RedactedText, Secret } from "../types.js" */
/** @import { TextFilter } from "../entry/text-path.js" */
/** @import { FindByShape } from "./shapes.js" */

/** The most keys without a secret that a redaction remembers, and the longest: 100 KB. */
const KEYS = 1_000;
const LONGEST_KEY = 100;

/** @type {readonly Secret[]} */
const NONE = [];

/** The name of what a function of the caller replaced. */
const BY_FUNCTION = "function";

/**
 * Texts of no entry, which stay: V8 drops the code for a class when a garbage collection finds no
 * instance of the class.
 *
 * @type {ChangedTexts | undefined}
 */
let idle;

/**
 * Returns what changes the texts of some entries. Shapes must be loaded where they are looked for.
 *
 * @param {Redaction} redaction
 */
export function changedTexts(redaction) {
  // Not made at the start, because a bundler could not leave it out.
  if (!idle) idle = new ChangedTexts(new Redaction(false, [], null, Infinity));
  return new ChangedTexts(redaction);
}

/**
 * The texts of some entries. `changedTexts` makes it.
 *
 * @implements {TextFilter}
 */
export class ChangedTexts {
  #redaction;
  #find;
  /** The number of the entry; undefined where there is only one. @type {number | undefined} */
  #index;
  /** By number, name and path. Most texts have none. @type {Map<string, RedactedText> | undefined} */
  #redacted;
  /** @type {CutText[] | undefined} */
  #cut;
  /** How often each mask is a key, by the path of the object. @type {Map<string, number> | undefined} */
  #maskedKeys;

  /** @param {Redaction} redaction */
  constructor(redaction) {
    this.#redaction = redaction;
    this.#find = redaction.hasShapes ? /** @type {FindByShape} */ (findByShape()) : null;
  }

  /**
   * Goes on with another entry.
   *
   * @param {number} [index] its number
   */
  of(index) {
    this.#index = index;
    this.#maskedKeys?.clear();
    return this;
  }

  /** How many texts were changed, or keys. */
  count = 0;

  /** What was changed, with the properties that there are. @returns {Changes} */
  get changes() {
    /** @type {Changes} */
    const changes = {};
    if (this.#redacted) changes.redacted = [...this.#redacted.values()];
    if (this.#cut) changes.cut = this.#cut;
    return changes;
  }

  /**
   * Takes the texts out of the error of a refused entry, as programs log errors.
   *
   * @param {unknown} error
   */
  hideIn(error) {
    const { hasShapes, literals, replace } = this.#redaction;
    if (!(error instanceof SkillLogError) || error.code !== "INVALID_ENTRY") return;
    if (!hasShapes && literals.length === 0 && !replace) return;
    const { message, stack = "", field = "", got = "" } = error;
    const hidden = (/** @type {string} */ text) => masked(text, this.#secrets(text));
    // A string may be cut within a secret.
    const kind = got.startsWith("the string ") ? "a string" : got;
    error.message = hidden(message.replace(got, () => kind));
    error.stack = stack.replace(message, () => error.message);
    error.field = hidden(field);
    error.got = hidden(kind);
  }

  /**
   * @param {string} text
   * @param {string} outer
   * @param {string | number} key
   */
  text(text, outer, key) {
    const { maxStringBytes, replace } = this.#redaction;
    // Most texts are short, and have no secret.
    if (text.length * 3 <= maxStringBytes && !replace && this.#secrets(text, key).length === 0)
      return text;
    return text === "" ? text : this.#changed(text, outer, key);
  }

  /**
   * @param {string} text
   * @param {string} outer
   * @param {string | number} key
   */
  #changed(text, outer, key) {
    const { maxStringBytes: most, replace } = this.#redaction;
    const whole = replace ? this.#replaced(text, outer, key) : text;
    const end = cutAt(whole, most);
    const start = this.#masked(whole, end, outer, key);
    if (end === whole.length && (start === whole || cutAt(start, most) === start.length))
      return start;
    const { text: kept, bytes } = cut(whole, end, start, most);
    this.count += 1;
    this.#cut ??= [];
    this.#cut.push({ path: pathOf(outer, key), bytes, ...this.#place() });
    return kept;
  }

  /**
   * Masks what is found in keys. Functions are not asked for keys.
   *
   * @param {string[]} keys
   * @param {string} path
   */
  keys(keys, path) {
    /** @type {string[] | undefined} */
    let changed;
    /** @type {Set<string> | undefined} */
    let taken;
    const { plainKeys, literals } = this.#redaction;
    if (!this.#find && literals.length === 0) return keys;
    for (let at = 0; at < keys.length; at += 1) {
      const key = keys[at];
      if (plainKeys.has(key)) continue;
      const found = this.#secrets(key);
      if (found.length > 0) {
        changed ??= [...keys];
        taken ??= new Set(keys);
        changed[at] = this.#freeKey(masked(key, found), taken, path);
        this.#count(found, pathOf(path, changed[at]));
      } else if (key.length <= LONGEST_KEY) {
        if (plainKeys.size === KEYS) plainKeys.clear();
        plainKeys.add(key);
      }
    }
    return changed ?? keys;
  }

  /**
   * Returns a key that an object does not have: the mask, or the mask with a number.
   *
   * @param {string} mask
   * @param {Set<string>} taken
   * @param {string} path of the object
   */
  #freeKey(mask, taken, path) {
    const place = `${path}\0${mask}`;
    this.#maskedKeys ??= new Map();
    let number = this.#maskedKeys.get(place) ?? 0;
    let key;
    do {
      number += 1;
      key = number === 1 ? mask : `${mask} ${number}`;
    } while (taken.has(key));
    this.#maskedKeys.set(place, number);
    return key;
  }

  /**
   * Asks the caller's function for a text.
   *
   * @param {string} text
   * @param {string} outer
   * @param {string | number} key
   * @returns {string}
   * @throws {Refusal}
   */
  #replaced(text, outer, key) {
    const path = pathOf(outer, key);
    /** @type {unknown} */
    let result;
    try {
      result = this.#redaction.replace?.(text, path);
    } catch (cause) {
      const [got, expected] = ["an error", "a string from options.redact"];
      throw new Refusal(path, `${path}: expected ${expected}, got ${got}: ${reasonOf(cause)}`, {
        got,
        expected,
        cause,
      });
    }
    if (typeof result !== "string")
      throw invalidAs(path, describe(result), "a string from options.redact");
    if (result !== text) this.#count([{ start: 0, end: 0, name: BY_FUNCTION }], path);
    return result;
  }

  /**
   * Returns a text up to a place, with masks. A secret that starts before the place is masked whole.
   *
   * @param {string} text
   * @param {number} end
   * @param {string} outer
   * @param {string | number} key
   */
  #masked(text, end, outer, key) {
    const isWhole = end === text.length;
    const seen = isWhole ? text : text.slice(0, end + this.#redaction.lookAhead);
    const all = this.#secrets(seen, key);
    const found = isWhole ? all : all.filter(({ start }) => start < end);
    if (found.length === 0) return isWhole ? text : text.slice(0, end);
    this.#count(found, pathOf(outer, key));
    const last = /** @type {Secret} */ (found.at(-1)).end;
    return masked(isWhole ? text : text.slice(0, Math.max(end, last)), found);
  }

  /**
   * @param {string} text
   * @param {string | number} [key] whose value it is
   * @returns {readonly Secret[]}
   */
  #secrets(text, key) {
    const find = this.#find;
    const found = find ? find(text, typeof key === "string" ? key : undefined) : NONE;
    const { literals } = this.#redaction;
    return literals.length > 0 ? withLiterals(text, literals, found) : found;
  }

  /**
   * @param {readonly Secret[]} found
   * @param {string} path
   */
  #count(found, path) {
    this.count += found.length;
    this.#redacted ??= new Map();
    for (const { name } of found) {
      const place = `${this.#index}\0${name}\0${path}`;
      const known = this.#redacted.get(place);
      if (known) known.count += 1;
      else this.#redacted.set(place, { name, path, count: 1, ...this.#place() });
    }
  }

  #place() {
    return this.#index === undefined ? {} : { index: this.#index };
  }
}
