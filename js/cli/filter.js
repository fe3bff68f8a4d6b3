// Which entries are wanted: the same options for every command that shows some.

import { InvalidArgumentError, Option } from "commander";

import { byInstant, instantOf, parseDuration, parseTime } from "./times.js";

/** @import { Command } from "commander" */
/** @import { LogIndex } from "../index.js" */
/** @import { Entry, ProgressOptions, Select } from "../types.js" */

/** @typedef {{ skill?: string[], status?: string[], model?: string[], phase?: string[], since?: Date | string, until?: Date | string, last?: number, verified?: boolean, minDuration?: number, grep?: string, ignoreCase?: boolean }} FilterOptions */

/** @param {string} text @param {string[]} [others] */
const several = (text, others = []) => [...others, text];

/**
 * Reads a whole number that was typed.
 *
 * @param {string} text
 */
export function parseCount(text) {
  const count = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(count)) throw new InvalidArgumentError("Expected a whole number.");
  return count;
}

/**
 * Gives a command the options of a filter.
 *
 * @template {Command} C
 * @param {C} command
 * @returns {C}
 */
export function addFilter(command) {
  const options = [
    new Option("--skill <name>", "entries of this skill (several: of any of them)").argParser(several),
    new Option("--status <status>", "that ended so (several: any of them)").argParser(several),
    new Option("--model <name>", "whose result this model gave (several: any of them)").argParser(several),
    new Option("--phase <name>", "of this phase (several: any of them)").argParser(several),
    new Option("--since <time>", "of this time or later: 2h (ago), 2026-01-31, \"2026-01-31 18:00\", RFC 3339").argParser(parseTime),
    new Option("--until <time>", "before this time").argParser(parseTime),
    new Option("--last <n>", "the last n of those that are left").argParser(parseCount),
    new Option("--verified", "whose last attempt was verified"),
    new Option("--no-verified", "whose last attempt was not verified").default(undefined),
    new Option("--min-duration <time>", "that took so long or longer: 500ms, 1.5s, 2m").argParser(parseDuration),
    new Option("--grep <text>", "that hold this text in any string"),
    new Option("-i, --ignore-case", "upper and lower case are the same to --grep"),
  ];
  for (const option of options) command.addOption(option.helpGroup("Which entries:"));
  return command;
}

/** What an entry must meet. */
export class Filter {
  /** @type {Select} */
  #select;
  #grep;
  #ignoreCase;

  /** @param {FilterOptions} options as `addFilter` has them read */
  constructor({ skill, status, model, phase, since, until, last, verified, minDuration, grep, ignoreCase = false }) {
    this.#select = Object.fromEntries(
      Object.entries({ skill, phase, final_status: status, model_used: model, verified, since, until, min_duration_ms: minDuration })
        .filter(([, value]) => value !== undefined),
    );
    this.#grep = grep;
    this.#ignoreCase = ignoreCase;
    /** How many of the last entries are wanted. */
    this.last = last;
  }

  /** Whether every entry meets it; how many of them are wanted is another question. */
  get isOpen() {
    return Object.keys(this.#select).length === 0 && this.#grep === undefined;
  }

  /**
   * Gives the rows of a log that meet it.
   *
   * @param {LogIndex} index
   * @param {ProgressOptions} [options] for the search
   * @returns {Promise<Uint32Array>}
   */
  async rows(index, { signal, onProgress } = {}) {
    const rows = index.select(this.#select);
    if (this.#grep === undefined) return rows;
    return index.search(this.#grep, { rows, ignoreCase: this.#ignoreCase, ...(signal && { signal }), onProgress: ({ rows, total }) => onProgress?.({ bytes: rows, total }) });
  }

  /**
   * Tells whether an entry meets it, as the rows of an index do.
   *
   * @param {Entry} entry read with `{ input: "raw" }`
   */
  matches(entry) {
    const { skill, phase, final_status, model_used, verified, since, until, min_duration_ms: min } = this.#select;
    const { attempts = [] } = entry;
    return isOneOf(entry.skill, skill) && isOneOf(entry.phase, phase) && isOneOf(entry.final_status, final_status) && isOneOf(entry.model_used, model_used) &&
      (verified === undefined || attempts.at(-1)?.verified === verified) &&
      (min === undefined || (entry.duration_ms ?? 0) >= min) &&
      (since === undefined || byInstant(instantOf(entry.timestamp), instantOf(text(since))) >= 0) &&
      (until === undefined || byInstant(instantOf(entry.timestamp), instantOf(text(until))) < 0) &&
      this.#isFound(entry);
  }

  /** @param {Entry} entry */
  #isFound(entry) {
    if (this.#grep === undefined) return true;
    // A regular expression folds case as the package's search does.
    const needle = new RegExp(wellFormed(this.#grep).replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"), this.#ignoreCase ? "iu" : "u");
    const { input, attempts = [], ...texts } = entry;
    /** @type {unknown[]} */
    const values = [...Object.values(texts), ...attempts.flatMap((attempt) => Object.values(attempt)), input?.value];
    while (values.length > 0) {
      const value = values.pop();
      if (typeof value === "string" && needle.test(wellFormed(value))) return true;
      if (typeof value !== "object" || value === null) continue;
      for (const [key, inner] of Object.entries(value)) values.push(...(Array.isArray(value) ? [] : [key]), inner);
    }
    return false;
  }
}

/** @param {string | undefined} text @param {string | readonly string[] | undefined} wanted */
function isOneOf(text = "", wanted) {
  return wanted === undefined || wanted.includes(text);
}

/**
 * Gives a text without lone surrogates, which UTF-8 cannot say.
 *
 * @param {string} text
 */
function wellFormed(text) {
  return Buffer.from(text).toString();
}

/** @param {Date | string} time */
function text(time) {
  return typeof time === "string" ? time : time.toISOString();
}
