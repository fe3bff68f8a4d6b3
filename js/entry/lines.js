// Takes canonical lines from the core. src/wasm/lines.rs defines the numbers.

import { bytesAt, numbersAt } from "../wasm/core.js";

/** @import { LinesChunk, PlainBytes } from "../types.js" */

/** @typedef {{ bytes: PlainBytes, facts: LinesChunk & { end: number } }} Lines */

/** How many numbers the core has about lines. */
const FACTS = 7;

/**
 * Copies lines out of the core.
 *
 * @param {{ lines_at(): number }} holder an object of the core
 * @returns {Lines}
 */
export function takeLines(holder) {
  const [at, length, lines, timestamps, invalidUtf8, loneSurrogates, end] = numbersAt(
    holder.lines_at(),
    FACTS,
  );
  const changed = { timestamps, invalidUtf8, loneSurrogates };
  return { bytes: bytesAt(at, length).slice(), facts: { lines, end, changed } };
}
