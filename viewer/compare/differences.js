// Figures of two sessions as texts, with their difference.

import { countText } from "../app/figures.js";
import { lengthText } from "../time/times.js";

/** @import { Tone } from "../app/tones.js" */
/** @import { Figures } from "./comparison.js" */

/**
 * A figure of both sessions.
 *
 * @typedef {object} Compared
 * @property {string} left
 * @property {string} right
 * @property {string} difference with its sign; empty where there is none to speak of
 * @property {Tone} tone whether the difference is for the better
 */

/**
 * @typedef {object} Measure
 * @property {string} title
 * @property {string} [about] what it is of, for people
 * @property {(left: Figures, right: Figures) => Compared} compared
 */

/** Stands for a figure that a session has not. */
export const NONE = "–";

/** From how many percent on another time is better or worse, and not just another. */
const NOTABLE = 5;

/** @type {Record<"entries" | "verified" | "firstTry" | "time" | "median", Measure>} */
export const MEASURES = {
  entries: {
    title: "Entries",
    compared: (left, right) => ({
      left: countText(left.entries),
      right: countText(right.entries),
      difference: signed(right.entries - left.entries, countText),
      tone: "plain",
    }),
  },
  verified: {
    title: "Verified",
    about: "of the entries with attempts, those whose last attempt is verified",
    compared: (left, right) =>
      comparedRates(rate(left.verified, left.tried), rate(right.verified, right.tried)),
  },
  firstTry: {
    title: "First try",
    about: "of the entries with attempts, those whose first attempt is verified",
    compared: (left, right) =>
      comparedRates(rate(left.firstTry, left.tried), rate(right.firstTry, right.tried)),
  },
  time: {
    title: "Time in all",
    about: "the durations of all entries together",
    compared: (left, right) => comparedTimes(left.time || null, right.time || null),
  },
  median: {
    title: "Median time",
    about: "half of the entries with a duration took no longer",
    compared: (left, right) => comparedTimes(left.median, right.median),
  },
};

/**
 * Returns the measure of which part of all entries some are.
 *
 * @param {Figures} allLeft
 * @param {Figures} allRight
 * @returns {Measure}
 */
export function shareMeasure(allLeft, allRight) {
  return {
    title: "Share",
    about: "of all entries of the session",
    compared: (left, right) => ({
      ...comparedRates(rate(left.entries, allLeft.entries), rate(right.entries, allRight.entries)),
      tone: "plain",
    }),
  };
}

/**
 * @param {number} part
 * @param {number} whole
 */
function rate(part, whole) {
  return whole === 0 ? null : part / whole;
}

/**
 * @param {number | null} left 0 to 1
 * @param {number | null} right
 * @returns {Compared}
 */
export function comparedRates(left, right) {
  const [before, after] = [left, right].map((part) => Math.round((part ?? 0) * 1000) / 10);
  const text = (/** @type {number | null} */ part, /** @type {number} */ percent) =>
    part === null ? NONE : `${percent} %`;
  const points = left === null || right === null ? 0 : Math.round((after - before) * 10) / 10;
  return {
    left: text(left, before),
    right: text(right, after),
    difference: signed(points, (size) => `${size} ${size === 1 ? "point" : "points"}`),
    tone: toneOfSign(points),
  };
}

/**
 * @param {number | null} left in milliseconds; null: not known
 * @param {number | null} right
 * @returns {Compared}
 */
export function comparedTimes(left, right) {
  const more = left === null || right === null ? 0 : right - left;
  const part = left ? Math.round((Math.abs(more) / left) * 100) : 0;
  const sign = more < 0 ? "−" : "+";
  return {
    left: left === null ? NONE : lengthText(left),
    right: right === null ? NONE : lengthText(right),
    difference: `${signed(more, lengthText)}${part > 0 ? ` (${sign}${countText(part)} %)` : ""}`,
    tone: part < NOTABLE ? "plain" : toneOfSign(-more),
  };
}

/**
 * Returns a number with its sign.
 *
 * @param {number} number
 * @param {(size: number) => string} text
 * @returns {string} empty for 0
 */
export function signed(number, text) {
  if (number === 0) return "";
  return `${number < 0 ? "−" : "+"}${text(Math.abs(number))}`;
}

/** @param {number} number @returns {Tone} */
function toneOfSign(number) {
  if (number === 0) return "plain";
  return number > 0 ? "good" : "bad";
}
