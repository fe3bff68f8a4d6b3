import { tagOf, timeOf } from "./builtins.js";

/** @import { ErrorCode, ErrorFacts } from "./types.js" */

/** @typedef {Error & ErrorFacts & { code: ErrorCode }} SkillLogError */

/**
 * The error that this package throws. An aborted call throws the signal's reason instead.
 *
 * `code` is stable and meant for programs. `message` is meant for people. Facts such as a field, an
 * offset or a path are properties.
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

// On the prototype, as JavaScript's own errors have it.
Object.defineProperty(SkillLogError.prototype, "name", {
  value: "SkillLogError",
  configurable: true,
  writable: true,
});

/**
 * Makes the error of an argument that is not what it must be.
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

/**
 * Returns an iterator whose first step rejects.
 *
 * @param {unknown} error
 * @returns {AsyncGenerator<never, void, void>}
 */
export async function* failing(error) {
  yield Promise.reject(error);
}

/** The argument of constructors that only the package may call. */
export const OWN = /* @__PURE__ */ Symbol("made by the package");

/**
 * Throws unless the package itself calls a constructor.
 *
 * @param {unknown} maker must be `OWN`
 * @param {string} name of the class
 * @param {string} instead what callers use to get an instance
 */
export function checkMaker(maker, name, instead) {
  if (maker !== OWN)
    throw new SkillLogError("INVALID_ARGUMENT", `new ${name}: use ${instead} to get a ${name}`);
}

/**
 * Describes a value in a few words, for messages: its type, and the value itself if it is short.
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
 * Escapes characters that a terminal acts on or does not show.
 *
 * @param {string} text
 */
export function printable(text) {
  return text.replaceAll(
    /[\p{C}\u2028\u2029]/gu,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
