// Which parts of a long text are shown: its start and its end at first, and more on request.

/**
 * A part of a text in UTF-16 units, without `to`.
 *
 * @typedef {{ from: number, to: number }} Part
 */

/** The most lines of a part that is added, and of the start that is shown at first. */
const PAGE_LINES = 200;

/** The most UTF-16 units of such a part. */
const PAGE_UNITS = 16_384;

/** What is shown at first of a text that is longer than both of these. */
const START = { lines: 40, units: 4_000 };
const END = { lines: 20, units: 2_000 };

/** A gap up to this length is shown as a whole on request. */
export const MOST_AT_ONCE = 262_144;

/** The most UTF-16 units whose lines are counted: that takes some 2 ms. */
const MOST_COUNTED = 4_000_000;

/**
 * Returns the parts of a text that are shown at first.
 *
 * @param {string} text
 * @param {"both" | "start"} [ends] which ends of a long text
 * @returns {Part[]}
 */
export function firstParts(text, ends = "both") {
  const to = pageEnd(text, 0, START);
  const from = ends === "both" ? pageStart(text, text.length, END) : text.length;
  // A gap of a few lines would take as much space as the lines.
  const isShort = from - to < 400 && (linesIn(text, to, from) ?? 0) < 4;
  if (to >= from || isShort) return [{ from: 0, to: text.length }];
  return from < text.length
    ? [
        { from: 0, to },
        { from, to: text.length },
      ]
    : [{ from: 0, to }];
}

/**
 * Returns the parts that are not shown.
 *
 * @param {string} text
 * @param {readonly Part[]} parts
 * @returns {Part[]}
 */
export function gapsIn(text, parts) {
  const ends = [0, ...parts.map(({ to }) => to)];
  const starts = [...parts.map(({ from }) => from), text.length];
  return ends.map((from, at) => ({ from, to: starts[at] })).filter(({ from, to }) => from < to);
}

/**
 * Adds a page at the start or the end of a gap.
 *
 * @param {string} text
 * @param {readonly Part[]} parts
 * @param {Part} gap
 * @param {"start" | "end" | "all"} where
 * @returns {Part[]}
 */
export function withPage(text, parts, gap, where) {
  const page = { lines: PAGE_LINES, units: PAGE_UNITS };
  const from = where === "end" ? Math.max(gap.from, pageStart(text, gap.to, page)) : gap.from;
  const to = where === "start" ? Math.min(gap.to, pageEnd(text, gap.from, page)) : gap.to;
  return withPart(parts, { from, to });
}

/**
 * Adds the lines around a place, where the place is not shown.
 *
 * @param {string} text
 * @param {readonly Part[]} parts
 * @param {number} at
 * @returns {readonly Part[]} the same parts where it is shown
 */
export function withPlace(text, parts, at) {
  const gap = gapsIn(text, parts).find(({ from, to }) => from <= at && at < to);
  if (!gap) return parts;
  const around = { lines: 10, units: 2_000 };
  const from = Math.max(gap.from, pageStart(text, at, around));
  const to = Math.min(gap.to, Math.max(at + 1, pageEnd(text, at, around)));
  return withPart(parts, { from, to });
}

/**
 * @param {readonly Part[]} parts
 * @param {Part} added
 */
function withPart(parts, added) {
  // Parts that touch stay apart, so that what is drawn of each stays too.
  return [...parts, added].sort((one, other) => one.from - other.from);
}

/**
 * Returns the number of lines in a part, or null where counting would take too long.
 *
 * @param {string} text
 * @param {number} from
 * @param {number} to
 */
export function linesIn(text, from, to) {
  if (to - from > MOST_COUNTED) return null;
  let lines = 0;
  for (let at = text.indexOf("\n", from); at !== -1 && at < to; at = text.indexOf("\n", at + 1))
    lines += 1;
  return lines + (to > from && text[to - 1] !== "\n" ? 1 : 0);
}

/**
 * Returns where a page ends that starts at a place: after a line end where there is one.
 *
 * @param {string} text
 * @param {number} from
 * @param {{ lines: number, units: number }} most
 */
function pageEnd(text, from, { lines, units }) {
  const limit = Math.min(text.length, from + units);
  // A slice, because `indexOf` in a long text without a line end would look at all of it.
  const page = text.slice(from, limit);
  let at = 0;
  for (let count = 0; count < lines; count += 1) {
    const end = page.indexOf("\n", at);
    if (end === -1) {
      if (limit === text.length) return limit;
      // The line is cut unless whole lines fill half of the page.
      return at > units / 2 ? from + at : whole(text, limit);
    }
    at = end + 1;
  }
  return from + at;
}

/**
 * Returns where a page starts that ends at a place.
 *
 * @param {string} text
 * @param {number} to
 * @param {{ lines: number, units: number }} most
 */
function pageStart(text, to, { lines, units }) {
  const limit = Math.max(0, to - units);
  const page = text.slice(limit, to);
  let at = page.length;
  for (let count = 0; count < lines; count += 1) {
    const end = at < 2 ? -1 : page.lastIndexOf("\n", at - 2);
    if (end === -1) {
      if (limit === 0) return 0;
      return page.length - at > units / 2 ? limit + at : whole(text, limit);
    }
    at = end + 1;
  }
  return limit + at;
}

/**
 * Returns a place that is not inside a pair of surrogates.
 *
 * @param {string} text
 * @param {number} at
 */
function whole(text, at) {
  return /[\udc00-\udfff]/.test(text.charAt(at)) ? at - 1 : at;
}
