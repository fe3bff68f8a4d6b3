// The options that several calls take: their defaults, and their checks.

import { invalidArgument, SkillLogError } from "./errors.js";

/** @import { DecodeOptions, FromOptions, Integers, ReadOptions, Sync } from "./types.js" */
/** @import { HttpOptions } from "./storage/storage.js" */

/**
 * Longer than any sane entry, and short enough that the core's memory, 4 GiB, holds it four times.
 */
export const DEFAULT_MAX_LINE_BYTES = 256 * 1024 * 1024;

/** The core holds a line up to four times, in at most 4 GiB of memory. */
export const LARGEST_MAX_LINE_BYTES = 1024 * 1024 * 1024;

/** What a timer takes, in milliseconds: 24 days. */
const LONGEST_WITHIN = 2 ** 31 - 1;

/** The options of every call that reads entries. */
export const DECODE_OPTIONS = ["input", "integers"];

/** The options of every call that reads logs. */
export const READ_OPTIONS = [
  ...DECODE_OPTIONS,
  "strict",
  "onDamage",
  "maxLineBytes",
  "doubtful",
  "signal",
];

/** The options of every call that changes the strings of entries. */
export const REDACT_OPTIONS = ["redact", "maxStringBytes"];

/**
 * Checks that options are an object, and that each property is a known option.
 *
 * @param {any} options
 * @param {readonly string[]} known
 * @param {string} [argument] what the options are called
 */
export function checkOptions(options, known, argument = "options") {
  if (options === undefined) return {};
  if (typeof options !== "object" || options === null)
    throw invalidArgument(argument, options, "an object");
  for (const name of Object.keys(options)) {
    if (!known.includes(name))
      throw new SkillLogError(
        "INVALID_ARGUMENT",
        `${argument}.${name}: unknown option; use only ${known.join(", ")}`,
      );
  }
  return options;
}

/** @param {any} signal */
export function checkSignal(signal) {
  const isSignal =
    typeof signal?.throwIfAborted === "function" && typeof signal.addEventListener === "function";
  if (signal !== undefined && !isSignal)
    throw invalidArgument("options.signal", signal, "an AbortSignal");
}

/**
 * @param {any} sync
 * @returns {Sync | undefined}
 */
export function syncOption(sync) {
  if (sync === undefined || typeof sync === "boolean") return sync;
  if (typeof sync !== "object" || sync === null)
    throw invalidArgument("options.sync", sync, "true, false or { within: milliseconds }");
  const { within } = checkOptions(sync, ["within"], "options.sync");
  if (!Number.isInteger(within) || within < 1 || within > LONGEST_WITHIN) {
    throw invalidArgument(
      "options.sync.within",
      within,
      `a whole number of milliseconds from 1 to ${LONGEST_WITHIN}`,
    );
  }
  return { within };
}

/** Headers that select bytes, or a version of the file. Reading sets them where it needs them. */
const OWN_HEADERS = [
  "accept-encoding",
  "if-match",
  "if-modified-since",
  "if-none-match",
  "if-range",
  "if-unmodified-since",
  "range",
];

/**
 * Checks the options for a log on a server, and copies the headers. No error shows a header,
 * because headers hold secrets, and a wrong name may be one.
 *
 * @param {Pick<FromOptions, "headers" | "fetch">} options
 * @returns {HttpOptions} without the options that are absent
 */
export function httpOptions({ headers, fetch }) {
  if (fetch !== undefined && typeof fetch !== "function")
    throw refusedSecret("fetch", "a function like fetch", `got ${kindOf(fetch)}`);
  return {
    ...(headers !== undefined && { headers: headersOption(headers) }),
    ...(fetch !== undefined && { fetch }),
  };
}

/**
 * Refuses an option without showing its value.
 *
 * @param {string} name
 * @param {string} expected
 * @param {string} why
 */
function refusedSecret(name, expected, why) {
  return new SkillLogError("INVALID_ARGUMENT", `options.${name}: expected ${expected}; ${why}`);
}

/** @param {unknown} value */
function kindOf(value) {
  return value === null ? "null" : `a value of type ${typeof value}`;
}

/**
 * @param {any} given
 * @returns {Record<string, string>}
 */
function headersOption(given) {
  const expected = "a Headers, or an object of names and texts";
  if (typeof given !== "object" || given === null)
    throw refusedSecret("headers", expected, `got ${kindOf(given)}`);
  const pairs =
    typeof given[Symbol.iterator] === "function"
      ? [...given]
      : Object.entries(given).filter(([, value]) => value !== undefined);
  const headers = new Headers();
  for (const [at, pair] of pairs.entries()) {
    try {
      const [name, value] = Array.isArray(pair) ? pair : [];
      if (typeof name !== "string" || typeof value !== "string") throw new TypeError();
      headers.append(name, value);
    } catch {
      // Without the cause, which shows the header.
      throw refusedSecret(
        "headers",
        expected,
        `number ${at + 1} of ${pairs.length} is not a valid header`,
      );
    }
  }
  for (const name of OWN_HEADERS) {
    if (headers.has(name))
      throw refusedSecret("headers", `no ${name}`, "the package sets it where it needs it");
  }
  return Object.fromEntries(headers);
}

