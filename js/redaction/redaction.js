// Which texts of entries are changed before they are written: the options `redact` and
// `maxStringBytes`, checked.

import { invalidArgument } from "../errors.js";
import { LARGEST_MAX_LINE_BYTES } from "../options.js";
import { LOOK_AHEAD } from "./cut.js";
import { literalOf } from "./literals.js";
import { findByShape } from "./shapes.js";

/** @import { RedactOptions } from "../types.js" */
/** @import { Literal } from "./literals.js" */

/** @typedef {(text: string, path: string) => string} Replace */

/** The fewest bytes that a text may be cut to: the mark of a cut takes up to 28. */
const LEAST_STRING_BYTES = 64;

/**
 * What is changed in the texts of entries. A class, because V8 drops the code for objects without
 * one when none is there for a moment.
 */
export class Redaction {
  /** Keys in which nothing was found before. @type {Set<string>} */
  plainKeys = new Set();

  /**
   * @param {boolean} hasShapes whether the shapes of secrets are looked for
   * @param {readonly Literal[]} literals
   * @param {Replace | null} replace the caller's function
   * @param {number} maxStringBytes Infinity where there is no limit
   */
  constructor(hasShapes, literals, replace, maxStringBytes) {
    this.hasShapes = hasShapes;
    this.literals = literals;
    this.replace = replace;
    this.maxStringBytes = maxStringBytes;
    const lengths = literals.flatMap(({ spellings }) => spellings.map(({ length }) => length));
    /** How far a text is looked at beyond its cut, in UTF-16 units. */
    this.lookAhead = lengths.reduce((most, length) => Math.max(most, length), LOOK_AHEAD);
  }

  /** Whether shapes must be loaded before texts can be changed. */
  get needsShapes() {
    return this.hasShapes && findByShape() === undefined;
  }
}

/**
 * Checks the options.
 *
 * @param {RedactOptions} options
 * @param {Redaction | null} [otherwise] what is changed where an option is absent
 * @returns {Redaction | null} null where nothing is changed
 * @throws {SkillLogError} `INVALID_ARGUMENT`; it shows no literal
 */
export function redactionOf({ redact, maxStringBytes }, otherwise = null) {
  const most = maxStringBytesOption(maxStringBytes) ?? otherwise?.maxStringBytes ?? Infinity;
  const { hasShapes, literals, replace } =
    redact === undefined && otherwise ? otherwise : redactOption(redact);
  return hasShapes || literals.length > 0 || replace || most < Infinity
    ? new Redaction(hasShapes, literals, replace, most)
    : null;
}

/**
 * @param {unknown} redact
 * @returns {Pick<Redaction, "hasShapes" | "literals" | "replace">}
 */
function redactOption(redact = false) {
  if (typeof redact === "boolean") return { hasShapes: redact, literals: [], replace: null };
  if (typeof redact === "function")
    return { hasShapes: false, literals: [], replace: /** @type {Replace} */ (redact) };
  if (!Array.isArray(redact))
    throw invalidArgument(
      "options.redact",
      // A string may be a secret.
      typeof redact === "string" ? "…" : redact,
      "true, false, an array of secret strings and true, or a function",
    );
  /** @type {Literal[]} */
  const literals = [];
  for (const [at, each] of redact.entries()) if (each !== true) literals.push(literalOf(each, at));
  return { hasShapes: redact.includes(true), literals, replace: null };
}

/**
 * @param {unknown} bytes
 * @returns {number | undefined}
 */
function maxStringBytesOption(bytes) {
  if (bytes === undefined) return undefined;
  if (
    typeof bytes !== "number" ||
    !Number.isInteger(bytes) ||
    bytes < LEAST_STRING_BYTES ||
    bytes > LARGEST_MAX_LINE_BYTES
  )
    throw invalidArgument(
      "options.maxStringBytes",
      bytes,
      `a whole number from ${LEAST_STRING_BYTES} to ${LARGEST_MAX_LINE_BYTES}`,
    );
  return bytes;
}
