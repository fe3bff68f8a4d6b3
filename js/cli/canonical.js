// The line of an entry, as it leaves this program.

import { isUtf8 } from "node:buffer";

import { encode } from "../index.js";
import { instantOf } from "./selection/times.js";

/** @import { Entry } from "../types.js" */

/** What Go reads and refuses to write: an offset of a day or more. */
const UNWRITABLE = /[+-]2[45]:\d\d$/;

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
export function datable(entry) {
  if (!UNWRITABLE.test(entry.timestamp)) return entry;
  const [seconds, nanoseconds] = instantOf(entry.timestamp);
  const fraction = nanoseconds === 0 ? "" : `.${String(nanoseconds).padStart(9, "0").replace(/0+$/, "")}`;
  return { ...entry, timestamp: new Date(writableSeconds(seconds) * 1000).toISOString().replace(".000Z", `${fraction}Z`) };
}

/**
 * Gives the nearest instant that four digits of a year can say.
 *
 * @param {number} seconds since 1970
 */
export function writableSeconds(seconds) {
  return Math.min(Math.max(seconds, FIRST), LAST);
}

/**
 * Gives the canonical line of an entry, its line end included, as valid UTF-8: in what is not, in its `input`, U+FFFD is in the place of
 * what nobody could read.
 *
 * @param {Entry} entry read with `{ input: "raw" }`, so that nothing else of it changes
 * @returns {Uint8Array}
 */
export function canonicalBytes(entry) {
  const line = encode(datable(entry));
  return isUtf8(line) ? line : Buffer.from(Buffer.from(line).toString());
}