/**
 * @param {DecodeOptions | ReadOptions | undefined} options
 * @returns {"parsed" | "raw"}
 */
export function inputOption(options) {
  const input = options?.input ?? "parsed";
  if (input !== "parsed" && input !== "raw")
    throw invalidArgument("options.input", input, '"parsed" or "raw"');
  return input;
}

/**
 * @param {DecodeOptions | ReadOptions | undefined} options
 * @returns {Integers}
 */
export function integersOption(options) {
  const integers = options?.integers ?? "exact";
  if (integers !== "exact" && integers !== "number")
    throw invalidArgument("options.integers", integers, '"exact" or "number"');
  return integers;
}

/**
 * @param {{ maxLineBytes?: number } | undefined} options
 * @param {number} [otherwise]
 * @returns {number}
 */
export function maxLineBytesOption(options, otherwise = DEFAULT_MAX_LINE_BYTES) {
  const limit = options?.maxLineBytes ?? otherwise;
  if (!Number.isInteger(limit) || limit < 1 || limit > LARGEST_MAX_LINE_BYTES) {
    throw invalidArgument(
      "options.maxLineBytes",
      limit,
      `a whole number from 1 to ${LARGEST_MAX_LINE_BYTES}`,
    );
  }
  return limit;
}

/**
 * @param {unknown} offset
 * @param {string} name
 * @param {number} otherwise
 * @returns {number}
 */
export function offsetOption(offset, name, otherwise) {
  if (offset === undefined) return otherwise;
  if (typeof offset !== "number" || !Number.isSafeInteger(offset) || offset < 0) {
    throw invalidArgument(`options.${name}`, offset, "a byte offset, a whole number from 0");
  }
  return offset;
}

/**
 * @param {unknown} from where to start to follow
 * @returns {"end" | number}
 */
export function followedFromOption(from) {
  if (from === undefined || from === "start") return 0;
  if (from === "end") return from;
  if (typeof from !== "number" || !Number.isSafeInteger(from) || from < 0) {
    throw invalidArgument(
      "options.from",
      from,
      '"start", "end", or a byte offset, a whole number from 0',
    );
  }
  return from;
}

/**
 * @param {unknown} mode
 * @param {string} name
 * @param {number} otherwise
 * @returns {number}
 */
export function modeOption(mode, name, otherwise) {
  if (mode === undefined) return otherwise;
  if (typeof mode !== "number" || !Number.isInteger(mode) || mode < 0 || mode > 0o777) {
    throw invalidArgument(`options.${name}`, mode, "permission bits, 0 to 0o777");
  }
  return mode;
}

/** @param {unknown} onDamage */
export function checkOnDamage(onDamage) {
  if (onDamage !== undefined && typeof onDamage !== "function")
    throw invalidArgument("options.onDamage", onDamage, "a function");
}

/** @param {unknown} onChunk */
export function checkOnChunk(onChunk) {
  if (onChunk !== undefined && typeof onChunk !== "function")
    throw invalidArgument("options.onChunk", onChunk, "a function");
}

/**
 * Checks what a repair is to do with doubtful pieces.
 *
 * @param {unknown} doubtful
 */
export function checkDoubtful(doubtful) {
  if (doubtful !== undefined && doubtful !== "keep" && doubtful !== "drop") {
    throw invalidArgument("options.doubtful", doubtful, '"keep" or "drop"');
  }
}

/**
 * Checks the options of calls that report their progress.
 *
 * @param {any} options
 * @param {string[]} [switches] names of options that are true or false
 * @param {string[]} [others] names of options that the caller checks
 */
export function progressOptions(options, switches = [], others = []) {
  const checked = checkOptions(options, ["signal", "onProgress", ...switches, ...others]);
  checkSignal(checked.signal);
  const { onProgress } = checked;
  if (onProgress !== undefined && typeof onProgress !== "function")
    throw invalidArgument("options.onProgress", onProgress, "a function");
  for (const name of switches) {
    const value = checked[name];
    if (value !== undefined && typeof value !== "boolean")
      throw invalidArgument(`options.${name}`, value, "true or false");
  }
  return checked;
}

/**
 * Checks the options of an index.
 *
 * @param {object | undefined} options
 * @param {string[]} [others] names of options that the caller checks
 * @returns {any}
 */
export function indexOptions(options, others = []) {
  const checked = progressOptions(options, [], ["onStart", ...others]);
  const { onStart } = checked;
  if (onStart !== undefined && typeof onStart !== "function")
    throw invalidArgument("options.onStart", onStart, "a function");
  return checked;
}

/**
 * Checks the options that every reading takes, and fills in the defaults.
 *
 * @param {ReadOptions} options
 * @param {number} [maxLineBytes] the limit where the options have none
 */
export function readingOptions(options, maxLineBytes) {
  const { strict = false, doubtful = false, onDamage, signal } = options;
  if (typeof strict !== "boolean") throw invalidArgument("options.strict", strict, "true or false");
  if (typeof doubtful !== "boolean")
    throw invalidArgument("options.doubtful", doubtful, "true or false");
  checkOnDamage(onDamage);
  checkSignal(signal);
  return {
    strict,
    doubtful,
    output: inputOption(options),
    integers: integersOption(options),
    maxLineBytes: maxLineBytesOption(options, maxLineBytes),
    signal,
  };
}
