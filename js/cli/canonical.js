// The line of an entry, as it leaves this program.

import { isUtf8 } from "node:buffer";

import { encode, RawJson } from "../index.js";
import { withoutLoneSurrogates } from "./json-text.js";
import { instantOf } from "./selection/times.js";

/** @import { Entry } from "../types.js" */

/** What Go reads and refuses to write: an offset of a day or more. */
const UNWRITABLE_OFFSET = /[+-]2[45]:\d\d$/;

/** What the escape of a surrogate starts with. */
const SURROGATES = ["\\ud", "\\uD"].map((start) => Buffer.from(start));

/** The first instant that four digits of a year can say, and the last, in seconds since 1970. */
const FIRST = Date.parse("0000-01-01T00:00:00Z") / 1000;
const LAST = Date.parse("9999-12-31T23:59:59Z") / 1000;

/**
 * Gives an entry with a timestamp that can be written: itself; or, where its offset is a day or more, the same instant in UTC, and the
 * nearest one that has a year of four digits.
 *
 * @param {Entry} entry
 * @returns {Entry}
 */
export function withWritableTimestamp(entry) {
  if (!UNWRITABLE_OFFSET.test(entry.timestamp)) return entry;
  const [seconds, nanoseconds] = instantOf(entry.timestamp);
  const fraction =
    nanoseconds === 0 ? "" : `.${String(nanoseconds).padStart(9, "0").replace(/0+$/, "")}`;
  return {
    ...entry,
    timestamp: new Date(nearestWritableSecond(seconds) * 1000)
      .toISOString()
      .replace(".000Z", `${fraction}Z`),
  };
}

/**
 * Gives the nearest instant that four digits of a year can say.
 *
 * @param {number} seconds since 1970
 */
export function nearestWritableSecond(seconds) {
  return Math.min(Math.max(seconds, FIRST), LAST);
}

/**
 * Returns an entry whose `input` every reader takes: itself; or, where bytes of its `input` are not UTF-8, or where it has half a
 * surrogate pair, one that has U+FFFD in their place.
 *
 * @param {Entry} entry read with `{ input: "raw" }`
 * @returns {Entry}
 */
export function withWellFormedInput(entry) {
  const input = /** @type {RawJson | undefined} */ (entry.input);
  if (input === undefined || (isUtf8(input.bytes) && !mayHaveLoneSurrogates(input))) return entry;
  return { ...entry, input: new RawJson(withoutLoneSurrogates(input.text)) };
}

/**
 * Tells whether there is half a surrogate pair in a value.
 *
 * @param {RawJson} input
 */
export function hasLoneSurrogates(input) {
  if (!mayHaveLoneSurrogates(input)) return false;
  const { text } = input;
  return withoutLoneSurrogates(text) !== text;
}

/**
 * Tells whether there may be an escape of a surrogate, without making a string of the value.
 *
 * @param {RawJson} input
 */
function mayHaveLoneSurrogates({ bytes }) {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return SURROGATES.some((start) => buffer.includes(start));
}

/**
 * Returns the canonical line of an entry, its line end included, as every reader takes it.
 *
 * @param {Entry} entry read with `{ input: "raw" }`, so that nothing else of it changes
 * @returns {Uint8Array}
 */
export function canonicalBytes(entry) {
  return encode(withWellFormedInput(withWritableTimestamp(entry)));
}
