// What a tool is, and its arguments: what a client is told of them, and their check. A model wrote
// them, so an error says what was wrong and what is expected.

import { InvalidArgumentError } from "commander";

import { parseTime } from "../selection/times.js";
import { cutText } from "./cut-text.js";
import { RefusedCall } from "./refused-call.js";

export { RefusedCall };

/** @import { RowConditions } from "../../types.js" */
/** @import { FreshIndex } from "./fresh-index.js" */
/** @import { ShownTexts } from "./shown-texts.js" */

/**
 * @typedef {object} Tool
 * @property {string} title
 * @property {string} description for the model
 * @property {Arguments} arguments
 * @property {string[]} required the arguments that must be there
 * @property {(checked: Checked, place: Place) => Promise<string>} run returns the answer
 *
 * @typedef {object} Place what a tool works on
 * @property {FreshIndex} fresh
 * @property {AbortSignal} signal of the call
 * @property {ShownTexts} shown
 *
 * @typedef {Record<string, any> & { max_bytes: number, limit: number }} Checked arguments that were
 *   checked, with their defaults
 */

/**
 * An argument, as JSON Schema has it: only the members that `checked` knows.
 *
 * @typedef {object} Argument
 * @property {"string" | "integer" | "boolean" | "array"} type
 * @property {string} description
 * @property {readonly string[]} [enum]
 * @property {number} [minimum]
 * @property {number} [maximum]
 * @property {string | number | boolean} [default]
 * @property {{ type: "string" }} [items]
 */

/** The arguments of a tool, by name. @typedef {Record<string, Argument>} Arguments */

/** The bytes of an answer. */
const LEAST_BYTES = 32 << 10;
const USUAL_BYTES = 64 << 10;
const MOST_BYTES = 1 << 20;

/** @satisfies {Arguments} */
export const SIZE = {
  max_bytes: {
    type: "integer",
    minimum: LEAST_BYTES,
    maximum: MOST_BYTES,
    default: USUAL_BYTES,
    description: "The most bytes of the answer. What does not fit is on the next page.",
  },
};

/**
 * Returns the argument that limits what a page has.
 *
 * @param {string} what
 * @param {number} usual
 */
export function limitOf(what, usual) {
  return /** @satisfies {Arguments} */ ({
    limit: {
      type: "integer",
      minimum: 1,
      maximum: 1000,
      default: usual,
      description: `The most ${what} of the answer.`,
    },
  });
}

/** @param {string} description @returns {Argument} */
const texts = (description) => ({ type: "array", items: { type: "string" }, description });

/** The arguments that select entries. */
export const FILTERS = {
  skill: texts("Only entries of one of these skills."),
  phase: texts("Only entries of one of these phases."),
  final_status: texts(
    "Only entries with one of these statuses. Statuses are the words of whoever wrote the log.",
  ),
  model_used: texts("Only entries whose result came from one of these models."),
  verified: /** @type {Argument} */ ({
    type: "boolean",
    description: "Only entries whose last attempt was verified, or with false was not.",
  }),
  since: /** @type {Argument} */ ({
    type: "string",
    description:
      "Only entries of this time or later: how long ago (2h, 7d), a date (2026-01-31), or an RFC 3339 time.",
  }),
  until: /** @type {Argument} */ ({
    type: "string",
    description: "Only entries before this time, in the same forms.",
  }),
};

/**
 * Returns the JSON Schema of arguments, for a client.
 *
 * @param {Arguments} known
 * @param {readonly string[]} required
 */
export function schemaOf(known, required) {
  return {
    type: /** @type {const} */ ("object"),
    properties: /** @type {Record<string, object>} */ (known),
    required: [...required],
    additionalProperties: false,
  };
}

/**
 * Checks the arguments of a call, and fills in the defaults.
 *
 * @param {Record<string, unknown>} given
 * @param {Arguments} known
 * @param {readonly string[]} required
 * @returns {Checked}
 * @throws {RefusedCall}
 */
export function checkedArguments(given, known, required) {
  /** @type {Record<string, unknown>} */
  const checked = {};
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(known, name))
      throw new RefusedCall(
        `${quoted(name)}: unknown argument; use only ${Object.keys(known).join(", ")}`,
      );
  }
  for (const [name, argument] of Object.entries(known)) {
    const value = given[name];
    // Some clients send null for what the model left out.
    if (value !== undefined && value !== null) {
      if (!isValid(value, argument))
        throw new RefusedCall(`${name}: expected ${expectedOf(argument)}, got ${quoted(value)}`);
      checked[name] = value;
    } else if (required.includes(name)) {
      throw new RefusedCall(`${name}: missing, but required: ${expectedOf(argument)}`);
    } else if (argument.default !== undefined) checked[name] = argument.default;
  }
  return /** @type {Checked} */ (checked);
}

/**
 * @param {unknown} value
 * @param {Argument} argument
 */
function isValid(value, { type, enum: words, minimum = -Infinity, maximum = Infinity }) {
  switch (type) {
    case "integer":
      return Number.isSafeInteger(value) && minimum <= Number(value) && Number(value) <= maximum;
    case "array":
      return Array.isArray(value) && value.every((each) => typeof each === "string");
    case "string":
      return typeof value === "string" && (words?.includes(value) ?? true);
    default:
      return typeof value === type;
  }
}

/** @param {Argument} argument */
function expectedOf({ type, enum: words, minimum, maximum }) {
  switch (type) {
    case "integer":
      return maximum === undefined
        ? `a whole number from ${minimum}`
        : `a whole number from ${minimum} to ${maximum}`;
    case "array":
      return 'an array of texts, such as ["a", "b"]';
    case "boolean":
      return "true or false";
    default:
      return words ? words.map((word) => JSON.stringify(word)).join(" or ") : "a text";
  }
}

/**
 * Returns the conditions that checked arguments make.
 *
 * @param {Partial<Checked>} checked
 * @returns {RowConditions}
 * @throws {RefusedCall}
 */
export function conditionsOf({ skill, phase, final_status, model_used, verified, since, until }) {
  return {
    skill,
    phase,
    final_status,
    model_used,
    verified,
    since: since && instant("since", since),
    until: until && instant("until", until),
  };
}

/**
 * @param {string} name
 * @param {string} text
 */
function instant(name, text) {
  try {
    return parseTime(text)();
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw new RefusedCall(`${name}: ${quoted(text)} is no time. ${error.message}`);
  }
}

/** The most UTF-16 units of a value in an error. */
const MOST_QUOTED = 80;

/**
 * Returns a value as an error shows it.
 *
 * @param {unknown} value
 */
export function quoted(value) {
  return typeof value === "string"
    ? JSON.stringify(cutText(value, MOST_QUOTED))
    : cutText(JSON.stringify(value), MOST_QUOTED);
}
