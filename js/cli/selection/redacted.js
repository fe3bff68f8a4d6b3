// The options that replace secrets and cut long strings, and what they changed.

import { InvalidArgumentError } from "commander";

import { redactEntry } from "../../index.js";
import { counted } from "../terminal/counted.js";
import { parseCount } from "./filter.js";

/** @import { Command } from "commander" */

/** @typedef {{ redact?: boolean, maxStringBytes?: number }} RedactOptions */

const REDACT = "replace secrets that are known by their shape, such as API keys, by [masked: NAME]";

/** The fewest bytes that a string may be cut to, and the most. */
const [LEAST, MOST] = [64, 1024 * 1024 * 1024];

/**
 * Adds the option that replaces secrets.
 *
 * @template {Command} C
 * @param {C} command
 * @returns {C}
 */
export function addRedactOption(command) {
  return /** @type {C} */ (command.option("--redact", REDACT));
}

/**
 * Adds the options that change what is appended.
 *
 * @template {Command} C
 * @param {C} command
 * @returns {C}
 */
export function addRedactOptions(command) {
  return /** @type {C} */ (
    addRedactOption(command).option(
      "--max-string-bytes <n>",
      "cut longer strings; the rest says how many bytes were cut",
      parseStringBytes,
    )
  );
}

/** @param {string} text */
function parseStringBytes(text) {
  const count = parseCount(text);
  if (count < LEAST || count > MOST)
    throw new InvalidArgumentError(`Expected a number of bytes from ${LEAST} to ${MOST}.`);
  return count;
}

/** Changes entries as the options say, and counts what was changed. */
export class Redacted {
  #options;
  /** How often each kind of secret was replaced. @type {Map<string, number>} */
  #secrets = new Map();
  #cut = { strings: 0, bytes: 0 };

  /** @param {RedactOptions} options */
  constructor({ redact, maxStringBytes }) {
    this.#options = redact || maxStringBytes !== undefined ? { redact, maxStringBytes } : null;
  }

  /** Whether an entry may be changed. */
  get isNeeded() {
    return this.#options !== null;
  }

  /**
   * @template {object} E
   * @param {E} entry
   * @returns {Promise<E>} the same entry where nothing in it is changed
   */
  async entryOf(entry) {
    if (!this.#options) return entry;
    const { entry: changed, redacted = [], cut = [] } = await redactEntry(entry, this.#options);
    for (const { name, count } of redacted)
      this.#secrets.set(name, (this.#secrets.get(name) ?? 0) + count);
    for (const { bytes } of cut) {
      this.#cut.strings += 1;
      this.#cut.bytes += bytes;
    }
    return changed;
  }

  /** What was changed, for an object of JSON: with the properties that were asked for. */
  toJSON() {
    return {
      ...(this.#options?.redact && { redacted: Object.fromEntries(this.#secrets) }),
      ...(this.#options?.maxStringBytes && { cut: this.#cut }),
    };
  }

  /** What was changed, for people, at the end of a sentence; empty where nothing was. */
  toString() {
    const { strings, bytes } = this.#cut;
    const secrets = [...this.#secrets].map(([name, count]) =>
      count === 1 ? name : `${name} (${count})`,
    );
    const changes = [
      secrets.length > 0 ? `masked: ${secrets.join(", ")}` : "",
      strings > 0 ? `${counted(strings, "string")} cut by ${counted(bytes, "byte")}` : "",
    ];
    return changes.map((change) => change && `; ${change}`).join("");
  }
}
