// Finds secrets in a text, in a time that is linear in the text, and masks them.

import { invalidArgument } from "../errors.js";
import { checkOptions } from "../options.js";
import { Literals } from "./literals.js";
import { masked } from "./mask.js";
import { CLASSES, SHAPES } from "./shapes.js";

/** @import { Part, Shape } from "./shapes.js" */
/** @import { SkillLogError } from "../errors.js" */
/** @import { FindSecretsOptions, Secret } from "../types.js" */

const ASCII = 128;

/** The most characters of an escape that may be of a run's class: `u003d`. */
const LONGEST_ESCAPE = 5;

/** Of each class: which characters of ASCII it has, and whether it has all others. */
const classes = Object.fromEntries(
  Object.entries(CLASSES).map(([name, given]) => {
    const isAllBut = "except" in given;
    const has = new Uint8Array(ASCII + 1).fill(isAllBut ? 1 : 0);
    for (const character of isAllBut ? given.except : given.chars)
      has[character.charCodeAt(0)] = isAllBut ? 0 : 1;
    return [name, has];
  }),
);

const ALNUM = classes.alnum;

/** What stands in code where a value may stand: `process.env.NAME`, and types with a digit. */
const CODE =
  /^(?:(?:process|import\.meta)\.env\.|(?:Big)?(?:Ui|I)nt\d+|Float\d+Array|Uint8Clamped)/;

/** Every literal once, without capital letters: several shapes may have the same. */
const literals = [
  ...new Set(SHAPES.flatMap((shape) => shape.literals.map((literal) => literal.toLowerCase()))),
];

const automaton = new Literals(literals);

/** The fewest characters that a secret has, or the text that it is known by. */
const SHORTEST = Math.min(
  ...SHAPES.map(
    ({ literals, before, parts }) =>
      Math.min(...literals.map(({ length }) => length)) +
      (before?.least ?? 0) +
      parts.reduce((sum, part) => sum + leastOf(part), 0),
  ),
);

/** @param {Part} part */
function leastOf(part) {
  if ("text" in part) return part.text.length;
  return "least" in part ? part.least : 0;
}

/** Of each literal: the shapes that have it, and how they spell it. */
const shapesOf = literals.map((literal) =>
  SHAPES.flatMap((shape, rank) =>
    shape.literals
      .filter((spelled) => spelled.toLowerCase() === literal)
      .map((spelled) => ({ shape, spelled, rank })),
  ),
);

/** Names that were asked for before, because entries have few, and whether a literal is in them. */
const knownNames = new Map();

/** The most names that are kept, and the longest: 100 KB. */
const NAMES = 1_000;
const LONGEST_NAME = 100;

/**
 * Returns whether a value can be a secret by its name: a literal is in the name, because no literal
 * ends after the `=` behind it.
 *
 * @param {string} name
 * @returns {boolean}
 */
function mayNameSecret(name) {
  const known = knownNames.get(name);
  if (known !== undefined) return known;
  const has = automaton.find(`${name.slice(-LONGEST_NAME)}=`).length > 0;
  if (knownNames.size === NAMES) knownNames.clear();
  if (name.length <= LONGEST_NAME) knownNames.set(name, has);
  return has;
}

/**
 * Finds the secrets in a text.
 *
 * @param {string} text
 * @param {FindSecretsOptions} [options]
 * @returns {Secret[]} in their order; no two overlap
 * @throws {SkillLogError} `INVALID_ARGUMENT`
 */
export function findSecrets(text, options) {
  if (typeof text !== "string") throw invalidArgument("text", text, "a string");
  const { name } = checkOptions(options, ["name"]);
  if (name !== undefined && typeof name !== "string")
    throw invalidArgument("options.name", name, "a string");
  return secretsIn(text, name);
}

/**
 * Finds the secrets in a text, as `findSecrets` does, and checks no argument.
 *
 * @param {string} text
 * @param {string} [name] whose value the text is
 * @returns {Secret[]}
 */
export function secretsIn(text, name) {
  if (!name || !mayNameSecret(name)) return search(text, 0);
  // A name is compared as if it stood before its value.
  const start = `${name.slice(-LONGEST_NAME)}=`;
  return search(start + text, start.length)
    .filter(({ end }) => end > start.length)
    .map((secret) => ({
      ...secret,
      start: Math.max(0, secret.start - start.length),
      end: secret.end - start.length,
    }));
}

