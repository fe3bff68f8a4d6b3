// What changed from one output to another, line by line, and within lines word by word. Every step
// is bounded: in lines, in edits and in time.

import { diffArrays, diffWordsWithSpace } from "diff";

import { withoutSequences } from "./terminal-text.js";

/**
 * Text of a line, and whether it changed within the line.
 *
 * @typedef {[text: string, isChanged: boolean]} Word
 *
 * @typedef {object} ChangedRow
 * @property {Word[]} [left] absent where a line was added
 * @property {Word[]} [right] absent where a line was removed
 *
 * @typedef {object} SameBlock lines that both have
 * @property {"same"} kind
 * @property {number} left the number of its first line in the left text, from 1
 * @property {number} right
 * @property {number} lines how many
 * @property {string[]} head the first of them
 * @property {string[]} tail the last of them; `lines` is more than both where some are left out
 *
 * @typedef {object} ChangeBlock
 * @property {"change"} kind
 * @property {number} left
 * @property {number} right
 * @property {ChangedRow[]} rows
 * @property {number} hidden how many more rows there would be
 *
 * @typedef {object} Difference
 * @property {(SameBlock | ChangeBlock)[]} blocks
 * @property {number} removed lines
 * @property {number} added lines
 * @property {boolean} isAligned false where the texts differ too much: only their starts and ends
 *   were compared
 */

/** The most edits of lines that are looked for: more take too much memory and time. */
const MOST_EDITS = 1500;
/** How long lines are aligned, in milliseconds. */
const LINES_TIME = 1000;
/** How long words are aligned in all, and in one pair of lines. */
const WORDS_TIME = 400;
const PAIR_TIME = 30;
/** A longer line is not divided into words, and is cut. */
const LONG_LINE = 2000;
/** The most lines of each text that are aligned. */
const MOST_LINES = 50_000;
/** The most rows of all changes together. */
const MOST_ROWS = 4000;
/** The most lines of a block that both have, at its start and at its end. */
const SAME_SHOWN = 60;
/** The most pairs of lines that are compared with each other to find which belong together. */
const MOST_PAIRS = 400;

/**
 * Compares two texts.
 *
 * @param {string} left
 * @param {string} right
 * @param {object} [options]
 * @param {boolean} [options.ignoresNumbers] whether lines are alike that differ in numbers alone
 * @param {() => number} [options.now] in milliseconds
 * @returns {Difference}
 */
export function differenceOf(left, right, { ignoresNumbers = false, now = Date.now } = {}) {
  const [old, young] = [linesOf(left), linesOf(right)];
  const [one, other] = ignoresNumbers
    ? [old, young].map((lines) => lines.map((line) => line.replace(/\d+(?:[.,]\d+)*/g, "0")))
    : [old, young];
  const most = Math.min(one.length, other.length);
  let head = 0;
  while (head < most && one[head] === other[head]) head += 1;
  let tail = 0;
  while (tail < most - head && one[one.length - 1 - tail] === other[other.length - 1 - tail])
    tail += 1;
  const middle = [one, other].map((lines) => lines.slice(head, lines.length - tail));
  const changes = alignedLines(middle[0], middle[1]);

  /** @type {Difference} */
  const difference = { blocks: [], removed: 0, added: 0, isAligned: changes !== null };
  const budget = { rows: MOST_ROWS, until: now() + WORDS_TIME, now };
  let [leftAt, rightAt] = [0, 0];
  const same = (/** @type {number} */ count) => {
    if (count === 0) return;
    difference.blocks.push(sameBlock(young, leftAt, rightAt, count));
    leftAt += count;
    rightAt += count;
  };
  const change = (/** @type {number} */ removed, /** @type {number} */ added) => {
    difference.removed += removed;
    difference.added += added;
    const [gone, come] = [
      old.slice(leftAt, leftAt + removed),
      young.slice(rightAt, rightAt + added),
    ];
    difference.blocks.push({
      kind: "change",
      left: leftAt + 1,
      right: rightAt + 1,
      ...changedRows(gone, come, budget),
    });
    leftAt += removed;
    rightAt += added;
  };
  same(head);
  for (const step of changes ?? [{ removed: middle[0].length, added: middle[1].length }]) {
    if ("same" in step) same(step.same);
    else change(step.removed, step.added);
  }
  same(tail);
  return difference;
}

