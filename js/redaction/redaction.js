// Which texts of entries are changed before they are written: the options `redact` and
// `maxStringBytes`, checked.

import { invalidArgument } from "../errors.js";
import { LARGEST_MAX_LINE_BYTES } from "../options.js";
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
 * @property {number} [maxStringBytes]
 */

/** @type {Readonly<Redaction>} */
const NOTHING = { hasShapes: false, literals: [], replace: null };

/**
 * Checks the options.
 *
 * @param {RedactOptions} options
 * @param {Redaction | null} [otherwise] what is changed where an option is absent
 * @returns {Redaction | null} null where nothing is changed
 * @throws {SkillLogError} `INVALID_ARGUMENT`; it shows no literal
 */
export function redactionOf({ redact, maxStringBytes }, otherwise = null) {
  const before = otherwise ?? NOTHING;
  const redaction = {
    ...(redact === undefined ? before : redactOption(redact)),
    maxStringBytes: maxStringBytesOption(maxStringBytes) ?? before.maxStringBytes,
  };
  const { hasShapes, literals, replace } = redaction;
  return hasShapes || literals.length > 0 || replace || redaction.maxStringBytes
    ? redaction
    : null;
}

/**
 * @param {unknown} redact
 * @returns {Redaction}
 */
function redactOption(redact) {
  if (redact === false) return NOTHING;
  if (redact === true) return { ...NOTHING, hasShapes: true };
  if (typeof redact === "function") return { ...NOTHING, replace: /** @type {any} */ (redact) };
  if (!Array.isArray(redact))
    throw invalidArgument(
      "options.redact",
      typeof redact === "string" ? "…" : redact,
      "true, false, an array of secret strings and true, or a function",
    );
  const literals = [];
  for (const [at, each] of redact.entries()) if (each !== true) literals.push(literalOf(each, at));
  return { ...NOTHING, hasShapes: redact.includes(true), literals };
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
