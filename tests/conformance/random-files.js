import { damaged } from "./random-damage.js";
import { randomLine } from "./random-lines.js";

/** @import { Random } from "./random.js" */

/** The longest line, in bytes, that Go's scanner accepts. */
const longest = 2 ** 20 - 1;

/**
 * Makes files of a few lines, some of them damaged, with all kinds of line ends.
 *
 * @param {Random} random
 * @param {number} count
 * @returns {Generator<Buffer>}
 */
export function* randomFiles(random, count) {
  for (let i = 0; i < count; i++) {
    let file = "";
    for (let lines = random.below(8); lines > 0; lines--)
      file += fileLine(random) + lineEnd(random);
    if (random.chance(0.3)) file = file.slice(0, -1);
    if (random.chance(0.15)) file = damaged(random, file || "\n", file);
    yield Buffer.from(file, "latin1");
  }
}

/** @param {Random} random */
function fileLine(random) {
  if (random.chance(0.01)) return longLine(random);
  const line = random.chance(0.1)
    ? randomLine(random)
    : randomLine(random, { sloppiness: random.pick([0, 0.1]), wrong: 0, mistyped: 0 });
  // Most lines lose their newlines, which are blanks to the decoder but end a line of the file.
  return random.chance(0.9) ? line.replaceAll("\n", " ") : line;
}

/** @param {Random} random */
function longLine(random) {
  const [before, after] = ['{"session_id":"long","message":"', '"}'];
  return (
    before + "m".repeat(longest - before.length - after.length + random.between(-3, 3)) + after
  );
}

/** @param {Random} random */
function lineEnd(random) {
  if (random.chance(0.8)) return "\n";
  return random.pick([
    "\r\n",
    "\r\n",
    "\n\n",
    "\n\r\n",
    "\r",
    "\r\r\n",
    "\n \n",
    "\n\0\0\0\n",
    "\v\n",
    "\xe2\x80\xa8",
    "",
  ]);
}
