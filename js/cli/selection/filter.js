// The options that select entries, the same in every command that prints some.

import { InvalidArgumentError, Option } from "commander";

import { matches, places } from "../../index.js";
import { parseDuration, parseTime } from "./times.js";

/** @import { Command } from "commander" */
/** @import { LogIndex } from "../../index.js" */
/** @import { Entry, Place, PlacesOptions, SearchOptions, Select } from "../../types.js" */

/**
 * @typedef
 *   {{ skill?: string[], status?: string[], model?: string[], phase?: string[],
 *   since?: Date | string, until?: Date | string, last?: number, verified?: boolean,
 *   minDuration?: number, grep?: string, ignoreCase?: boolean }}
 *   FilterOptions
 */

/** The heading of these options in the help of a command. */
export const FILTER = "Which entries:";

/** @param {string} text @param {string[]} [others] */
const several = (text, others = []) => [...others, text];

/**
 * Parses a typed whole number.
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
 * Adds the options that select entries.
 *
 * @template {Command} C
 * @param {C} command
 * @param {{ text?: string }} [options] `text`: the name of the argument with the text to find;
 *   without it, the command gets the option `--grep`
 * @returns {C}
 */
export function addFilter(command, { text } = {}) {
  const options = [
    new Option("--skill <name>", "entries of this skill; repeat for several skills").argParser(
      several,
    ),
    new Option("--status <status>", "entries with this final status; repeat for several").argParser(
      several,
    ),
    new Option(
      "--model <name>",
      "entries whose result came from this model; repeat for several",
    ).argParser(several),
    new Option("--phase <name>", "entries of this phase; repeat for several phases").argParser(
      several,
    ),
    new Option(
      "--since <time>",
      'entries of this time or later: 2h (ago), 2026-01-31, "2026-01-31 18:00", RFC 3339',
    ).argParser(parseTime),
    new Option("--until <time>", "entries before this time, in the same forms").argParser(
      parseTime,
    ),
    new Option("-n, --last <n>", "only the last n of the selected entries").argParser(parseCount),
    new Option("--verified", "entries whose last attempt was verified"),
    new Option("--no-verified", "entries whose last attempt was not verified").default(undefined),
    new Option(
      "--min-duration <time>",
      "entries that took at least this long: 500ms, 1.5s, 2m",
    ).argParser(parseDuration),
    ...(text === undefined
      ? [new Option("--grep <text>", "entries with this text in any string")]
      : []),
    new Option("-i, --ignore-case", `ignore the case of letters in ${text ?? "--grep"}`),
  ];
  for (const option of options) command.addOption(option.helpGroup(FILTER));
  return command;
}

/** The conditions for an entry to be selected. */
export class Filter {
  /** @type {Select} */
  #select;
  #grep;
  #ignoreCase;
  /** @param {FilterOptions} options as parsed by the options of `addFilter` */
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
    /** How many of the last entries are selected; undefined for all. */
    this.last = last;
  }

  /** Whether all entries match; `last` may still limit their number. */
  get selectsAll() {
    return Object.keys(this.#select).length === 0 && this.#grep === undefined;
  }

  /**
   * Returns the rows of a log that match.
   *
   * @param {LogIndex} index
   * @param {Pick<SearchOptions, "signal" | "onProgress">} [options] of the search for a text
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
    return this.#grep === undefined || this.places(entry, { most: 1 }).length > 0;
  }

  /**
   * Returns where the text to find stands in an entry.
   *
   * @param {Entry} entry read with `{ input: "raw" }`
   * @param {PlacesOptions} options
   * @returns {Place[]} empty when there is no text to find
   */
  places(entry, options) {
    if (this.#grep === undefined) return [];
    return places(entry, this.#grep, { ...options, ignoreCase: this.#ignoreCase });
  }
}