/**
 * Replaces the secrets in a text by `[masked: NAME]`.
 *
 * @param {string} text
 * @param {FindSecretsOptions} [options]
 * @returns {string} the same text where it has none
 * @throws {SkillLogError} `INVALID_ARGUMENT`
 */
export function maskSecrets(text, options) {
  return maskFound(text, findSecrets(text, options));
}

/**
 * Replaces secrets that `findSecrets` returned by `[masked: NAME]`: all of them, or those that are
 * not to be seen.
 *
 * @param {string} text
 * @param {readonly Secret[]} secrets of this text, in their order
 * @returns {string} the same text where there are none
 * @throws {SkillLogError} `INVALID_ARGUMENT`
 */
export function maskFound(text, secrets) {
  if (typeof text !== "string") throw invalidArgument("text", text, "a string");
  if (!Array.isArray(secrets)) throw invalidArgument("secrets", secrets, "an array");
  return masked(text, secrets);
}

/**
 * A matcher that stays: V8 drops the code for a class when a garbage collection finds no instance
 * of the class.
 *
 * @type {Matcher | undefined}
 */
let idle;

/**
 * @param {string} text
 * @param {number} valueStart where the value of a name starts that was put before the text
 * @returns {Secret[]}
 */
function search(text, valueStart) {
  if (text.length < SHORTEST) return [];
  const ends = automaton.find(text);
  if (ends.length === 0) return [];
  /** @type {{ start: number, end: number, rank: number }[]} */
  const found = [];
  if (!idle) idle = new Matcher("", 0);
  const matcher = new Matcher(text, valueStart);
  for (let at = 0; at < ends.length; at += 2) {
    const end = ends[at + 1];
    for (const number of automaton.endingAt(ends[at]))
      for (const { shape, spelled, rank } of shapesOf[number]) {
        const start = end - spelled.length;
        if (!shape.ignoresCase && !text.startsWith(spelled, start)) continue;
        const span = matcher.match(shape, start, end);
        if (span) found.push({ ...span, rank });
      }
  }
  if (found.length === 0) return [];
  found.sort((one, other) => one.start - other.start);
  // What overlaps is one secret: nothing of it may stay.
  const joined = [found[0]];
  for (const span of found.slice(1)) {
    const last = /** @type {typeof span} */ (joined.at(-1));
    if (span.start >= last.end) joined.push(span);
    else {
      last.end = Math.max(last.end, span.end);
      last.rank = Math.min(last.rank, span.rank);
    }
  }
  return joined.map(({ start, end, rank }) => ({ start, end, name: SHAPES[rank].name }));
}

/** Compares shapes with places of a text. */
class Matcher {
  #text;
  #valueStart;
  /** The last run of each class, so that none is walked twice. @type {Map<Uint8Array, { start: number, end: number }>} */
  #runs = new Map();

  /**
   * @param {string} text
   * @param {number} valueStart
   */
  constructor(text, valueStart) {
    this.#text = text;
    this.#valueStart = valueStart;
  }

