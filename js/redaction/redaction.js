// Which texts of entries are changed before they are written: the options `redact` and
// `maxStringBytes`, checked.

import { invalidArgument } from "../errors.js";
import { LARGEST_MAX_LINE_BYTES } from "../options.js";
import { LOOK_AHEAD } from "./cut.js";
import { literalOf } from "./literals.js";
import { findByShape } from "./shapes.js";

/** @import { RedactOptions } from "../types.js" */
/** @import { Literal } from "./literals.js" */

/** The fewest bytes that a text may be cut to: the mark of a cut takes up to 28. */
const LEAST_STRING_BYTES = 64;

/**
 * What is changed in the texts of entries.
 *
 * @typedef {object} Redaction
 * @property {boolean} hasShapes whether the shapes of secrets are looked for
 * @property {Literal[]} literals
 * @property {((text: string, path: string) => string) | null} replace the caller's function
 * @property {number} lookAhead how far a text is looked at beyond its cut, in UTF-16 units
 * @property {Set<string>} plainKeys keys in which nothing was found before
 * @property {number} maxStringBytes Infinity where there is no limit
 */

/**
 * Checks the options.
 *
 * @param {RedactOptions} options
 * @param {Redaction | null} [otherwise] what is changed where an option is absent
 * @returns {Redaction | null} null where nothing is changed
 * @throws {SkillLogError} `INVALID_ARGUMENT`; it shows no literal
 */
export function redactionOf({ redact, maxStringBytes }, otherwise = null) {
  const redaction = {
    ...(redact === undefined && otherwise ? otherwise : redactOption(redact)),
    maxStringBytes: maxStringBytesOption(maxStringBytes) ?? otherwise?.maxStringBytes ?? Infinity,
  };
  const { hasShapes, literals, replace, maxStringBytes: most } = redaction;
  return hasShapes || literals.length > 0 || replace || most < Infinity ? redaction : null;
}

/**
 * @param {unknown} redact
 * @returns {Omit<Redaction, "maxStringBytes">}
 */
function redactOption(redact = false) {
  const isList = Array.isArray(redact);
  if (!isList && typeof redact !== "boolean" && typeof redact !== "function")
    throw invalidArgument(
      "options.redact",
      // A string may be a secret.
      typeof redact === "string" ? "…" : redact,
      "true, false, an array of secret strings and true, or a function",
    );
  /** @type {Literal[]} */
  const literals = [];
  if (isList)
    for (const [at, each] of redact.entries())
      if (each !== true) literals.push(literalOf(each, at));
  const lengths = literals.flatMap(({ spellings }) => spellings.map(({ length }) => length));
  return {
    hasShapes: redact === true || (isList && redact.includes(true)),
    literals,
    replace: typeof redact === "function" ? /** @type {any} */ (redact) : null,
    lookAhead: lengths.reduce((most, length) => Math.max(most, length), LOOK_AHEAD),
    plainKeys: new Set(),
  };
}

/**
 * @param {unknown} bytes
 * @returns {number | undefined}
 */
function maxStringBytesOption(bytes) {
  if (bytes === undefined) return undefined;
  if (
    !Number.isInteger(bytes) ||
    Number(bytes) < LEAST_STRING_BYTES ||
    Number(bytes) > LARGEST_MAX_LINE_BYTES
  )
    throw invalidArgument(
      "options.maxStringBytes",
      bytes,
      `a whole number from ${LEAST_STRING_BYTES} to ${LARGEST_MAX_LINE_BYTES}`,
    );
  return Number(bytes);
}

/**
 * Returns whether shapes must be loaded before texts can be changed.
 *
 * @param {Redaction} redaction
 */
export function needsShapes({ hasShapes }) {
  return hasShapes && findByShape() === undefined;
}
