// Takes canonical lines from the core. src/wasm/lines.rs defines the numbers.

import { LINE_END } from "../line-end.js";
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

/**
 * Puts lines in order.
 *
 * @param {Uint8Array[]} chunks whole lines
 * @param {Uint32Array} order where each of the lines, one after the other, stands in the result
 * @returns {PlainBytes}
 */
export function linesInOrder(chunks, order) {
  /** @type {Uint8Array[]} */
  const lines = new Array(order.length);
  let count = 0;
  let length = 0;
  for (const chunk of chunks) {
    length += chunk.length;
    for (let start = 0; start < chunk.length; ) {
      const end = chunk.indexOf(LINE_END, start) + 1;
      lines[order[count]] = chunk.subarray(start, end);
      count += 1;
      start = end;
    }
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const line of lines) {
    all.set(line, at);
    at += line.length;
  }
  return all;
}
