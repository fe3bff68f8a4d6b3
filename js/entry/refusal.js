import { describe, SkillLogError } from "../errors.js";

/**
 * Why an entry is refused, on its way to the caller.
 *
 * Getters, proxies and `toJSON` run while an entry is looked at, and may throw anything: also a SkillLogError, of an entry
 * that they encode themselves. Nobody else can make one of these, so nothing that they throw is taken for one.
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

  /** What the caller gets. */
  get error() {
    return this.#error;
  }

  /**
   * Returns the error of a refusal; undefined for anything else that was thrown. Runs no code of what was thrown.
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
 * Refuses a field because of what was thrown when it was looked at.
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
 * Returns the first line of what an error says. Never throws, whatever was thrown.
 *
 * @param {any} thrown
 * @returns {string}
 */
export function reasonOf(thrown) {
  try {
    const { message } = thrown;
    if (typeof message === "string") return message.split("\n", 1)[0];
  } catch {
    // It is described then.
  }
  return describe(thrown);
}
