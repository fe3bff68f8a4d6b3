// What a search looks for, as a regular expression over decoded strings.

import { tagOf } from "../builtins.js";
import { invalidArgument } from "../errors.js";
import { asciiAt, textAt, wordsAt } from "../wasm/core.js";
import { wellFormed } from "./entry-strings.js";

/** @import { RowReader } from "../../dist/skill_log.js" */

/**
 * Returns whether a value is a RegExp, of any realm. Throws unless it is that or a text.
 *
 * @param {unknown} wanted
 * @returns {wanted is RegExp}
 * @throws {SkillLogError} `INVALID_ARGUMENT`
 */
export function isPattern(wanted) {
  if (typeof wanted === "string") return false;
  if (tagOf(wanted) !== "RegExp") throw invalidArgument("text", wanted, "a string or a RegExp");
  return true;
}

/**
 * Returns an expression that finds a text as the core's search does, or what a RegExp finds anywhere
 * in a string. The caller's RegExp is not used, because its `lastIndex` would change.
 *
 * @param {string | RegExp} wanted
 * @param {boolean} ignoreCase
 * @returns {RegExp} global
 */
export function patternOf(wanted, ignoreCase) {
  // With both flags a regular expression folds case by Unicode's simple case folding.
  if (!isPattern(wanted))
    return new RegExp(
      wellFormed(wanted).replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"),
      ignoreCase ? "giu" : "gu",
    );
  const flags = wanted.flags.replace(/[gy]/g, "");
  return new RegExp(wanted.source, `g${flags}${ignoreCase && !flags.includes("i") ? "i" : ""}`);
}

/** The strings before the texts of the attempts: the timestamp, then the members of the entry. */
const MEMBERS = 9;

/** Those of them that every entry has: timestamp, session_id, skill and final_status. */
const REQUIRED = [0, 1, 2, 5];

/** The texts of an attempt, of which the first is its model, which every attempt has. */
const ATTEMPT_TEXTS = 3;

/**
 * Returns the same expression for `test`, which would continue at the `lastIndex` of a global one.
 *
 * @param {RegExp} pattern
 */
export function notGlobal(pattern) {
  return new RegExp(pattern.source, pattern.flags.replace("g", ""));
}

/**
 * Returns which of some entries have a string that matches, by their positions.
 *
 * @param {RowReader} reader its tape has the strings of the entries, as src/wasm/tape.rs lists them
 * @param {number} count how many entries
 * @param {RegExp} pattern neither global nor sticky
 * @returns {number[]}
 */
export function matchingEntries(reader, count, pattern) {
  const words = wordsAt(reader.words_at());
  let nextText = reader.text_at();
  let at = 0;
  /** @type {number[]} */
  const matching = [];
  for (let entry = 0; entry < count; entry += 1) {
    const [isAscii, bytes, attempts, strings] = words.subarray(at, at + 4);
    const lengths = words.subarray(at + 4, at + 4 + strings);
    const text = isAscii ? asciiAt(nextText, bytes) : textAt(nextText, bytes);
    if (isMatching(text, lengths, attempts, pattern)) matching.push(entry);
    at += 4 + strings;
    nextText += bytes;
  }
  return matching;
}

/**
 * Returns whether one of the strings of an entry matches.
 *
 * @param {string} text the strings
 * @param {Uint32Array} lengths of the strings, in UTF-16 units
 * @param {number} attempts
 * @param {RegExp} pattern
 */
function isMatching(text, lengths, attempts, pattern) {
  const inInput = MEMBERS + ATTEMPT_TEXTS * attempts;
  let start = 0;
  for (let index = 0; index < lengths.length; index += 1) {
    const end = start + lengths[index];
    // An empty text of a member that an entry may lack is no string of it.
    const exists =
      end > start ||
      index >= inInput ||
      (index < MEMBERS ? REQUIRED.includes(index) : (index - MEMBERS) % ATTEMPT_TEXTS === 0);
    if (exists && pattern.test(text.slice(start, end))) return true;
    start = end;
  }
  return false;
}
