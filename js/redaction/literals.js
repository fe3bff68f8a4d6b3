// Secret values that the program knows, and where they are in a text.

import { SkillLogError } from "../errors.js";

/** @import { Secret } from "../types.js" */

/** Shorter values are words of other texts, too. */
const SHORTEST = 8;

/** @typedef {{ spellings: string[], name: string }} Literal */

/**
 * Checks a secret value. No error shows it.
 *
 * @param {unknown} value
 * @param {number} at its number in the list
 * @returns {Literal}
 * @throws {SkillLogError} `INVALID_ARGUMENT`
 */
export function literalOf(value, at) {
  if (typeof value !== "string" || value.length < SHORTEST) {
    const got = typeof value === "string" ? `one of ${value.length}` : kindOf(value);
    throw new SkillLogError(
      "INVALID_ARGUMENT",
      `options.redact[${at}]: expected true, or a string of at least ${SHORTEST} characters, because shorter ones are in other texts too; got ${got}`,
    );
  }
  return { spellings: spellingsOf(value), name: `literal ${at}` };
}

/** @param {unknown} value */
function kindOf(value) {
  return value === null ? "null" : value === undefined ? "undefined" : `a ${typeof value}`;
}

/**
 * Returns how a value is spelled in texts: as it is, in JSON that is a text, and in a URL.
 *
 * @param {string} value
 */
function spellingsOf(value) {
  const spellings = new Set([value, JSON.stringify(value).slice(1, -1)]);
  try {
    spellings.add(encodeURIComponent(value));
  } catch {
    // A surrogate without its partner is in no URL.
  }
  return [...spellings];
}

/**
 * Adds where literals are in a text.
 *
 * @param {string} text
 * @param {readonly Literal[]} literals
 * @param {readonly Secret[]} found what else was found, in its order
 * @returns {readonly Secret[]} in their order; what overlaps is one
 */
export function withLiterals(text, literals, found) {
  const all = [...found];
  for (const { spellings, name } of literals)
    for (const spelled of spellings) addAll(text, spelled, name, all);
  if (all.length === found.length) return found;
  all.sort((one, other) => one.start - other.start);
  /** @type {Secret[]} */
  const joined = [];
  for (const each of all) {
    const last = joined.at(-1);
    if (last && each.start < last.end) last.end = Math.max(last.end, each.end);
    else joined.push({ ...each });
  }
  return joined;
}

/**
 * @param {string} text
 * @param {string} spelled
 * @param {string} name
 * @param {Secret[]} all what was found, which is added to
 */
function addAll(text, spelled, name, all) {
  /** @type {Secret | undefined} */
  let last;
  for (let at = text.indexOf(spelled); at >= 0; at = text.indexOf(spelled, at + 1)) {
    const end = at + spelled.length;
    if (last && at < last.end) last.end = end;
    else all.push((last = { start: at, end, name }));
  }
}
