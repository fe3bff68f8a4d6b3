// Why an entry is refused: the errors `INVALID_ENTRY`, and their way to the caller.

import { describe, SkillLogError } from "../errors.js";

/**
 * Carries an error to the caller of the package.
 *
 * A getter, a Proxy or a `toJSON` of the entry may throw anything, also a SkillLogError of an entry
 * that it encodes itself. It cannot throw a refusal, because only this module makes refusals.
 */
export class Refusal {
  #error;

  /**
   * @param {string} field
   * @param {string} message
   * @param {{ got: string, expected: string, cause?: unknown }} facts
   */
  constructor(field, message, facts) {
    this.#error = new SkillLogError("INVALID_ENTRY", message, { field, ...facts });
  }

  /** The error that the caller of the package gets. */
  get error() {
    return this.#error;
  }

  /**
   * Returns the error of a refusal; undefined for any other value. Runs no code of the value.
   *
   * @param {unknown} thrown
   */
  static errorOf(thrown) {
    return typeof thrown === "object" && thrown !== null && #error in thrown
      ? thrown.#error
      : undefined;
  }
}

/**
 * @param {string} field
 * @param {unknown} got
 * @param {string} expected
 */
export function invalid(field, got, expected) {
  return invalidAs(field, describe(got), expected);
}

/**
 * @param {string} field
 * @param {string} got in words
 * @param {string} expected
 */
export function invalidAs(field, got, expected) {
  return new Refusal(field, `${field}: expected ${expected}, got ${got}`, { got, expected });
}

/**
 * Refuses a field because reading it threw.
 *
 * @param {string} field
 * @param {unknown} cause
 */
export function unreadable(field, cause) {
  const got = "an error when it was read";
  const expected = "a value";
  return new Refusal(field, `${field}: expected ${expected}, got ${got}: ${reasonOf(cause)}`, {
    got,
    expected,
    cause,
  });
}

/**
 * Returns the first line of the message of a thrown value. Never throws.
 *
 * @param {any} thrown
 * @returns {string}
 */
export function reasonOf(thrown) {
  try {
    const { message } = thrown;
    if (typeof message === "string") return message.split("\n", 1)[0];
  } catch {
    // The value has no message, so it is described.
  }
  return describe(thrown);
}
