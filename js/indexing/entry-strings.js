// The strings of an entry, each with its path in the entry: the texts that a search looks at.

import { RawJson } from "../entry/raw-json.js";

/** @import { Entry } from "../types.js" */

/**
 * A string of an entry. `path()` returns its path, like `attempts[1].runner_output`; call it before
 * the next string is taken.
 *
 * @typedef {{ text: string, isKey: boolean, path: () => string }} EntryString
 */

/** Matches a key that a path has after a dot; other keys are quoted in brackets. */
const PLAIN_KEY = /^[\p{L}\p{N}_$-]+$/u;

/**
 * Yields each string value of an entry, and each key and string inside its `input`. Of an `input` that
 * was read raw, these are also members that occur twice. U+FFFD replaces lone surrogates, which UTF-8
 * cannot encode.
 *
 * @param {Entry} entry
 * @returns {Generator<EntryString, void, void>}
 */
export function* stringsOf({ input, attempts = [], ...fields }) {
  yield* textsOf(fields, "");
  for (const [at, attempt] of attempts.entries()) yield* textsOf(attempt, `attempts[${at}].`);
  if (input !== undefined)
    yield* jsonStrings(RawJson.is(input) ? input.text : JSON.stringify(input), "input");
}

/**
 * @param {object} fields
 * @param {string} start of their paths
 * @returns {Generator<EntryString, void, void>}
 */
function* textsOf(fields, start) {
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === "string")
      yield { text: wellFormed(value), isKey: false, path: () => start + name };
  }
}

/**
 * Yields each key and string of a JSON text. JSON.parse would keep only one of the members that
 * occur twice.
 *
 * @param {string} json valid
 * @param {string} name the start of each path
 * @returns {Generator<EntryString, void, void>}
 */
function* jsonStrings(json, name) {
  /**
   * The keys and indexes that lead to the scanned token; null in an object before a key.
   *
   * @type {(string | number | null)[]}
   */
  const steps = [];
  const path = () =>
    name +
    steps
      .map((step) =>
        typeof step === "string"
          ? PLAIN_KEY.test(step)
            ? `.${step}`
            : `[${JSON.stringify(step)}]`
          : step === null
            ? ""
            : `[${step}]`,
      )
      .join("");
  for (let at = 0; at < json.length; at += 1) {
    const token = json[at];
    const last = steps.length - 1;
    if (token === "{") steps.push(null);
    else if (token === "[") steps.push(0);
    else if (token === "}" || token === "]") steps.pop();
    else if (token === ",") steps[last] = typeof steps[last] === "number" ? steps[last] + 1 : null;
    else if (token === '"') {
      const end = stringEnd(json, at);
      const text = wellFormed(JSON.parse(json.slice(at, end)));
      const isKey = last >= 0 && steps[last] === null;
      yield { text, isKey, path };
      if (isKey) steps[last] = text;
      at = end - 1;
    }
  }
}

/**
 * Returns the index after the closing quote of a string. (A regular expression needs memory for
 * each of its characters.)
 *
 * @param {string} json
 * @param {number} start the index of the opening quote
 */
function stringEnd(json, start) {
  for (let at = start; ; ) {
    at = json.indexOf('"', at + 1);
    let slashes = 0;
    while (json[at - 1 - slashes] === "\\") slashes += 1;
    if (slashes % 2 === 0) return at + 1;
  }
}

/**
 * Replaces each lone surrogate by U+FFFD.
 *
 * @param {string} text
 */
export function wellFormed(text) {
  return text.replace(/[\ud800-\udfff]/gu, "\ufffd");
}
