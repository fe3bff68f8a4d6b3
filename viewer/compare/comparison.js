// Two sessions beside each other: their figures, and their rows in pairs.

import { alignedRows } from "./alignment.js";

/**
 * The columns of a session's rows. The codes of both sessions stand for the same texts.
 *
 * @typedef {object} Columns
 * @property {Uint32Array} skills codes
 * @property {Uint32Array} phases codes
 * @property {Uint32Array} statuses codes
 * @property {Float64Array} durations in milliseconds; 0: not known
 * @property {Float64Array} attempts
 * @property {Uint8Array} verified whether the last attempt is
 * @property {Uint8Array} firstVerified whether the first attempt is
 *
 * @typedef {object} Figures
 * @property {number} entries
 * @property {number} tried entries with attempts
 * @property {number} verified entries whose last attempt is verified
 * @property {number} firstTry entries whose first attempt is verified
 * @property {number} time of all entries, in milliseconds
 * @property {number | null} median of the durations that are known, by nearest rank; null: none is
 *
 * @typedef {[left: Figures, right: Figures]} FigurePair
 *
 * @typedef {{ code: number, figures: FigurePair }} Group
 */

/** How a row of the comparison may be. */
export const KINDS = /** @type {const} */ ([
  "alike",
  "outcome",
  "longer",
  "shorter",
  "left",
  "right",
]);

/** @typedef {typeof KINDS[number]} Kind */

/** From which factor, and from how many milliseconds on, an entry is longer than another. */
const LONGER = 1.25;
const LONGER_BY = 1000;

/**
 * Rows of the comparison, in the order of both sessions.
 *
 * @typedef {object} Pairs
 * @property {Int32Array} left positions of left entries; -1: none
 * @property {Int32Array} right positions of right entries; -1: none
 * @property {Uint8Array} kinds positions in `KINDS`
 *
 * @typedef {object} Comparison
 * @property {FigurePair} all
 * @property {Group[]} skills the one with the most entries first
 * @property {Group[]} statuses the one with the most entries first
 * @property {Pairs} pairs
 * @property {boolean} isExact whether no alignment has more pairs
 */

/**
 * Compares two sessions.
 *
 * @param {object} wanted
 * @param {Columns} wanted.left
 * @param {Columns} wanted.right
 * @param {number} [wanted.most] about how many steps the alignment may take
 * @returns {Comparison}
 */
export function comparisonOf({ left, right, most }) {
  const [one, other] = rowCodes(left, right);
  const { partners, isExact } = alignedRows(one, other, { most });
  return {
    all: [figuresOf(left), figuresOf(right)],
    skills: groupsBy("skills", left, right),
    statuses: groupsBy("statuses", left, right),
    pairs: pairsOf(left, right, partners),
    isExact,
  };
}

/**
 * Returns for each row a number that stands for its skill and its phase.
 *
 * @param {Columns} left
 * @param {Columns} right
 */
function rowCodes(left, right) {
  /** @type {Map<number, number>} */
  const numbers = new Map();
  return [left, right].map(({ skills, phases }) =>
    skills.map((skill, at) => {
      // Codes are positions in lists, which have fewer than 2^26 texts.
      const sum = skill * 2 ** 26 + phases[at];
      const number = numbers.get(sum) ?? numbers.size;
      numbers.set(sum, number);
      return number;
    }),
  );
}

/**
 * Returns the rows of the comparison.
 *
 * @param {Columns} left
 * @param {Columns} right
 * @param {Int32Array} partners as `alignedRows` returns them
 * @returns {Pairs}
 */
export function pairsOf(left, right, partners) {
  const [lefts, rights] = [left.skills.length, right.skills.length];
  const paired = partners.reduce((count, partner) => count + Number(partner >= 0), 0);
  const length = lefts + rights - paired;
  const pairs = {
    left: new Int32Array(length).fill(-1),
    right: new Int32Array(length).fill(-1),
    kinds: new Uint8Array(length),
  };
  let at = 0;
  let next = 0;
  const addRights = (/** @type {number} */ end) => {
    for (; next < end; next += 1, at += 1) {
      pairs.right[at] = next;
      pairs.kinds[at] = KINDS.indexOf("right");
    }
  };
  for (let row = 0; row < lefts; row += 1, at += 1) {
    const partner = partners[row];
    if (partner >= 0) addRights(partner);
    pairs.left[at] = row;
    if (partner >= 0) pairs.right[at] = next++;
    pairs.kinds[at] = KINDS.indexOf(partner < 0 ? "left" : kindOfPair(left, row, right, partner));
  }
  addRights(rights);
  return pairs;
}

/**
 * @param {Columns} left
 * @param {number} row
 * @param {Columns} right
 * @param {number} partner
 * @returns {Kind}
 */
function kindOfPair(left, row, right, partner) {
  if (left.statuses[row] !== right.statuses[partner]) return "outcome";
  if (left.verified[row] !== right.verified[partner]) return "outcome";
  const [before, after] = [left.durations[row], right.durations[partner]];
  // Nothing is known of an entry without a duration.
  if (before === 0 || after === 0 || Math.abs(after - before) < LONGER_BY) return "alike";
  if (after >= before * LONGER) return "longer";
  return before >= after * LONGER ? "shorter" : "alike";
}

/**
 * @param {"skills" | "statuses"} column
 * @param {Columns} left
 * @param {Columns} right
 * @returns {Group[]}
 */
function groupsBy(column, left, right) {
  const sides = [left, right].map((columns) => positionsBy(columns[column]));
  const codes = new Set(sides.flatMap((side) => [...side.keys()]));
  const groups = Array.from(codes, (code) => {
    const [one, other] = [left, right].map((columns, side) =>
      figuresOf(columns, sides[side].get(code) ?? []),
    );
    return { code, figures: /** @type {FigurePair} */ ([one, other]) };
  });
  const entries = (/** @type {Group} */ { figures: [one, other] }) => one.entries + other.entries;
  return groups.sort((one, other) => entries(other) - entries(one) || one.code - other.code);
}

/**
 * @param {Uint32Array} codes
 * @returns {Map<number, number[]>}
 */
function positionsBy(codes) {
  /** @type {Map<number, number[]>} */
  const positions = new Map();
  for (let at = 0; at < codes.length; at += 1) {
    const some = positions.get(codes[at]);
    if (some) some.push(at);
    else positions.set(codes[at], [at]);
  }
  return positions;
}

/**
 * Returns the figures of some rows.
 *
 * @param {Columns} columns
 * @param {Iterable<number>} [rows] positions. Default: all
 * @returns {Figures}
 */
function figuresOf(columns, rows = columns.skills.keys()) {
  const figures = { entries: 0, tried: 0, verified: 0, firstTry: 0, time: 0 };
  /** @type {number[]} */
  const durations = [];
  for (const at of rows) {
    figures.entries += 1;
    if (columns.attempts[at] > 0) figures.tried += 1;
    figures.verified += columns.verified[at];
    figures.firstTry += columns.firstVerified[at];
    figures.time += columns.durations[at];
    if (columns.durations[at] !== 0) durations.push(columns.durations[at]);
  }
  return { ...figures, median: medianOf(durations) };
}

/** @param {number[]} values */
function medianOf(values) {
  if (values.length === 0) return null;
  return Float64Array.from(values).sort()[Math.ceil(values.length / 2) - 1];
}
