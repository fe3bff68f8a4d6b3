// Counts rows by time.

import { invalidArgument, SkillLogError } from "../errors.js";
import { columnOf, TEXT_COLUMNS, textsOf } from "./columns.js";

/** @import { Histogram, HistogramOptions } from "../types.js" */
/** @import { RowsOfIndex } from "./columns.js" */

/** The most buckets. */
const MOST_BUCKETS = 100_000;

/** The most counts in all series. */
const MOST_COUNTS = 10_000_000;

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** The widths that are chosen from, in milliseconds. */
const WIDTHS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12].map((count) => count * HOUR),
  ...[1, 2, 7, 14, 30, 91, 182].map((count) => count * DAY),
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].map((count) => count * YEAR),
];

/**
 * Counts rows by time.
 *
 * @param {RowsOfIndex} of
 * @param {HistogramOptions} options
 * @returns {Histogram}
 * @throws {SkillLogError} `INVALID_ARGUMENT`
 */
export function histogramOf(of, { buckets, width, offset = 0, by }) {
  if ((buckets === undefined) === (width === undefined))
    throw new SkillLogError("INVALID_ARGUMENT", "options: expected either buckets or width");
  if (buckets !== undefined) checkWhole("buckets", buckets, 1, MOST_BUCKETS);
  if (width !== undefined) checkWhole("width", width, 1, Number.MAX_SAFE_INTEGER);
  checkWhole("offset", offset, -Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  if (by !== undefined && !TEXT_COLUMNS.includes(by))
    throw invalidArgument("options.by", by, `one of ${TEXT_COLUMNS.join(", ")}`);

  const instants = /** @type {Float64Array} */ (columnOf(of, "timestamp"));
  const scale = scaleOf(instants, offset, buckets, width);
  if (scale.count > MOST_BUCKETS)
    throw invalidArgument(
      "options.width",
      width,
      `at most ${MOST_BUCKETS} buckets, not ${scale.count}`,
    );
  const counts = new Uint32Array(scale.count);
  const bucketOf = (/** @type {number} */ instant) =>
    Math.floor((Math.floor(instant) - scale.start) / scale.width);
  const series = by === undefined ? null : seriesOf(of, by, scale.count);
  for (let at = 0; at < instants.length; at += 1) {
    const bucket = bucketOf(instants[at]);
    counts[bucket] += 1;
    if (series) series.counts[series.codes[at] * scale.count + bucket] += 1;
  }
  return {
    start: scale.start,
    width: scale.width,
    counts,
    ...(series && {
      series: series.texts.map((name, at) => ({
        name,
        counts: series.counts.slice(at * scale.count, (at + 1) * scale.count),
      })),
    }),
  };
}

/**
 * Chooses the buckets: their start, their width and their number.
 *
 * @param {Float64Array} instants
 * @param {number} offset
 * @param {number | undefined} most the most buckets
 * @param {number | undefined} wanted the width
 */
function scaleOf(instants, offset, most, wanted) {
  if (instants.length === 0) return { start: 0, width: wanted ?? 1, count: 0 };
  let [first, last] = [Infinity, -Infinity];
  for (const instant of instants) {
    if (instant < first) first = instant;
    if (instant > last) last = instant;
  }
  first = Math.floor(first);
  last = Math.floor(last);
  const aligned = (/** @type {number} */ width) => {
    const start = Math.floor((first - offset) / width) * width + offset;
    return { start, width, count: Math.floor((last - start) / width) + 1 };
  };
  if (wanted !== undefined) return aligned(wanted);
  const atMost = /** @type {number} */ (most);
  const width = WIDTHS.find((width) => aligned(width).count <= atMost);
  if (width !== undefined) return aligned(width);
  // Times before and after `offset` never fit a single bucket that starts there.
  const exact = Math.ceil((last - first + 1) / atMost);
  return { start: first, width: exact, count: Math.floor((last - first) / exact) + 1 };
}

/**
 * @param {RowsOfIndex} of
 * @param {string} by
 * @param {number} buckets
 */
function seriesOf(of, by, buckets) {
  const { codes, texts } = textsOf(of, by);
  const count = texts.length * buckets;
  if (count > MOST_COUNTS)
    throw new SkillLogError(
      "INVALID_ARGUMENT",
      `options: ${texts.length} series of ${buckets} buckets are over ${MOST_COUNTS} counts: use fewer buckets`,
    );
  return { codes, texts, counts: new Uint32Array(count) };
}

/**
 * @param {string} name
 * @param {unknown} value
 * @param {number} least
 * @param {number} most
 */
function checkWhole(name, value, least, most) {
  const isWhole = typeof value === "number" && Number.isSafeInteger(value);
  if (!isWhole || value < least || value > most)
    throw invalidArgument(`options.${name}`, value, `a whole number from ${least} to ${most}`);
}