  /**
   * Returns the secret of a shape at its literal.
   *
   * @param {Shape} shape
   * @param {number} literal where it starts
   * @param {number} literalEnd
   * @returns {{ start: number, end: number } | null}
   */
  match({ before, parts, from, isOpen = false }, literal, literalEnd) {
    let end = literalEnd;
    let secret = literalEnd;
    for (let number = 0; number < parts.length; number += 1) {
      if (number === from) secret = end;
      end = this.#after(parts[number], end);
      if (end < 0) return null;
    }
    if (!isOpen && end < this.#text.length && has(ALNUM, this.#text.charCodeAt(end))) return null;
    // Last, because most words that are literals, such as "token", have no value after them.
    if (!before && !this.#isEdge(literal)) return null;
    const start = before ? this.#before(before, literal) : literal;
    if (start < 0) return null;
    return { start: from === undefined ? start : secret, end };
  }

  /**
   * Returns where a part ends.
   *
   * @param {Part} part
   * @param {number} start
   * @returns {number} -1 where it does not stand there
   */
  #after(part, start) {
    const text = this.#text;
    if ("text" in part) {
      const end = start + part.text.length;
      return text.slice(start, end).toLowerCase() === part.text.toLowerCase() ? end : -1;
    }
    if ("until" in part) {
      const most = Math.min(start + part.most, text.length);
      const at = text.slice(start, most).indexOf(part.until);
      return at < 0 ? most : start + at;
    }
    const { of, least, most = least, isMixed = false, isNoCode = false, once, last } = part;
    let end = this.#runEnd(classes[of], start);
    // In a slice, because a search in the text would go back to its start.
    if (last !== undefined)
      end = start + text.slice(start, Math.min(end, start + most + 1)).lastIndexOf(last);
    if (end - start < least || end - start > most) return -1;
    if (once && !hasOnce(text, start, end, once)) return -1;
    if (isMixed && !isMixture(text, start, end)) return -1;
    return isNoCode && this.#isCode(start, end) ? -1 : end;
  }

  /**
   * Returns whether a value is a call, a variable of the environment, or a type. Quoted, it is text.
   *
   * @param {number} start
   * @param {number} end
   */
  #isCode(start, end) {
    const text = this.#text;
    if (start === this.#valueStart || /["'`]/.test(text[start - 1])) return false;
    return text[end] === "(" || CODE.test(text.slice(start, Math.min(end, start + 32)));
  }

  /**
   * Returns where the characters of a class end that start at a place.
   *
   * @param {Uint8Array} of
   * @param {number} start
   */
  #runEnd(of, start) {
    const known = this.#runs.get(of);
    if (known && known.start <= start && start < known.end) return known.end;
    const text = this.#text;
    let end = start;
    while (end < text.length && has(of, text.charCodeAt(end))) end += 1;
    if (known) Object.assign(known, { start, end });
    else this.#runs.set(of, { start, end });
    return end;
  }

  /**
   * Returns where the run starts that ends at a literal.
   *
   * @param {NonNullable<Shape["before"]>} run
   * @param {number} end
   * @returns {number} -1 where there is none
   */
  #before({ of, least, most = least, starts }, end) {
    const text = this.#text;
    const furthest = Math.max(0, end - most - LONGEST_ESCAPE);
    let start = end;
    while (start > furthest && has(classes[of], text.charCodeAt(start - 1))) start -= 1;
    if (starts) {
      const at = text.slice(start, end).indexOf(starts);
      if (at < 0) return -1;
      start += at;
    }
    // The end of an escape may be of the run's class.
    for (let by = LONGEST_ESCAPE; by > 0; by -= 1)
      if (end - start - by >= least && isEscapeEnd(text, start + by)) start += by;
    if (end - start < least || end - start > most) return -1;
    return starts || this.#isEdge(start) ? start : -1;
  }

  /**
   * Returns whether a word may start at a place.
   *
   * @param {number} at
   */
  #isEdge(at) {
    const text = this.#text;
    return at === 0 || !has(ALNUM, text.charCodeAt(at - 1)) || isEscapeEnd(text, at);
  }
}

/**
 * @param {Uint8Array} of a class
 * @param {number} code
 */
function has(of, code) {
  return of[code < ASCII ? code : ASCII] === 1;
}

/**
 * Returns whether a part of a text has some of given characters, and none of them twice.
 *
 * @param {string} text
 * @param {number} start
 * @param {number} end
 * @param {string} characters
 */
function hasOnce(text, start, end, characters) {
  let found = "";
  for (let at = start; at < end; at += 1) {
    const character = text[at];
    if (!characters.includes(character)) continue;
    if (found.includes(character)) return false;
    found += character;
  }
  return found !== "";
}

/**
 * Returns whether an escape ends at a place: a line end in JSON that is a text, `%3D` in a URL,
 * `\u003d`, or a colour of a terminal.
 *
 * @param {string} text
 * @param {number} at
 */
function isEscapeEnd(text, at) {
  // eslint-disable-next-line no-control-regex
  return /(?:\\[nrtbf]|%[\dA-F]{2}|\\u00[\da-f]{2}|\x1b\[[\d;]{0,12}m)$/i.test(
    text.slice(Math.max(0, at - 16), at),
  );
}

/**
 * Returns whether a part of a text has a letter and a digit.
 *
 * @param {string} text
 * @param {number} start
 * @param {number} end
 */
function isMixture(text, start, end) {
  let hasDigit = false;
  let hasLetter = false;
  for (let at = start; at < end && !(hasDigit && hasLetter); at += 1) {
    const code = text.charCodeAt(at);
    if (has(classes.digit, code)) hasDigit = true;
    else if (has(ALNUM, code)) hasLetter = true;
  }
  return hasDigit && hasLetter;
}
