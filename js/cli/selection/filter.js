// Which entries are wanted: the same options for every command that shows some.

import { InvalidArgumentError, Option } from "commander";

import { matches } from "../../index.js";
import { stringsOf, wellFormed } from "./entry-strings.js";
import { parseDuration, parseTime } from "./times.js";

/** @import { Command } from "commander" */
/** @import { LogIndex } from "../../index.js" */
/** @import { Entry, SearchOptions, Select } from "../../types.js" */

/** @typedef {{ skill?: string[], status?: string[], model?: string[], phase?: string[], since?: Date | string, until?: Date | string, last?: number, verified?: boolean, minDuration?: number, grep?: string, ignoreCase?: boolean }} FilterOptions */

/** What the help of a command calls the options of a filter. */
export const FILTER = "Which entries:";

/** @param {string} text @param {string[]} [others] */
const several = (text, others = []) => [...others, text];

/**
 * Reads a whole number that was typed.
 *
 * @param {string} text
 */
export function parseCount(text) {
  const count = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(count))
    throw new InvalidArgumentError("Expected a whole number.");
  return count;
}

/**
 * Gives a command the options of a filter.
 *
 * @template {Command} C
 * @param {C} command
 * @param {{ text?: string }} [options] `text`: what the command's help calls the text to look for, where that is an argument; else it
 *   is the option `--grep`
 * @returns {C}
 */
export function addFilter(command, { text } = {}) {
  const options = [
    new Option("--skill <name>", "entries of this skill; given again, of any of them").argParser(
      several,
    ),
    new Option("--status <status>", "that ended so; given again, in any of these ways").argParser(
      several,
    ),
    new Option(
      "--model <name>",
      "whose result this model gave; given again, any of them",
    ).argParser(several),
    new Option("--phase <name>", "of this phase; given again, of any of them").argParser(several),
    new Option(
      "--since <time>",
      'of this time or later: 2h (ago), 2026-01-31, "2026-01-31 18:00", RFC 3339',
    ).argParser(parseTime),
    new Option("--until <time>", "before this time").argParser(parseTime),
    new Option("-n, --last <n>", "the last n of those that are left").argParser(parseCount),
    new Option("--verified", "whose last attempt was verified"),
    new Option("--no-verified", "whose last attempt was not verified").default(undefined),
    new Option("--min-duration <time>", "that took so long or longer: 500ms, 1.5s, 2m").argParser(
      parseDuration,
    ),
    ...(text === undefined
      ? [new Option("--grep <text>", "that hold this text in any string")]
      : []),
    new Option("-i, --ignore-case", `upper and lower case are the same to ${text ?? "--grep"}`),
  ];
  for (const option of options) command.addOption(option.helpGroup(FILTER));
  return command;
}

/** What an entry must meet. */
export class Filter {
  /** @type {Select} */
  #select;
  #grep;
  #ignoreCase;
  /** Finds the text that is looked for; undefined where none is. */
  needle;

  /** @param {FilterOptions} options as `addFilter` has them read */
  constructor({
    skill,
    status,
    model,
    phase,
    since,
    until,
    last,
    verified,
    minDuration,
    grep,
    ignoreCase = false,
  }) {
    this.#select = Object.fromEntries(
      Object.entries({
        skill,
        phase,
        final_status: status,
        model_used: model,
        verified,
        since,
        until,
        min_duration_ms: minDuration,
      }).filter(([, value]) => value !== undefined),
    );
    this.#grep = grep;
    this.#ignoreCase = ignoreCase;
    this.needle = grep === undefined ? undefined : needleOf(grep, ignoreCase);
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
   * @param {Pick<SearchOptions, "signal" | "onProgress">} [options] of the search, where a text is looked for
   * @returns {Promise<Uint32Array>}
   */
  async rows(index, options) {
    const rows = index.select(this.#select);
    return this.#grep === undefined
      ? rows
      : index.search(this.#grep, { ...options, rows, ignoreCase: this.#ignoreCase });
  }

  /**
   * Tells whether an entry meets it, as the rows of an index do.
   *
   * @param {Entry} entry read with `{ input: "raw" }`
   */
  matches(entry) {
    return matches(entry, this.#select) && this.#isFound(entry);
  }

  /** @param {Entry} entry */
  #isFound(entry) {
    if (!this.needle) return true;
    for (const { text } of stringsOf(entry)) if (text.search(this.needle) >= 0) return true;
    return false;
  }
}

/**
 * Gives an expression that finds a text as the package's search does.
 *
 * @param {string} text
 * @param {boolean} ignoreCase
 */
function needleOf(text, ignoreCase) {
  // With both flags a regular expression folds case by Unicode's simple case folding.
  return new RegExp(
    wellFormed(text).replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"),
    ignoreCase ? "giu" : "gu",
  );
}
