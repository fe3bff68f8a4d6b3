import { tagOf, timeOf } from "./builtins.js";

/** @import { ErrorCode, ErrorFacts } from "./types.js" */

/** @typedef {Error & ErrorFacts & { code: ErrorCode }} SkillLogError */

/**
 * What this package throws, but for an abort's own reason.
 *
 * `code` is stable and meant for programs; `message` is meant for people; the facts behind it (a
 * field, an offset, a path …) are properties.
 *
 * @type {{
 *   new (code: ErrorCode, message: string, facts?: ErrorFacts & { cause?: unknown }): SkillLogError,
 *   prototype: SkillLogError,
 * }}
 */
export const SkillLogError = class extends Error {
  /**
   * @param {ErrorCode} code
   * @param {string} message
   * @param {ErrorFacts & { cause?: unknown }} [facts]
   */
  constructor(code, message, { cause, ...facts } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    /** @type {ErrorCode} */
    this.code = code;
    Object.assign(this, facts);
  }
};

// On the prototype, as for the errors of the language: not a property of each error.
Object.defineProperty(SkillLogError.prototype, "name", {
  value: "SkillLogError",
  configurable: true,
  writable: true,
});

/**
 * Says that an argument is not what it must be.
 *
 * @param {string} what the argument's name
 * @param {unknown} got
 * @param {string} expected
 */
export function invalidArgument(what, got, expected) {
  return new SkillLogError(
    "INVALID_ARGUMENT",
    `${what}: expected ${expected}, got ${describe(got)}`,
  );
}

/** What the package alone can give to a constructor that is not for its users. */
export const OWN = /* @__PURE__ */ Symbol("made by the package");

/**
 * Refuses to construct what the package alone makes.
 *
 * @param {unknown} maker `OWN` where it does
 * @param {string} name of the class
 * @param {string} instead what makes one
 */
export function checkMaker(maker, name, instead) {
  if (maker !== OWN)
    throw new SkillLogError("INVALID_ARGUMENT", `new ${name}: use ${instead} to get a ${name}`);
}

/**
 * Describes a value in a few words, for messages: its type, and the value itself where it is short.
 *
 * @param {unknown} value
 */
export function describe(value) {
  switch (typeof value) {
    case "string":
      return `the string ${printable(JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value))}`;
    case "number":
    case "boolean":
      return `the ${typeof value} ${value}`;
    case "bigint":
      return `the bigint ${value.toString().length > 40 ? "of more than 40 digits" : value}`;
    case "undefined":
      return "undefined";
    case "object":
      try {
        return value === null ? "null" : describeObject(value);
      } catch {
        // A getter or a Proxy threw.
        return "an object";
      }
    default:
      return `a ${typeof value}`;
  }
}

/** @param {object} value */
function describeObject(value) {
  if (Array.isArray(value)) return "an array";
  const time = timeOf(value);
  if (time !== undefined) return Number.isNaN(time) ? "an invalid Date" : "a Date";
  const tag = tagOf(value);
  return tag === "Object" ? "an object" : `an object (${printable(tag.slice(0, 40))})`;
}

/**
 * Escapes what a terminal would act on, or not show.
 *
 * @param {string} text
 */
export function printable(text) {
  return text.replaceAll(
    /[\p{C}\u2028\u2029]/gu,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
