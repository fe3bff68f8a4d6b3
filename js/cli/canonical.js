// Turns an entry into the line that this program writes.

import { isUtf8 } from "node:buffer";

import { encode, RawJson } from "../index.js";
import { withoutLoneSurrogates } from "./json-text.js";
import { instantOf } from "./selection/times.js";

/** @import { Entry, LinesChunk } from "../types.js" */

/** Matches an offset of a day or more: Go reads such a timestamp, but refuses to write it. */
const UNWRITABLE_OFFSET = /[+-]2[45]:\d\d$/;

/** How the JSON escape of a surrogate starts. */
const SURROGATES = ["\\ud", "\\uD"].map((start) => Buffer.from(start));

/** The first and last second of the years 0 to 9999, counted from 1970. */
const FIRST = Date.parse("0000-01-01T00:00:00Z") / 1000;
const LAST = Date.parse("9999-12-31T23:59:59Z") / 1000;

/**
 * Returns an entry whose timestamp can be written. An offset of a day or more is converted to UTC;
 * an instant outside the years 0 to 9999 becomes the nearest one inside them.
 *
 * @param {Entry} entry
 * @returns {Entry} the same object when nothing had to change
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
 * Returns the nearest second within the years 0 to 9999.
 *
 * @param {number} seconds since 1970
 */
export function nearestWritableSecond(seconds) {
  return Math.min(Math.max(seconds, FIRST), LAST);
}

/**
 * Returns an entry whose `input` every JSON reader accepts: U+FFFD replaces bytes that are not
 * UTF-8 and surrogates that have no partner.
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
 * Counts what `canonicalBytes` changes of an entry, as the package counts it for `lines`.
 *
 * @param {Entry} entry read with `{ input: "raw" }`
 * @returns {LinesChunk["changed"]}
 */
export function changesOf(entry) {
  const input = /** @type {RawJson | undefined} */ (entry.input);
  return {
    timestamps: Number(withWritableTimestamp(entry) !== entry),
    invalidUtf8: Number(input !== undefined && !isUtf8(input.bytes)),
    loneSurrogates: Number(input !== undefined && hasLoneSurrogates(input)),
  };
}

/**
 * Reports whether a value has a surrogate without its partner.
 *
 * @param {RawJson} input
 */
function hasLoneSurrogates(input) {
  if (!mayHaveLoneSurrogates(input)) return false;
  const { text } = input;
  return withoutLoneSurrogates(text) !== text;
}

/**
 * Reports whether a value may have the escape of a surrogate, without decoding the value to a
 * string.
 *
 * @param {RawJson} input
 */
function mayHaveLoneSurrogates({ bytes }) {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return SURROGATES.some((start) => buffer.includes(start));
}

/**
 * Returns the canonical line of an entry, with its line end.
 *
 * @param {Entry} entry read with `{ input: "raw" }`, so that its numbers are not rounded
 * @returns {Uint8Array}
 */
export function canonicalBytes(entry) {
  return encode(withWellFormedInput(withWritableTimestamp(entry)));
}
