// The options that select entries, the same in every command that prints some.

import { InvalidArgumentError, Option } from "commander";

import { matches, places } from "../../index.js";
import { UsageError } from "../failures.js";
import { parseDuration, parseTime } from "./times.js";

/** @import { Command } from "commander" */
/** @import { LogIndex } from "../../index.js" */
/** @import { ColumnName, Entry, Place, PlacesOptions, Select } from "../../types.js" */

/**
 * @typedef
 *   {{ skill?: string[], status?: string[], model?: string[], phase?: string[],
 *   notSkill?: string[], notStatus?: string[], notModel?: string[], notPhase?: string[],
 *   since?: () => Date | string, until?: () => Date | string, last?: number, verified?: boolean,
 *   minDuration?: number, maxDuration?: number, grep?: string, ignoreCase?: boolean,
 *   regex?: boolean, merge?: boolean, sort?: Sorting }}
 *   FilterOptions
 */

/** By what rows are sorted. @typedef {{ by: ColumnName, descending: boolean }} Sorting */

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
    new Option("--not-skill <name>", "entries of other skills; repeat for several").argParser(
      several,
    ),
    new Option("--not-status <status>", "entries with another final status").argParser(several),
    new Option("--not-model <name>", "entries of other models, or of none").argParser(several),
    new Option("--not-phase <name>", "entries of other phases, or of none").argParser(several),
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
    new Option("--max-duration <time>", "entries that took at most this long").argParser((text) =>
      parseDuration(text, undefined, Math.floor),
    ),
    ...(text === undefined
      ? [new Option("--grep <text>", "entries with this text in any string")]
      : []),
    new Option("-i, --ignore-case", `ignore the case of letters in ${text ?? "--grep"}`),
    new Option(
      "-E, --regex",
      `${text ?? "the text of --grep"} is a regular expression, as JavaScript has them`,
    ),
  ];
  for (const option of options) command.addOption(option.helpGroup(FILTER));
  return command;
}

/** The conditions for an entry to be selected. */
export class Filter {
  /** @type {Select} */
  #select;
  /** @type {string | RegExp | undefined} */
  #text;
  #ignoreCase;
  /** @param {FilterOptions} options as parsed by the options of `addFilter` */
  constructor({
    skill,
    status,
    model,
    phase,
    notSkill,
    notStatus,
    notModel,
    notPhase,
    since,
    until,
    last,
    verified,
    minDuration,
    maxDuration,
    grep,
    ignoreCase = false,
    regex = false,
    merge = false,
    sort,
  }) {
    const not = given({
      skill: notSkill,
      phase: notPhase,
      final_status: notStatus,
      model_used: notModel,
    });
    this.#select = given({
      skill,
      phase,
      final_status: status,
      model_used: model,
      verified,
      since: since?.(),
      until: until?.(),
      min_duration_ms: minDuration,
      max_duration_ms: maxDuration,
      not: Object.keys(not).length > 0 ? not : undefined,
    });
    if (grep === undefined && regex) throw new UsageError("--regex needs --grep");
    this.#text = grep === undefined || !regex ? grep : expressionOf(grep);
    this.#ignoreCase = ignoreCase;
    /** By what rows are sorted; undefined for the order of logs, or of time. */
    this.sort = sort;
    /** Whether entries of all logs come in one order: that of time, or another. */
    this.isOrdered = merge || sort !== undefined;
    /** How many of the last entries are selected; undefined for all. */
    this.last = last;
  }

  /** Whether all entries match; `last` may still limit their number. */
  get selectsAll() {
    return Object.keys(this.#select).length === 0 && this.#text === undefined;
  }

  /** The text, if all entries match that have it; undefined where there are other conditions. */
  get textAlone() {
    const isAlone = Object.keys(this.#select).length === 0 && this.last === undefined;
    return isAlone && typeof this.#text === "string" ? this.#text : undefined;
  }

  /** Whether letters of the text match in any case. */
  get ignoresCase() {
    return this.#ignoreCase;
  }

  /** Whether entries must have a text, which an index does not hold. */
  get hasText() {
    return this.#text !== undefined;
  }

  /**
   * Returns the rows that match, whatever their text.
   *
   * @param {LogIndex} index
   */
  select(index) {
    return index.select(this.#select);
  }

  /**
   * Returns those of the rows that have the text.
   *
   * @param {LogIndex} index
   * @param {Uint32Array} rows
   * @param
   *   {{ signal?: AbortSignal, onPart?: (part: number) => void, onHits?: (rows: Uint32Array) => void }}
   *   options `onPart` gets the searched part of the rows, from 0 to 1
   * @returns {Promise<Uint32Array>}
   */
  search(index, rows, { signal, onPart, onHits }) {
    return index.search(/** @type {string | RegExp} */ (this.#text), {
      rows,
      ignoreCase: this.#ignoreCase,
      signal,
      onProgress({ rows, total, hits }) {
        onPart?.(rows / total);
        onHits?.(hits);
      },
    });
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
    return this.#text === undefined || this.places(entry, { most: 1 }).length > 0;
  }

  /**
   * Returns where the text to find stands in an entry.
   *
   * @param {Entry} entry read with `{ input: "raw" }`
   * @param {PlacesOptions} options
   * @returns {Place[]} empty when there is no text to find
   */
  places(entry, options) {
    if (this.#text === undefined) return [];
    return places(entry, this.#text, { ...options, ignoreCase: this.#ignoreCase });
  }
}

/**
 * Returns the members that are not undefined.
 *
 * @template {object} T
 * @param {T} members
 * @returns {T}
 */
function given(members) {
  const kept = Object.entries(members).filter(([, value]) => value !== undefined);
  return /** @type {T} */ (Object.fromEntries(kept));
}

/** @param {string} source */
function expressionOf(source) {
  try {
    return new RegExp(source, "u");
  } catch (error) {
    // V8's message quotes the expression before the reason.
    const reason = /** @type {Error} */ (error).message.replace(/^.*: /s, "");
    throw new UsageError(`${JSON.stringify(source)} is no regular expression: ${reason}`);
  }
}