/** @param {string} text */
function linesOf(text) {
  const lines = withoutSequences(text).replaceAll("\r\n", "\n").split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/**
 * Returns how lines become other lines, or null where that takes too many edits.
 *
 * @param {string[]} old
 * @param {string[]} young
 * @returns {({ same: number } | { removed: number, added: number })[] | null}
 */
function alignedLines(old, young) {
  if (old.length === 0 && young.length === 0) return [];
  if (Math.max(old.length, young.length) > MOST_LINES) return null;
  // Numbers are compared faster than lines, which may be long and alike.
  /** @type {Map<string, number>} */
  const numbers = new Map();
  const numbered = (/** @type {string[]} */ lines) =>
    lines.map((line) => {
      const number = numbers.get(line) ?? numbers.size + 1;
      numbers.set(line, number);
      return number;
    });
  const parts = diffArrays(numbered(old), numbered(young), {
    maxEditLength: MOST_EDITS,
    timeout: LINES_TIME,
  });
  if (!parts) return null;
  /** @type {({ same: number } | { removed: number, added: number })[]} */
  const steps = [];
  for (const { added, removed, value } of parts) {
    const count = value.length;
    const last = steps.at(-1);
    if (!added && !removed) steps.push({ same: count });
    else if (last && "removed" in last) {
      if (removed) last.removed += count;
      else last.added += count;
    } else steps.push({ removed: removed ? count : 0, added: added ? count : 0 });
  }
  return steps;
}

/**
 * @param {string[]} lines the right ones
 * @param {number} left
 * @param {number} right
 * @param {number} count
 * @returns {SameBlock}
 */
function sameBlock(lines, left, right, count) {
  const all = lines.slice(right, right + count);
  const isShort = count <= 2 * SAME_SHOWN;
  return {
    kind: "same",
    left: left + 1,
    right: right + 1,
    lines: count,
    head: (isShort ? all : all.slice(0, SAME_SHOWN)).map(cut),
    tail: (isShort ? [] : all.slice(-SAME_SHOWN)).map(cut),
  };
}

/**
 * @param {string[]} gone
 * @param {string[]} come
 * @param {{ rows: number, until: number, now: () => number }} budget
 * @returns {{ rows: ChangedRow[], hidden: number }}
 */
function changedRows(gone, come, budget) {
  const pairs = pairsOf(gone, come);
  const shown = pairs.slice(0, budget.rows);
  budget.rows -= shown.length;
  const rows = shown.map(([left, right]) => {
    if (left === undefined) return { right: plain(come[/** @type {number} */ (right)]) };
    if (right === undefined) return { left: plain(gone[left]) };
    return rowOf(gone[left], come[right], budget);
  });
  return { rows, hidden: pairs.length - shown.length };
}

/** @param {string} line @returns {Word[]} */
function plain(line) {
  return [[cut(line), false]];
}

/**
 * Returns a row of two lines, with the words that changed where the lines are alike.
 *
 * @param {string} left
 * @param {string} right
 * @param {{ until: number, now: () => number }} budget
 * @returns {ChangedRow}
 */
function rowOf(left, right, { until, now }) {
  const isLong = Math.max(left.length, right.length) > LONG_LINE;
  const parts =
    isLong || now() > until
      ? undefined
      : diffWordsWithSpace(left, right, { maxEditLength: 200, timeout: PAIR_TIME });
  const common = parts?.reduce(
    (sum, { added, removed, value }) => sum + (added || removed ? 0 : value.trim().length),
    0,
  );
  if (!parts || (common ?? 0) * 3 < Math.max(left.trim().length, right.trim().length))
    return { left: plain(left), right: plain(right) };
  /** @type {(isOther: "added" | "removed", isChanged: "added" | "removed") => Word[]} */
  const side = (other, own) =>
    parts.flatMap((part) =>
      part[other] ? [] : [/** @type {Word} */ ([part.value, part[own] === true])],
    );
  return { left: side("added", "removed"), right: side("removed", "added") };
}

/**
 * Returns which lines stand beside each other: in their order, those that are most alike.
 *
 * @param {string[]} gone
 * @param {string[]} come
 * @returns {[left: number | undefined, right: number | undefined][]}
 */
function pairsOf(gone, come) {
  const [rows, columns] = [gone.length, come.length];
  if (rows * columns > MOST_PAIRS || rows === columns || rows === 0 || columns === 0)
    return Array.from({ length: Math.max(rows, columns) }, (_, at) => [
      at < rows ? at : undefined,
      at < columns ? at : undefined,
    ]);
  const words = [gone, come].map((lines) => lines.map(wordSet));
  // best[i][j]: the most likeness of gone[i…] and come[j…].
  const best = Array.from({ length: rows + 1 }, () => new Float64Array(columns + 1));
  const alike = (/** @type {number} */ i, /** @type {number} */ j) =>
    likeness(words[0][i], words[1][j]);
  for (let i = rows - 1; i >= 0; i -= 1)
    for (let j = columns - 1; j >= 0; j -= 1)
      best[i][j] = Math.max(best[i + 1][j], best[i][j + 1], alike(i, j) + best[i + 1][j + 1]);
  /** @type {[number | undefined, number | undefined][]} */
  const pairs = [];
  let [i, j] = [0, 0];
  while (i < rows || j < columns) {
    const isPair = i < rows && j < columns && alike(i, j) > 0.3;
    if (isPair && best[i][j] === alike(i, j) + best[i + 1][j + 1]) pairs.push([i++, j++]);
    else if (j === columns || (i < rows && best[i][j] === best[i + 1][j]))
      pairs.push([i++, undefined]);
    else pairs.push([undefined, j++]);
  }
  return pairs;
}

/** @param {string} line */
function wordSet(line) {
  return new Set(line.slice(0, LONG_LINE).match(/[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu));
}

/**
 * Returns how alike two sets of words are, 0 to 1.
 *
 * @param {Set<string>} one
 * @param {Set<string>} other
 */
function likeness(one, other) {
  let common = 0;
  for (const word of one) if (other.has(word)) common += 1;
  return one.size + other.size === 0 ? 0 : (2 * common) / (one.size + other.size);
}

/** @param {string} line */
function cut(line) {
  if (line.length <= LONG_LINE) return line;
  const end = /[\udc00-\udfff]/.test(line[LONG_LINE]) ? LONG_LINE - 1 : LONG_LINE;
  return `${line.slice(0, end)} … ${(line.length - end).toLocaleString("en")} more`;
}
