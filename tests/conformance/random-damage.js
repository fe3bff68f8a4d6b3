/** @import { Random } from "./random.js" */

/** Bytes and words that change the state of a JSON scanner. */
const tokens = [
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  '"',
  "\\",
  "/",
  "-",
  "+",
  ".",
  "0",
  "9",
  "e",
  "E",
  "u",
  "n",
  "t",
  "f",
  " ",
  "\n",
  "\r",
  "\t",
  "\0",
  "\x1f",
  "\x7f",
  "\x80",
  "\xc2",
  "\xe2\x80\xa8",
  "\xed\xa0\x80",
  "\xef\xbb\xbf",
  "\xf0\x9f\x98\x80",
  "\xff",
  "\\u",
  "\\ud83d",
  "\\ude00",
  "\\u0000",
  '\\"',
  '""',
  "null",
  "true",
  "false",
  "{}",
  "[]",
  '"input":',
  '"attempts":[',
  "},{",
  "],[",
  '","',
  "1e9",
  "<&>",
];

/** @type {((random: Random, line: string, at: number, other: string) => string)[]} */
const kinds = [
  /* A bit is flipped.       */ (random, line, at) =>
    replace(line, at, 1, String.fromCharCode(line.charCodeAt(at) ^ (1 << random.below(8)))),
  /* A byte is another.      */ (random, line, at) =>
    replace(line, at, 1, String.fromCharCode(random.below(256))),
  /* A byte is a token.      */ (random, line, at) => replace(line, at, 1, random.pick(tokens)),
  /* A token is inserted.    */ (random, line, at) => replace(line, at, 0, random.pick(tokens)),
  /* A byte is lost.         */ (_, line, at) => replace(line, at, 1, ""),
  /* A run is lost.          */ (random, line, at) => replace(line, at, random.between(2, 40), ""),
  /* A run is doubled.       */ (random, line, at) =>
    replace(line, at, 0, line.slice(at, at + random.between(1, 60))),
  /* A run is copied.        */ (random, line, at) => replace(line, at, 0, cut(random, line)),
  /* Two lines are spliced.  */ (random, line, at, other) =>
    line.slice(0, at) + other.slice(random.below(other.length)),
  /* A run of another line.  */ (random, line, at, other) =>
    replace(line, at, 0, cut(random, other)),
  /* The end is lost.        */ (_, line, at) => line.slice(0, at),
  /* The start is lost.      */ (_, line, at) => line.slice(at),
  /* NULs in place of bytes. */ (random, line, at) => {
    const run = random.between(1, 8);
    return replace(line, at, run, "\0".repeat(run));
  },
];

/**
 * Damages a line in one to three places.
 *
 * @param {Random} random
 * @param {string} line a byte string
 * @param {string} other another line, to splice in
 */
export function damaged(random, line, other) {
  for (let times = random.pick([1, 1, 1, 2, 3]); times > 0; times--) {
    line = random.pick(kinds)(random, line, random.below(line.length), other);
  }
  return line;
}

/**
 * @param {string} line
 * @param {number} at
 * @param {number} length
 * @param {string} by
 */
function replace(line, at, length, by) {
  return line.slice(0, at) + by + line.slice(at + length);
}

/**
 * @param {Random} random
 * @param {string} line
 */
function cut(random, line) {
  const start = random.below(line.length);
  return line.slice(start, start + random.between(1, 80));
}
